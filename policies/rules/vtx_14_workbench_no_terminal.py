"""A workbench offers no terminal.

What: the metadata ``notebook-disable-terminal`` is true. The notebook offers a terminal otherwise.

Why: what is done in a terminal is in no notebook that somebody could review. A notebook can still start commands, so
this is a hedge and no wall.

Fix: write ``notebook-disable-terminal: "true"`` into ``gceSetup.metadata``.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

INSTANCE = "gcp:workbench/instance:Instance"

RULE = ResourceRule(
    id="VTX-14",
    title="Workbench: terminal off",
    severity=Severity.LOW,
    types=(INSTANCE,),
    check=equals("gceSetup.metadata.notebook-disable-terminal", True, absent=False),
    covers=(
        "constraints/ainotebooks.disableTerminal",
        "VAI-CO-4.4",
    ),
    packs=("hardened",),
    failing=(
        example("Google's default", INSTANCE, {"gceSetup": {"metadata": {"idle-timeout-seconds": "1800"}}}),
        example("left on", INSTANCE, {"gceSetup": {"metadata": {"notebook-disable-terminal": "false"}}}),
    ),
    passing=(example("off", INSTANCE, {"gceSetup": {"metadata": {"notebook-disable-terminal": "true"}}}),),
)
