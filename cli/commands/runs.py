"""List, show and compare runs, and read the logs of their steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import TypeVar, cast

import click

from ...core import clock
from ...core.errors import NotFoundError
from ...lifecycle.contract.run import Run, StepRun
from ..command import command as make_command
from ..command import group
from ..output import Output
from ..result import Result
from ..session import Session

SECTION = "model"

T = TypeVar("T")

_AT_ONCE = 8
_TRACKED = {"local": "mlflow run", "azureml": "azure ml job", "vertex": "pipeline job"}
"""What the experiment log of a platform calls a run."""
_STATUSES = ("running", "succeeded", "failed", "cancelled", "interrupted", "damaged")

command = group(
    "runs",
    help="The experiment log: what ran, from what, and how it ended. RUN is an id, the start of one, or 'latest'.",
    examples="""
    groundplan runs list
    groundplan runs show latest
    """,
)


@make_command(
    "list",
    parent=command,
    examples="""
    groundplan runs list
    groundplan runs list --status failed --limit 5
    """,
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    envvar="GROUNDPLAN_LIMIT",
    help="How many, newest first.",
)
@click.option("--status", type=click.Choice(_STATUSES), help="Only those that ended so.  [default: all]")
@click.option("--pipeline", metavar="NAME", help="Only those of this pipeline.  [default: all]")
def list_runs(session: Session, limit: int, status: str | None, pipeline: str | None) -> Result:  # fmt: skip
    """List the runs, newest first."""
    known = session.platform(session.config()).runs.list()
    chosen = status is not None or pipeline is not None
    read = _read(known, _AT_ONCE if chosen else limit)
    matching = (run for run in read if status in (None, run.status) and pipeline in (None, run.pipeline))
    shown = list(islice(matching, limit))
    total = _total(known, shown, limit, chosen=chosen)

    def text(output: Output) -> None:
        if not shown:
            output.line("no run matches" if chosen else "no runs; groundplan run makes one")
            return
        output.table(
            ("run", "pipeline", "status", "started", "time", "metrics"),
            [
                (run.id, run.pipeline, run.status, clock.for_people(run.started), clock.duration(run.seconds),
                 "  ".join(f"{name}={value:.4g}" for name, value in list(run.metrics.items())[:3]))
                for run in shown
            ],
        )  # fmt: skip
        if total is None:
            output.message(f"there may be more; --limit {2 * limit} looks further", "dim")
        elif total > len(shown):
            output.message(f"{total - len(shown)} more; --limit {total} shows all", "dim")

    return Result(
        data={"runs": [_summary(run) for run in shown], "total": total},
        text=text,
        next=[f"groundplan runs show {shown[0].id}"] if shown else ["groundplan run"],
        warnings=[f"run {run.id}: {run.error}" for run in shown if run.status == "damaged"],
    )


@make_command(
    "show",
    parent=command,
    examples="""
    groundplan runs show latest
    groundplan runs show latest --format json
    """,
)
@click.argument("run", metavar="RUN", default="latest")
def show(session: Session, run: str) -> Result:
    """Show one run: its steps, parameters, metrics, and what it was made from."""
    resolved = session.config()
    found, platform = session.platform(resolved).runs.get(run), resolved.config.platform

    def text(output: Output) -> None:
        output.fields(_heading(found, platform))
        output.line()
        output.table(
            ("step", "status", "time", "outputs"),
            [
                (step.name, step.status, clock.duration(step.seconds) if step.seconds else "", _outputs(step))
                for step in found.steps.values()
            ],
        )
        for title, values in (("parameters", found.parameters), ("metrics", found.metrics), ("data", found.data)):
            if values:
                output.line()
                output.line(title, "bold")
                output.fields((name, str(value)) for name, value in values.items())

    failed = [step.name for step in found.steps.values() if step.status in ("failed", "timed-out")]
    commands = [f"groundplan runs logs {found.id} {name}" for name in failed] or [f"groundplan runs logs {found.id}"]
    return Result(data={"run": asdict(found)}, text=text, next=commands)


@make_command(
    "compare",
    parent=command,
    examples="""
    groundplan runs compare latest 20261121-0830
    """,
)
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
def compare(session: Session, first: str, second: str) -> Result:
    """Compare two runs: parameters, metrics with their differences, and whether data, code and config changed."""
    runs = session.platform(session.config()).runs
    one, other = runs.get(first), runs.get(second)
    metrics = [
        {"name": name, "a": before, "b": after,
         "difference": None if before is None or after is None else after - before}
        for name, before, after in _paired(one.metrics, other.metrics)
    ]  # fmt: skip
    parameters = [
        {"name": name, "a": before, "b": after, "changed": before != after or type(before) is not type(after)}
        for name, before, after in _paired(one.parameters, other.parameters)
    ]
    changed = _changed(one, other)

    rows = [(str(row["name"]), _cell(row["a"]), _cell(row["b"]), _difference(row["difference"])) for row in metrics]
    rows += [(str(row["name"]), _cell(row["a"]), _cell(row["b"]), "changed") for row in parameters if row["changed"]]

    def text(output: Output) -> None:
        output.table(("", one.id, other.id, "difference"), rows)
        output.fields((name, "changed" if is_changed else "the same") for name, is_changed in changed.items())

    data = {"a": _summary(one), "b": _summary(other), "metrics": metrics, "parameters": parameters, "changed": changed}
    return Result(data=data, text=text)


@make_command(
    "logs",
    parent=command,
    examples="""
    groundplan runs logs latest
    groundplan runs logs latest train
    """,
)
@click.argument("run", metavar="RUN", default="latest")
@click.argument("step", metavar="[STEP]", required=False)
def logs(session: Session, run: str, step: str | None) -> Result:
    """Print what a run's steps printed; without STEP that of every step that ran."""
    runs = session.platform(session.config()).runs
    found = runs.get(run)
    names = [step] if step else [name for name, one in found.steps.items() if one.log is not None]
    if not names:
        raise _nothing_printed(found)
    texts = {name: runs.log(found.id, name).read_text(encoding="utf-8", errors="replace") for name in names}

    def text(output: Output) -> None:
        for name, content in texts.items():
            if step is None:
                output.line(f"--- {name}", "bold")
            for line in content.splitlines():
                output.line(line)

    return Result(
        data={"run": found.id, "logs": [{"step": name, "text": content} for name, content in texts.items()]}, text=text
    )


