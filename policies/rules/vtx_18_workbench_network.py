"""A workbench is in an approved network.

What: the network of each interface is in ``networks``, by its name or as it is written in full. While that list is
empty, any network passes but the ``default`` one, in which Google puts a machine that names none.

Why: the default network lets SSH and RDP in from everywhere; a network that nobody reviewed may too.

Fix: set ``network.access: private`` in groundplan.yaml, or name a network of yours in ``gceSetup.networkInterfaces``.

Decided: a network of the same program is your own. With ``networks`` set, its name must be known to be judged.
"""

from ..outcome import Outcome, failed, passed, unknown
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT, Secret, Unknown

INSTANCE = "gcp:workbench/instance:Instance"


def _check(resource: Resource, facts: Facts) -> Said:
    allowed = facts.texts("networks")
    found = list(resource.each("gceSetup.networkInterfaces[].network"))
    return [_judged(path, network, allowed) for path, network in found] or _judged(
        "gceSetup.networkInterfaces", ABSENT, allowed
    )


def _judged(path: str, network: object, allowed: tuple[str, ...]) -> Outcome:
    expected = " or ".join(allowed) or "a network of your own"
    if isinstance(network, (Unknown, Secret)):
        own = isinstance(network, Unknown) and network.of and not allowed
        return passed(path, network) if own else unknown(path, expected)
    if network in (ABSENT, ""):
        return failed(path, "not set, which means default", expected)
    name = str(network).rpartition("/")[2]
    good = name in allowed or network in allowed if allowed else name != "default"
    return passed(path, network) if good else failed(path, network, expected)


RULE = ResourceRule(
    id="VTX-18",
    title="Workbench: approved network",
    severity=Severity.MEDIUM,
    types=(INSTANCE,),
    check=_check,
    covers=("constraints/ainotebooks.restrictVpcNetworks",),
    packs=("baseline", "hardened"),
    options={"networks": Option(default=(), help="names of the networks that are allowed; none: all but default")},
    remedy="network.access: private",
    failing=(
        example("Google's default", INSTANCE, {"gceSetup": {}}),
        example(
            "the default network",
            INSTANCE,
            {"gceSetup": {"networkInterfaces": [{"network": "projects/p/global/networks/default"}]}},
        ),
        example(
            "a network that is not allowed",
            INSTANCE,
            {"gceSetup": {"networkInterfaces": [{"network": "projects/p/global/networks/play"}]}},
            settings={"networks": ("ml",)},
        ),
    ),
    passing=(
        example(
            "one's own", INSTANCE, {"gceSetup": {"networkInterfaces": [{"network": "projects/p/global/networks/ml"}]}}
        ),
        example(
            "one that is allowed",
            INSTANCE,
            {"gceSetup": {"networkInterfaces": [{"network": "projects/p/global/networks/ml"}]}},
            settings={"networks": ("ml",)},
        ),
        example("one of the same program", INSTANCE, {"gceSetup": {"networkInterfaces": [{"network": "${vpc.id}"}]}}),
    ),
)
