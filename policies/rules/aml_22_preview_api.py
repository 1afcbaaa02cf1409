"""No machine-learning resource is made through a preview of Azure's API.

What: the type's token names no preview version. One that names no version at all gets the provider's own, which passes.

Why: a preview has no guarantee, changes without notice and is taken away on short notice; then neither an update nor a
deletion works.

Fix: use the class without a version, or a version without ``preview`` in its name.

Decided: some of the provider's unversioned classes stand on a preview themselves. That is the provider's choice, cannot
be seen in the token, and changes with its releases, so it passes.
"""

from ..outcome import failed, passed
from ..resource import Resource
from ..rule import Facts, ResourceRule, Said, Severity, example

WORKSPACE = "azure-native:machinelearningservices:Workspace"


def _check(resource: Resource, _facts: Facts) -> Said:
    package_and_module = resource.token.rpartition(":")[0].lower()
    if "preview" in package_and_module:
        return failed("", resource.token, "a type of a stable API version")
    return passed("", resource.token)


RULE = ResourceRule(
    id="AML-22",
    title="No preview API version of a machine-learning type",
    severity=Severity.LOW,
    types=("azure-native:machinelearningservices:*",),
    check=_check,
    covers=("pulumi-compliance:349-generated",),
    packs=("baseline", "hardened"),
    failing=(
        example("a preview", "azure-native:machinelearningservices/v20250701preview:Workspace", {}),
        example(
            "a package for a preview",
            "azure-native_machinelearningservices_v20250701preview:machinelearningservices:OnlineEndpoint",
            {},
        ),
    ),
    passing=(
        example("no version", WORKSPACE, {}),
        example("a stable version", "azure-native:machinelearningservices/v20240401:Workspace", {}),
    ),
)
