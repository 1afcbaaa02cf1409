"""Show what the stacks of a cloud export."""

from __future__ import annotations

import click

from ..command import command as make_command
from ..options import environments_option
from ..output import Output
from ..result import Result
from ..session import Session

SECTION = "infrastructure"


@make_command(
    "outputs",
    examples="""
    groundplan outputs
    groundplan outputs --environment dev --format json
    """,
)
@environments_option("Show this stack; may be repeated.  [default: shared and the first environment]")
@click.option("--show-secrets", is_flag=True, help="Show secrets in plain text.  [default: off]")
def command(session: Session, environments: tuple[str, ...], show_secrets: bool) -> Result:
    """Show ids, names and addresses of what was provisioned. Secrets read [secret] unless they are asked for."""
    from ..provisioning import cloud
    from ..provisioning.shown import named

    opened = cloud.open_cloud(session)
    found = {stack: opened.driver.outputs(stack, show_secrets=show_secrets) for stack in opened.choose(environments)}

    def text(output: Output) -> None:
        for stack, values in found.items():
            output.line(stack, "bold")
            output.fields([(f"  {name}", value) for name, value in named(values)])

    return Result(
        data={
            "project": opened.project,
            "stacks": [{"stack": name, "outputs": dict(one)} for name, one in found.items()],
        },
        text=text,
        warnings=opened.warnings,
    )
