"""Who works on a workbench is not root there.

What: the metadata ``notebook-disable-root`` is true. Google gives the notebook's user root rights otherwise.

Why: root can switch off the agents that patch and watch the machine, and read what other software on it keeps.

Fix: write ``notebook-disable-root: "true"`` into ``gceSetup.metadata``; groundplan's workstations have it.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

INSTANCE = "gcp:workbench/instance:Instance"

RULE = ResourceRule(
    id="VTX-12",
    title="Workbench: root off",
    severity=Severity.MEDIUM,
    types=(INSTANCE,),
    check=equals("gceSetup.metadata.notebook-disable-root", True, absent=False),
    covers=(
        "constraints/ainotebooks.disableRootAccess",
        "VAI-CO-4.3",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("Google's default", INSTANCE, {"gceSetup": {"metadata": {"idle-timeout-seconds": "1800"}}}),
        example("left on", INSTANCE, {"gceSetup": {"metadata": {"notebook-disable-root": "false"}}}),
    ),
    passing=(example("off", INSTANCE, {"gceSetup": {"metadata": {"notebook-disable-root": "true"}}}),),
)
