"""It can be told who made an image.

What: ``policies.trustPolicy.status`` is enabled, or the setting ``signed_with`` names what signs and verifies the
images instead. Where the status is absent Azure takes disabled.

Why: whoever gets at the registry can otherwise put another image under a name that production pulls.

Fix: sign images with Notation in the pipeline that builds them, verify them before they are deployed, and name it in
the setting ``signed_with`` of this rule.

Decided: published rules ask for content trust. Azure refuses it for registries that have not used it before, never
had it together with a key of your own, and removes it on 31 March 2028. What replaces it are signatures beside the
image, which no property of a registry shows, so a person has to say that there are any.
"""

from __future__ import annotations

from ..conditions import folded, outcomes_of, satisfies
from ..outcome import Verdict, not_applicable, worst
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example

REGISTRY = "azure-native:containerregistry:Registry"

_trusts = satisfies(
    "policies.trustPolicy.status",
    lambda status: folded(status) == "enabled",
    "enabled, or the rule's setting signed_with",
    absent="disabled",
)


def _check(registry: Resource, facts: Facts) -> Said:
    trusted = worst(outcomes_of(_trusts(registry, facts)))
    if trusted.verdict is not Verdict.PASS and facts.text("signed_with"):
        return not_applicable(f"its images are signed with {facts.text('signed_with')}, which no property shows")
    return trusted


RULE = ResourceRule(
    id="ACR-05",
    title="Images of a container registry are signed",
    severity=Severity.MEDIUM,
    types=(REGISTRY,),
    check=_check,
    covers=(
        "CKV_AZURE_164",
        "Azure.ACR.ContentTrust",
    ),
    packs=("hardened",),
    options={
        "signed_with": Option(default="", help="what signs and verifies the images, such as notation; none when empty")
    },
    failing=(
        example("Azure's default", REGISTRY, {}),
        example("off", REGISTRY, {"policies": {"trustPolicy": {"status": "disabled"}}}),
    ),
    passing=(
        example("content trust", REGISTRY, {"policies": {"trustPolicy": {"status": "enabled", "type": "Notary"}}}),
    ),
)