def _nothing_printed(run: Run) -> NotFoundError:
    if all(step.status == "cached" for step in run.steps.values()):
        return NotFoundError(
            f"no step of run {run.id} ran; all were taken from the cache", hint="groundplan run --force runs them."
        )
    return NotFoundError(f"no step of run {run.id} has started", hint=f"groundplan runs show {run.id}")


def _read(known: Sequence[Run], at_once: int) -> Iterator[Run]:
    """Run after run, newest first; so many of a cloud's are asked for together, as each answer takes its time."""
    from ...lifecycle.recorded import together

    for first in range(0, len(known), at_once):
        yield from together.each(known.__getitem__, range(first, min(first + at_once, len(known))))


def _total(known: Sequence[Run], shown: Sequence[Run], limit: int, *, chosen: bool) -> int | None:
    """How many there are; None where that would mean to read all to see which of them match."""
    if not chosen:
        return len(known)
    return None if len(shown) == limit else len(shown)


def _summary(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "pipeline": run.pipeline,
        "environment": run.environment,
        "status": run.status,
        "started": run.started,
        "seconds": run.seconds,
        "metrics": dict(run.metrics),
        "models": dict(run.models),
        "error": run.error,
    }


def _heading(run: Run, platform: str) -> list[tuple[str, str]]:
    commit = (
        f"{run.code.commit[:12]}{' with changes' if run.code.dirty else ''}" if run.code.commit else "no git commit"
    )
    rows = [
        ("run", run.id),
        ("pipeline", f"{run.pipeline} ({run.environment})"),
        ("status", run.status),
        ("started", f"{clock.for_people(run.started)} by {run.user or 'nobody known'}"),
        ("time", clock.duration(run.seconds)),
        ("code", commit),
        ("config", run.config_digest),
        ("python", f"{run.python} with {len(run.packages)} packages" if run.python else "that of each step's image"),
        ("models", ", ".join(f"{name} {version}" for name, version in run.models.items()) or "none registered"),
        (_TRACKED[platform], run.mlflow_run_id or "not on record"),
    ]
    return [*rows, ("error", run.error)] if run.error else rows


def _outputs(step: StepRun) -> str:
    return ", ".join(f"{name} ({output.type})" for name, output in step.outputs.items()) or step.error


def _paired(first: Mapping[str, T], second: Mapping[str, T]) -> list[tuple[str, T | None, T | None]]:
    return [(name, first.get(name), second.get(name)) for name in sorted({*first, *second})]


def _changed(one: Run, other: Run) -> dict[str, bool]:
    return {
        "data": dict(one.data) != dict(other.data),
        "code": one.code.digest != other.code.digest,
        "config": one.config_digest != other.config_digest,
        "packages": dict(one.packages) != dict(other.packages) or one.python != other.python,
    }


def _cell(value: object) -> str:
    return "" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


def _difference(value: object) -> str:
    return "" if value is None else f"{cast('float', value):+.4g}"
