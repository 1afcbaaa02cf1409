"""What came of an operation on a cloud: a table for people, plain values for machines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from ...core import clock
from ...core.exit_codes import ExitCode
from ...stacks.engine.steps import CHANGES, UNDONE, Change, Outcome, Step
from ..output import Output, problem_data
from ..result import Result

_DID: Mapping[Change, str] = {
    "create": "created", "update": "updated", "replace": "replaced", "delete": "deleted", "import": "imported",
    "same": "unchanged", "read": "read",
}  # fmt: skip


_TOLD = ("steps", "unsupported")


def result(project: str, outcomes: Sequence[Outcome], *, warnings: Sequence[str], next: Sequence[str]) -> Result:
    """The result of operations on stacks, one after the other; the first that failed gives the exit code."""
    errors = [one.error for one in outcomes if one.error is not None]
    drifted = any(one.operation == "drift" and one.changes for one in outcomes)
    fine = ExitCode.CHANGES_PRESENT if drifted else ExitCode.DONE
    return Result(
        data={"project": project, "stacks": [data(one) for one in outcomes]},
        text=lambda output: _write(output, outcomes),
        warnings=[*warnings, *(text for one in outcomes for text in one.messages)],
        errors=[problem_data(error.code, problem) for error in errors for problem in error.problems],
        exit_code=errors[0].exit_code if errors else fine,
        next=next,
    )


def data(outcome: Outcome) -> dict[str, object]:
    """An outcome as JSON carries it."""
    return {
        "stack": outcome.stack,
        "operation": outcome.operation,
        "ok": outcome.error is None,
        "seconds": round(outcome.seconds, 3),
        "counts": outcome.counts,
        "steps": [_step(step) for step in outcome.changes],
        "outputs": dict(outcome.outputs),
        "after": [{"title": one.title, "reason": one.reason, "command": one.command} for one in outcome.after],
    }


def table(output: Output, outcome: Outcome) -> None:
    """The steps that change something at the cloud, and how many of each kind there are."""
    rows = [step for step in outcome.changes if not step.is_bookkeeping]
    output.table(("stack", "resource", "type", "", "time", ""), [_cells(outcome, step) for step in rows])
    output.line(summary(outcome))


def summary(outcome: Outcome) -> str:
    """One line: what was or would be done, how long it took."""
    counted = outcome.counts
    done = [f"{counted[change]} {_word(outcome, change)}" for change in CHANGES if change in counted]
    counts = ", ".join([*done, *(f"{counted[status]} {status}" for status in UNDONE if status in counted)])
    return f"{outcome.stack}: {counts or 'nothing there'}  ({clock.duration(outcome.seconds)})"


def named(outputs: Mapping[str, object]) -> list[tuple[str, str]]:
    """A stack's outputs for people, by dotted name; without what plans and ``status`` tell in words."""
    return [pair for name, value in outputs.items() if name not in _TOLD for pair in _named(name, value)]


def _named(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, entry in cast("Mapping[str, object]", value).items():
            yield from _named(f"{name}.{key}", entry)
    elif isinstance(value, str):
        yield name, value
    else:
        yield name, json.dumps(value, ensure_ascii=False)


def _write(output: Output, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        table(output, outcome)
        if outcome.operation == "up":
            output.fields([(f"  {name}", value) for name, value in named(outcome.outputs)])
        for step in outcome.after:
            output.line(f"after up: {step.title}: {step.reason}")
            if step.command:
                output.line(f"  $ {step.command}", "dim")
        if outcome.error is not None:
            output.error(outcome.error, command=outcome.operation)


def _word(outcome: Outcome, change: Change) -> str:
    would = outcome.operation in ("preview", "drift") and change not in ("same", "read")
    if would and outcome.operation == "preview":
        return f"to {change}"
    return {"update": "changed", "delete": "gone"}.get(change, _DID[change]) if would else _DID[change]


def _cells(outcome: Outcome, step: Step) -> tuple[str, ...]:
    if step.status in ("failed", "not started"):
        what = f"{step.change} {step.status}"
    else:
        what = _word(outcome, step.change).removeprefix("to ")
    why = ", ".join(step.replaced_by or step.changed)
    detail = "exists, but is not ready" if step.degraded else why
    time = clock.duration(step.seconds) if step.seconds else ""
    return (outcome.stack, step.name, step.type, what, time, detail)


def _step(step: Step) -> dict[str, object]:
    return {
        "change": step.change,
        "status": step.status,
        "urn": step.urn,
        "name": step.name,
        "type": step.type,
        "changed": list(step.changed),
        "replaced_by": list(step.replaced_by),
        "protect": step.protect,
        "degraded": step.degraded,
        "seconds": round(step.seconds, 3),
        "error": step.error,
    }
