"""Take down what up made."""

from __future__ import annotations

import click

from ...core.errors import UsageError
from ..command import command as make_command
from ..options import environments_option
from ..provisioning.cloud import limit_options
from ..result import Result
from ..session import Session

SECTION = "infrastructure"


@make_command(
    "destroy",
    examples="""
    groundplan destroy --dry-run
    groundplan destroy --yes
    groundplan destroy --environment dev --confirm churn
    """,
)
@environments_option("Destroy this stack; may be repeated.  [default: the first environment and shared]")
@click.option("-y", "--yes", is_flag=True, envvar="GROUNDPLAN_YES", help="Do not ask, on the laptop.  [default: ask]")
@click.option(
    "--confirm", default="", metavar="NAME", envvar="GROUNDPLAN_CONFIRM",
    help="The project's name, in the place of typing it when asked, on a cloud.  [default: ask]",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, envvar="GROUNDPLAN_DRY_RUN", help="Only say what would go.  [default: off]")
@click.option(
    "--unprotect",
    multiple=True,
    metavar="URN",
    envvar="GROUNDPLAN_UNPROTECT",
    help="Take the protection from this resource first; may be repeated.  [default: none]",
)
@click.option(
    "--no-undeploy", is_flag=True, envvar="GROUNDPLAN_NO_UNDEPLOY",
    help="Leave the models on their endpoints, and do not look for them.  [default: undeploy them first]",
)  # fmt: skip
@limit_options
def command(
    session: Session,
    environments: tuple[str, ...],
    yes: bool,
    confirm: str,
    dry_run: bool,
    unprotect: tuple[str, ...],
    no_undeploy: bool,
    timeout: float | None,
    lock_timeout: float,
) -> Result:
    """Stop every endpoint, then remove what up made; the project's own files stay.

    On the laptop that is .groundplan/ with its runs, models and logs; on a terminal it asks first, elsewhere it
    needs --yes.

    On a cloud it is every resource of the stacks. What is protected stops it before anything is deleted, the models on
    the endpoints are shown and the project's name must be typed; then the models are undeployed, which may take as long
    as --timeout says and half an hour without it, and the rest is deleted. The names that the cloud keeps for a while
    are told.
    """
    config = session.config()
    if config.config.platform == "local":
        from ..provisioning import local_destroy

        if environments or confirm or unprotect or no_undeploy:
            raise UsageError(
                "--environment, --confirm, --unprotect and --no-undeploy are for clouds",
                where=config.origins["platform"].where,
                hint="groundplan destroy",
            )
        return local_destroy.destroy(session, config, yes=yes, dry_run=dry_run)
    from ..provisioning import cloud, cloud_destroy

    opened = cloud.open_cloud(session, timeout=timeout, lock_timeout=lock_timeout)
    options = cloud_destroy.DestroyOptions(
        confirm=confirm, dry_run=dry_run, undeploy=not no_undeploy, unprotect=frozenset(unprotect)
    )
    return cloud_destroy.destroy(opened, environments, options)
