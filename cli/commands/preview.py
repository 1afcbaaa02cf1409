"""Preview with the real engine what up would do on a cloud."""

from __future__ import annotations

from pathlib import Path

import click

from ..command import command as make_command
from ..options import environments_option
from ..provisioning.cloud import limit_options, policies_option
from ..result import Result
from ..session import Session

SECTION = "infrastructure"


@make_command(
    "preview",
    examples="""
    groundplan preview
    groundplan preview --environment dev --out plan.json
    groundplan preview --format json
    """,
)
@environments_option("Preview this stack; may be repeated.  [default: shared and the first environment]")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save it, to be reviewed and run by up --plan.  [default: not saved]",
)
@policies_option
@limit_options
def command(
    session: Session, environments: tuple[str, ...], out: Path | None, no_policies: bool, timeout: float | None,
    lock_timeout: float,
) -> Result:  # fmt: skip
    """Ask the engine what it would create, change, replace and delete. Changes no resource.

    Unlike groundplan plan it needs the engine, the state and credentials, and knows what is there already. The policy
    rules are asked about the plan first, then by the engine, which knows more; an enforced one that fails ends it with
    5.
    """
    from ..provisioning import cloud, cloud_up

    return cloud_up.preview(
        cloud.open_cloud(session, timeout=timeout, lock_timeout=lock_timeout), environments, out,
        no_policies=no_policies,
    )  # fmt: skip
