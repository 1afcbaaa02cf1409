"""Provision the platform and start what should be served."""

from __future__ import annotations

from pathlib import Path

import click

from ...core.errors import UsageError
from ..command import command as make_command
from ..options import environments_option
from ..provisioning.cloud import limit_options, policies_option
from ..result import Result
from ..session import Session

SECTION = "infrastructure"


@make_command(
    "up",
    examples="""
    groundplan up
    groundplan up --dry-run
    groundplan up --environment dev --yes
    groundplan up --plan plan.json
    groundplan up --format json
    """,
)
@environments_option("Bring this stack up; may be repeated.  [default: shared and the first environment]")
@click.option("-y", "--yes", is_flag=True, envvar="GROUNDPLAN_YES", help="Do not ask.  [default: ask, on a cloud]")
@click.option(
    "--dry-run", is_flag=True, envvar="GROUNDPLAN_DRY_RUN", help="Only say what would be done.  [default: off]"
)
@click.option(
    "--plan",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="GROUNDPLAN_PLAN",
    help="Run what this saved preview or plan says, and nothing else.  [default: what is previewed now]",
)
@click.option(
    "--allow-replace",
    multiple=True,
    metavar="URN",
    envvar="GROUNDPLAN_ALLOW_REPLACE",
    help="Let this resource be replaced, deleted or cut down with what it holds; may be repeated.  [default: none]",
)
@click.option(
    "--retries",
    type=click.IntRange(min=0),
    default=3,
    metavar="N",
    envvar="GROUNDPLAN_RETRIES",
    help="How often to try again, ever more slowly, what is likely to pass by itself.  [default: 3]",
)
@policies_option
@limit_options
def command(
    session: Session,
    environments: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    plan: Path | None,
    allow_replace: tuple[str, ...],
    retries: int,
    no_policies: bool,
    timeout: float | None,
    lock_timeout: float,
) -> Result:
    """Provision the platform that the config names, then start every deployment that should serve.

    On the laptop what is there already stays as it is, so it can be run again at any time: after a restart of the
    machine it brings the endpoints back.

    On a cloud it shows what the engine would do and asks; what was approved is what runs. It stops before anything
    that holds data is replaced or deleted, and before less than half of the machines are left that work or serve, and
    ends with 5 before anything is changed when an enforced policy rule
    fails. When all that failed is of a kind that passes, such as throttling or a
    right that is not in effect everywhere yet, it waits and tries again.
    """
    config = session.config()
    if config.config.platform == "local":
        from ..provisioning import local_up

        if environments or plan or allow_replace:
            raise UsageError(
                "--environment, --plan and --allow-replace are for clouds; the laptop has one stack",
                where=config.origins["platform"].where,
                hint="groundplan up",
            )
        return local_up.up(session, config, dry_run=dry_run)
    from ..provisioning import cloud, cloud_up

    opened = cloud.open_cloud(session, timeout=timeout, lock_timeout=lock_timeout)
    options = cloud_up.UpOptions(
        yes=yes, dry_run=dry_run, retries=retries, plan=plan, no_policies=no_policies, allowed=frozenset(allow_replace)
    )
    return cloud_up.up(opened, environments, options)
