"""A workbench does not run as the default account.

What: ``gceSetup.serviceAccounts`` names an account, and not the one that Google makes for Compute Engine or App
Engine. Without an account Google takes Compute Engine's.

Why: the default account is often an editor of the whole project; what a notebook runs then is too.

Fix: make a service account for the machine and name it. groundplan's workstations run as the workspace's identity.
"""

from ..principals import own_account
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example
from ..values import ABSENT

INSTANCE = "gcp:workbench/instance:Instance"


def _check(resource: Resource, _facts: Facts) -> Said:
    found = list(resource.each("gceSetup.serviceAccounts[].email"))
    return [own_account(path, email) for path, email in found] or own_account("gceSetup.serviceAccounts", ABSENT)


def _running_as(email: str) -> dict[str, object]:
    return {"gceSetup": {"serviceAccounts": [{"email": email}]}}


RULE = ResourceRule(
    id="VTX-19",
    title="Workbench: not the default service account",
    severity=Severity.HIGH,
    types=(INSTANCE,),
    check=_check,
    packs=("baseline", "hardened"),
    failing=(
        example("Google's default", INSTANCE, {"gceSetup": {}}),
        example("Compute Engine's", INSTANCE, _running_as("12-compute@developer.gserviceaccount.com")),
        example("App Engine's", INSTANCE, _running_as("p@appspot.gserviceaccount.com")),
    ),
    passing=(
        example("an account of its own", INSTANCE, _running_as("desk@p.iam.gserviceaccount.com")),
        Example(
            name="an account of the same program",
            resources=[
                {"type": INSTANCE, "name": "desk", "properties": _running_as("${account.email}")},
                {"type": "gcp:serviceaccount/account:Account", "name": "account", "properties": {"accountId": "desk"}},
            ],
        ),
    ),
)
