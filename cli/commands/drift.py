"""Say how the cloud differs from the state, and change nothing."""

from __future__ import annotations

from ..command import command as make_command
from ..options import environments_option
from ..provisioning.cloud import limit_options
from ..result import Result
from ..session import Session

SECTION = "infrastructure"


@make_command(
    "drift",
    examples="""
    groundplan drift
    groundplan drift --environment prod --format json
    """,
)
@environments_option("Look at this stack; may be repeated.  [default: shared and the first environment]")
@limit_options
def command(session: Session, environments: tuple[str, ...], timeout: float | None, lock_timeout: float) -> Result:
    """Compare every resource of the stacks with what the cloud has. Exits with 7 when something differs.

    The state stays as it is. What was changed by hand is put back by up, or accepted by refresh.
    """
    from ..provisioning import cloud, shown

    opened = cloud.open_cloud(session, timeout=timeout, lock_timeout=lock_timeout)
    outcomes = [opened.driver.drift(stack) for stack in opened.choose(environments)]
    found = any(one.changes for one in outcomes)
    return shown.result(
        opened.project, outcomes, warnings=opened.warnings,
        next=["groundplan up", "groundplan refresh"] if found else [],
    )  # fmt: skip
