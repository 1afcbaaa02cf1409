"""A workbench is upgraded by a schedule.

What: the metadata ``notebook-upgrade-schedule`` holds a schedule, in the form of cron. Nothing is upgraded otherwise.

Why: a notebook machine lives for years and keeps the holes of the day on which it was made.

Fix: write such as ``notebook-upgrade-schedule: "00 19 * * MON"`` into ``gceSetup.metadata``.
"""

from ..conditions import matches
from ..rule import ResourceRule, Severity, example

INSTANCE = "gcp:workbench/instance:Instance"
KEY = "notebook-upgrade-schedule"

RULE = ResourceRule(
    id="VTX-15",
    title="Workbench: upgrade schedule",
    severity=Severity.MEDIUM,
    types=(INSTANCE,),
    check=matches(f"gceSetup.metadata.{KEY}", r"\s*\S+(\s+\S+){4}\s*", "five cron fields, such as 00 19 * * MON"),
    covers=("constraints/ainotebooks.requireAutoUpgradeSchedule",),
    packs=("hardened",),
    failing=(
        example("Google's default", INSTANCE, {"gceSetup": {"metadata": {}}}),
        example("no schedule", INSTANCE, {"gceSetup": {"metadata": {KEY: "weekly"}}}),
    ),
    passing=(example("every Monday", INSTANCE, {"gceSetup": {"metadata": {KEY: "00 19 * * MON"}}}),),
)
