"""Who may use a workbench is settled: one person, or whoever may act as its own service account.

What: ``instanceOwners`` names exactly one person; or it names nobody, and ``gceSetup.serviceAccounts`` names an
account that is not Compute Engine's default one. ``modes`` says which of the two ways are allowed.

Why: with neither, everybody who may act as the default account, often half of a company, can open the notebook and
work with its rights.

Fix: name one owner in ``instanceOwners``, or a service account made for this machine. groundplan does both.

Decided: organisation policies name the mode in metadata. Google reserves that key (``proxy-mode``), so the properties
that set the mode are asked instead.
"""

from ..outcome import Outcome, failed, passed, unknown
from ..principals import own_account
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT, Secret, Unknown

INSTANCE = "gcp:workbench/instance:Instance"
EMAIL = "gceSetup.serviceAccounts[].email"


def _check(resource: Resource, facts: Facts) -> Said:
    owners = [owner for _, owner in resource.each("instanceOwners[]")]
    if any(isinstance(owner, (Unknown, Secret)) for owner in owners):
        return unknown("instanceOwners", "one owner or none")
    if owners:
        return _single(owners, facts)
    if "service-account" not in facts.texts("modes"):
        return failed("instanceOwners", ABSENT, "exactly one owner")
    accounts = [own_account(path, email) for path, email in resource.each(EMAIL)]
    return accounts or failed("instanceOwners", ABSENT, "exactly one owner, or a service account of its own")


def _single(owners: list[object], facts: Facts) -> Outcome:
    if "single-user" not in facts.texts("modes"):
        return failed("instanceOwners", owners, "no owner, and a service account of its own")
    if len(owners) > 1:
        return failed("instanceOwners", owners, "exactly one owner")
    return passed("instanceOwners", owners)


RULE = ResourceRule(
    id="VTX-16",
    title="Workbench: access mode",
    severity=Severity.MEDIUM,
    types=(INSTANCE,),
    check=_check,
    covers=("constraints/ainotebooks.accessMode", "VAI-CO-4.1"),
    packs=("baseline", "hardened"),
    options={
        "modes": Option(
            default=("single-user", "service-account"),
            help="the ways that are allowed: single-user, service-account",
        ),
    },
    failing=(
        example("nobody and nothing named", INSTANCE, {"gceSetup": {}}),
        example("two owners", INSTANCE, {"instanceOwners": ["ada@example.com", "bob@example.com"]}),
        example(
            "the default account",
            INSTANCE,
            {"gceSetup": {"serviceAccounts": [{"email": "12-compute@developer.gserviceaccount.com"}]}},
        ),
        example(
            "one owner where service accounts are asked for",
            INSTANCE,
            {"instanceOwners": ["ada@example.com"]},
            settings={"modes": ("service-account",)},
        ),
        example(
            "a service account where one owner is asked for",
            INSTANCE,
            {"gceSetup": {"serviceAccounts": [{"email": "desk@p.iam.gserviceaccount.com"}]}},
            settings={"modes": ("single-user",)},
        ),
    ),
    passing=(
        example("one owner", INSTANCE, {"instanceOwners": ["ada@example.com"]}),
        example(
            "a service account of its own",
            INSTANCE,
            {"gceSetup": {"serviceAccounts": [{"email": "desk@p.iam.gserviceaccount.com"}]}},
        ),
        Example(
            name="a service account of the same program",
            resources=[
                {
                    "type": INSTANCE,
                    "name": "desk",
                    "properties": {"gceSetup": {"serviceAccounts": [{"email": "${account.email}"}]}},
                },
                {"type": "gcp:serviceaccount/account:Account", "name": "account", "properties": {"accountId": "desk"}},
            ],
        ),
    ),
)
