"""Show what the config would provision, offline: no engine, no credentials, no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import UsageError
from ...core.exit_codes import ExitCode
from ..command import command as make_command
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...stacks.config.resolved import Resolved
    from ...stacks.planning.comparison import ResourceChange
    from ...stacks.planning.plan import Plan

SECTION = "infrastructure"

_FORMATS = {
    "markdown": "for a pull request",
    "mermaid": "a flow chart in Markdown",
    "svg": "a picture",
}


@make_command(
    "plan",
    formats=_FORMATS,
    examples="""
    groundplan plan
    groundplan plan --environment prod --verbose
    groundplan plan --all --out plan.json
    groundplan plan --all --against plan.json --format markdown
    groundplan plan --format svg > plan.svg
    """,
)
@click.option(
    "-E", "--environment", "environments", multiple=True, envvar="GROUNDPLAN_ENVIRONMENT", metavar="NAME",
    help="An environment, or 'shared'; can be repeated.  [default: shared and the first environment]",
)  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Every stack.  [default: off]")
@click.option("--out", metavar="FILE", help="Save the plan as well.  [default: not saved]")
@click.option("--against", metavar="FILE", help="Show what changed since a saved plan.  [default: the whole plan]")
@click.option("--exit-code", is_flag=True, help="End with 7 when --against finds a change.  [default: off]")
def command(
    session: Session, environments: Sequence[str], everything: bool, out: str | None, against: str | None,
    exit_code: bool, format: str,
) -> Result:  # fmt: skip
    """Run the stacks' programs offline and show every resource, what is unknown until up, and who gains what.

    Each resource is held against the cloud's own rules as groundplan knows them; what the cloud would refuse is an
    error with the line of the config that caused it. With platform: local it shows what up would make here.
    """
    if exit_code and against is None:
        raise UsageError("--exit-code needs --against", hint="groundplan plan --against plan.json --exit-code")
    if everything and environments:
        raise UsageError("--all is every environment already", hint="Leave out --environment, or --all.")
    document, existing = _document(session, environments, everything)
    if document is None:
        return _local(session, format)
    return _Shown(document, existing, session.folder).result(out, against, format, exit_code=exit_code)


def _document(
    session: Session, environments: Sequence[str], everything: bool
) -> tuple[Mapping[str, Any] | None, list[str]]:
    """The plan as saved plans are, from the cache when nothing changed, and all stacks; None for the laptop."""
    from ...stacks.planning import cache

    kept = cache.entry(session.folder, ["--all"] if everything else list(environments))
    found = kept.document()
    if found is not None:
        return found["plan"], found["existing"]
    configs, stacks = _selected(session, environments, everything)
    if configs is None:
        return None, []
    from ...stacks.planning import planning, saving
    from ..progress import working

    with working(session.output, f"planning {', '.join(stacks)}"):
        document = saving.document(planning.plans(configs, stacks))
    kept.keep({"plan": document, "existing": list(configs)}, configs)
    return document, list(configs)
