"""Files do not leave a workbench through the browser.

What: the metadata ``notebook-disable-downloads`` is true. The notebook offers downloads otherwise.

Why: with downloads, whatever a notebook can read is two clicks away from a private laptop.

Fix: write ``notebook-disable-downloads: "true"`` into ``gceSetup.metadata``.
"""

from ..conditions import equals
from ..rule import ResourceRule, Severity, example

INSTANCE = "gcp:workbench/instance:Instance"

RULE = ResourceRule(
    id="VTX-13",
    title="Workbench: file download off",
    severity=Severity.MEDIUM,
    types=(INSTANCE,),
    check=equals("gceSetup.metadata.notebook-disable-downloads", True, absent=False),
    covers=(
        "constraints/ainotebooks.disableFileDownloads",
        "VAI-CO-4.2",
    ),
    packs=("hardened",),
    failing=(
        example("Google's default", INSTANCE, {"gceSetup": {"metadata": {"idle-timeout-seconds": "1800"}}}),
        example("left on", INSTANCE, {"gceSetup": {"metadata": {"notebook-disable-downloads": "false"}}}),
    ),
    passing=(example("off", INSTANCE, {"gceSetup": {"metadata": {"notebook-disable-downloads": "true"}}}),),
)
