"""How a run ended that did not succeed, as an error: the steps that failed, each with the last it printed."""

from __future__ import annotations

from ..core import files
from ..core.errors import CancelledError, Problem, StepFailedError, TimeoutReachedError
from .contract.run import Run, StepRun


def demand_success(run: Run) -> Run:
    """The run. Raises StepFailedError, TimeoutReachedError, CancelledError for one that did not succeed."""
    if run.status == "succeeded":
        return run
    if run.status == "cancelled":
        done = sum(step.status in ("succeeded", "cached") for step in run.steps.values())
        raise CancelledError(
            f"cancelled; {done} of {len(run.steps)} steps are done and kept",
            hint="groundplan run goes on from there.",
        )
    failed = [step for step in run.steps.values() if step.status in ("failed", "timed-out")]
    problems = [_problem(run, step) for step in failed]
    if not problems:
        hint = f"groundplan runs show {run.id}  shows what is known of it."
        raise StepFailedError(f"run {run.id} failed: {run.error or 'no step says why'}", hint=hint)
    kind = TimeoutReachedError if all(step.status == "timed-out" for step in failed) else StepFailedError
    raise kind(problems[0].message, where=problems[0].where, hint=problems[0].hint, problems=problems)


def error_of(run: Run) -> str:
    """What is wrong with a run, in the words of the first of its steps that failed; else ""."""
    first = next((step for step in run.steps.values() if step.status in ("failed", "timed-out")), None)
    return "" if first is None else f"step {first.name!r}: {first.error}"


def _problem(run: Run, step: StepRun) -> Problem:
    return Problem(
        message=f"step {step.name!r} failed: {step.error}",
        where=str(step.log or ""),
        hint=f"groundplan runs logs {run.id} {step.name}  shows all it printed; groundplan run goes on from there.",
        excerpt="\n".join(files.tail(step.log)) if step.log is not None and step.log.exists() else "",
    )
