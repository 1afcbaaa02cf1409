"""A workspace is not in v1 legacy mode, unless that is what one wants.

What: ``v1LegacyMode`` is not true; with the setting ``legacy`` it is.

Why: legacy mode keeps the v2 API, and with it endpoints, registries and managed networks, out of the workspace. It once
was how v1 kept its traffic within a virtual network.

Fix: groundplan does so by itself. Elsewhere set ``v1LegacyMode: false`` on the workspace.

Decided: the published rule asks for the opposite, true, to isolate v1 networks. v1 is retired and private endpoints
isolate v2, so false is the default here; ``legacy: true`` asks for the published one.
"""

from ..conditions import folded, judged
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example

WORKSPACE = "azure-native:machinelearningservices:Workspace"
MODE = "v1LegacyMode"


def _check(workspace: Resource, facts: Facts) -> Said:
    wanted = str(facts.on("legacy")).lower()
    return judged(MODE, workspace.get(MODE), lambda found: folded(found) == wanted, wanted, absent=False)


RULE = ResourceRule(
    id="AML-09",
    title="Workspace not in v1 legacy mode",
    severity=Severity.LOW,
    types=(WORKSPACE,),
    check=_check,
    options={"legacy": Option(default=False, help="Whether workspaces have to be in v1 legacy mode.")},
    covers=("azp:e413671a-dd10-4cc1-a943-45b598596cb7",),
    packs=("baseline", "hardened"),
    failing=(
        example("legacy mode", WORKSPACE, {MODE: True}),
        example("legacy mode is asked for and off", WORKSPACE, {MODE: False}, settings={"legacy": True}),
        example("legacy mode is asked for and absent", WORKSPACE, {}, settings={"legacy": True}),
    ),
    passing=(
        example("Azure's default", WORKSPACE, {}),
        example("off", WORKSPACE, {MODE: False}),
        example("legacy mode is asked for", WORKSPACE, {MODE: True}, settings={"legacy": True}),
    ),
)
