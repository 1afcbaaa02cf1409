"""Show what the config would provision, offline: no engine, no credentials, no network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import NotFoundError, UsageError
from ...core.exit_codes import ExitCode
from ...core.suggestions import did_you_mean
from ..command import command as make_command
from ..options import environments_option
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...modules.contract.rules import TypeRules
    from ...stacks.config.resolved import Resolved
    from ...stacks.planning.comparison import ResourceChange
    from ...stacks.planning.plan import Plan

SECTION = "infrastructure"

_EVERY = "--all"

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
@environments_option("An environment, or 'shared'; can be repeated.  [default: shared and the first environment]")
@click.option(_EVERY, "everything", is_flag=True, help="Every stack.  [default: off]")
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
    document = _document(session, [_EVERY] if everything else environments)
    if document is None:
        return _local(session, format, asked=out or against)
    before = _saved(session, against)
    result = _result(document["plan"], document["stacks"], before, format)
    if out is not None:
        from ...stacks.planning import saving

        saving.write(session.folder / out, saving.parsed(document["plan"], Path(out)))
        session.output.message(f"saved {out}", "dim")
    changed = bool(result.data["changes"])
    return replace(result, exit_code=ExitCode.CHANGES_PRESENT) if exit_code and changed else result


def _document(session: Session, wanted: Sequence[str]) -> Mapping[str, Any] | None:
    """The plan as saved plans are, and the names of all stacks; from the cache when nothing changed.

    None for the laptop, which has no stacks.
    """
    from ...stacks.planning import cache

    kept = cache.entry(session.folder, wanted)
    found = kept.document()
    if found is not None:
        return found
    from ...stacks.config.reading import read_stacks

    configs = read_stacks(session.folder)
    if next(iter(configs.values())).config.platform == "local":
        return None
    from ...stacks.planning import planning, saving
    from ..progress import working

    stacks = _selected(wanted, configs)
    with working(session.output, f"planning {', '.join(stacks)}"):
        plan = saving.document(planning.plans(configs, stacks))
    document = {"plan": plan, "stacks": list(configs)}
    kept.keep(document, configs)
    return document


def _selected(wanted: Sequence[str], configs: Mapping[str, Resolved]) -> list[str]:
    """The stacks to plan, in the order of the config. Raises NotFoundError for a name that is none."""
    names = list(configs)
    for name in wanted:
        if name not in (*names, _EVERY):
            raise NotFoundError(f"there is no environment {name!r}", hint=did_you_mean(name, names))
    if not wanted:
        return names[:2]
    return [name for name in names if name in wanted or _EVERY in wanted]


def _saved(session: Session, against: str | None) -> tuple[Plan, ...] | None:
    if against is None:
        return None
    from ...stacks.planning import saving

    return saving.read(session.folder / against)


def _result(plan: Mapping[str, Any], existing: Sequence[str], before: tuple[Plan, ...] | None, format: str) -> Result:
    if format == "json" and before is None:
        return Result(data={**plan, "changes": None, "resources": []}, text=_nothing)
    from ...stacks.planning import comparison, rules, saving
    from ..reports.plans.data import changes_data

    plans = saving.parsed(plan, Path())
    known = rules.of_platform(plans[0].platform)
    changes = None if before is None else comparison.compared(before, plans, known, existing=existing)
    return Result(
        data={**plan, "changes": None if changes is None else changes_data(changes), "resources": []},
        text=_writer(format, plans, known, changes),
        warnings=_not_compared(plans, before),
        next=["groundplan preview", "groundplan up"] if format == "text" else [],
    )


def _writer(
    format: str, plans: Sequence[Plan], rules: Mapping[str, TypeRules], changes: Sequence[ResourceChange] | None
) -> Callable[[Output], None]:
    from ..reports.plans import markdown, mermaid, svg, text

    def write(output: Output) -> None:
        if format == "markdown":
            output.line(markdown.render(plans, rules, changes).rstrip())
        elif format == "mermaid":
            output.line(mermaid.render(plans, rules).rstrip())
        elif format == "svg":
            output.line(svg.render(plans, rules).rstrip())
        elif changes is not None:
            text.write_changes(output, changes)
        else:
            text.write(output, plans, rules)

    return write


def _not_compared(plans: Sequence[Plan], before: Sequence[Plan] | None) -> list[str]:
    """Stacks of the saved plan that were not planned now."""
    missing = [one.stack for one in before or () if one.stack not in [plan.stack for plan in plans]]
    return [f"not compared, since not planned now: {', '.join(missing)}"] if missing else []


def _nothing(_output: Output) -> None:
    """JSON has no text."""


def _local(session: Session, format: str, *, asked: str | None) -> Result:
    """What ``up --dry-run`` shows."""
    from ...core.layout import Layout
    from ...modules.local import platform as local
    from ..reports.plans import local as report

    if asked is not None or format not in ("text", "json"):
        raise UsageError(
            "platform: local has no stacks to save, compare or draw",
            hint="groundplan plan shows what up would make on this machine.",
        )
    config = session.config()
    layout, project = Layout(config.root), config.config.project
    local.check_place(layout)
    plan = local.plan(layout, project=project)
    changes = any(one.outcome != "unchanged" for one in plan)
    return Result(
        data={
            "format": 1, "project": project, "platform": "local", "stacks": [], "changes": None,
            "resources": [report.resource_data(one) for one in plan],
        },
        text=lambda output: report.write(output, plan),
        next=["groundplan up"] if changes else [],
    )  # fmt: skip
