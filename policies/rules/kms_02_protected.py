"""A key is not destroyed by the way.

What: the key is protected (Pulumi's option ``protect``), or its ``deletionPolicy`` is PREVENT or ABANDON. Otherwise
the provider destroys every version when the resource goes.

Why: what is encrypted with a destroyed key is gone for good, on every disk and in every backup.

Fix: set ``protect: true`` in the resource's options; groundplan protects its key.

Decided: the published rule knows Terraform's ``prevent_destroy``; Pulumi's ``protect`` does the same.
"""

from ..conditions import equals, outcomes_of
from ..outcome import Verdict, failed, passed, worst
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example

KEY = "gcp:kms/cryptoKey:CryptoKey"
_KEPT = equals("deletionPolicy", "PREVENT", "ABANDON", absent="DELETE")


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.protect:
        return passed("options.protect", True)
    kept = worst(outcomes_of(_KEPT(resource, facts)))
    return kept if kept.verdict is not Verdict.FAIL else failed("options.protect", False, "true")


RULE = ResourceRule(
    id="KMS-02",
    title="Key protected from deletion",
    severity=Severity.LOW,
    types=(KEY,),
    check=_check,
    covers=("CKV_GCP_82",),
    packs=("baseline", "hardened"),
    failing=(
        example("not protected", KEY, {"name": "platform"}),
        example("to be deleted", KEY, {"deletionPolicy": "DELETE"}),
    ),
    passing=(
        Example(name="protected", resources=[{"type": KEY, "name": "platform", "properties": {}, "protect": True}]),
        example("deletion refused", KEY, {"deletionPolicy": "PREVENT"}),
        example("left where it is", KEY, {"deletionPolicy": "ABANDON"}),
    ),
)
