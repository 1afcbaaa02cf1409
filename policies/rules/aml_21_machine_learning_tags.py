"""A workspace and a registry say by tags whose they are.

What: ``tags`` holds at least one.

Why: who answers for a resource, who pays for it and how careful one must be with it is asked when something is wrong;
without tags nobody knows.

Fix: groundplan does so by itself, from ``owner`` and ``governance`` in groundplan.yaml. Elsewhere set ``tags``.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

WORKSPACE = "azure-native:machinelearningservices:Workspace"
REGISTRY = "azure-native:machinelearningservices:Registry"

RULE = ResourceRule(
    id="AML-21",
    title="Machine-learning resources tagged",
    severity=Severity.LOW,
    types=(WORKSPACE, REGISTRY),
    check=is_set("tags", "at least one tag"),
    covers=("machinelearning/mlWorkspaceHasTags", "machinelearning/mlRegistryHasTags", "Azure.Resource.UseTags"),
    packs=("baseline", "hardened"),
    remedy="owner: <team or e-mail address>",
    failing=(
        example("a workspace without any", WORKSPACE, {}),
        example("a registry with none in it", REGISTRY, {"tags": {}}),
    ),
    passing=(
        example("a workspace", WORKSPACE, {"tags": {"owner": "ml-platform@example.com"}}),
        example("a registry", REGISTRY, {"tags": {"owner": "ml-platform@example.com"}}),
    ),
)
