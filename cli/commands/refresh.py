"""Write into the state what the cloud has now."""

from __future__ import annotations

from ..command import command as make_command
from ..options import environments_option
from ..provisioning.cloud import limit_options
from ..result import Result
from ..session import Session

SECTION = "infrastructure"


@make_command(
    "refresh",
    examples="""
    groundplan refresh
    groundplan refresh --environment dev
    """,
)
@environments_option("Refresh this stack; may be repeated.  [default: shared and the first environment]")
@limit_options
def command(session: Session, environments: tuple[str, ...], timeout: float | None, lock_timeout: float) -> Result:
    """Read every resource of the stacks from the cloud and note in the state what it is now.

    Changes no resource. The next up then brings back what the config says; groundplan drift only looks.
    """
    from ..provisioning import cloud, shown

    opened = cloud.open_cloud(session, timeout=timeout, lock_timeout=lock_timeout)
    outcomes = [opened.driver.refresh(stack) for stack in opened.choose(environments)]
    return shown.result(opened.project, outcomes, warnings=opened.warnings, next=["groundplan preview"])
