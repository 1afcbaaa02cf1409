"""What was approved is what runs: a preview as a file that can be reviewed, and how another preview differs from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ...core import files
from ...core.errors import NotFoundError, PolicyError, Problem, UsageError
from ...modules.contract.planned import Secret, Unknown
from .events import SECRET, UNKNOWN
from .steps import Outcome, Step

SCHEMA = "groundplan.approval/1"


@dataclass(frozen=True, kw_only=True)
class ApprovedStep:
    """A step that was approved: the change, the resource, the digest of what is known of its inputs."""

    op: str
    urn: str
    inputs: str


@dataclass(frozen=True, kw_only=True)
class Approval:
    """What may run for one stack.

    From a preview: exactly ``steps``. From an offline plan: ``resources``, each with its properties, and no other;
    that plan knows no state, so it cannot say what is made anew, changed or unchanged, and approves no removal.
    """

    stack: str
    steps: tuple[ApprovedStep, ...] = ()
    resources: Mapping[str, Mapping[str, object]] | None = None


def of(outcome: Outcome) -> Approval:
    """The approval of what a preview showed."""
    return Approval(stack=outcome.stack, steps=tuple(_approved(step) for step in outcome.changes))


def write(path: Path, project: str, outcomes: Sequence[Outcome]) -> None:
    """Save previews to be reviewed; the same previews give the same bytes."""
    stacks = [
        {
            "stack": one.stack,
            "steps": [
                {"op": step.op, "urn": step.urn, "inputs": step.inputs}
                for step in sorted(of(one).steps, key=lambda step: step.urn)
            ],
        }
        for one in outcomes
    ]
    files.write_json(path, {"schema": SCHEMA, "project": project, "stacks": stacks})


def read(path: Path, *, project: str) -> Mapping[str, Approval]:
    """By stack, what ``preview --out`` or ``plan --out`` saved. Raises NotFoundError, UsageError."""
    try:
        content = cast("Mapping[str, Any]", json.loads(path.read_text(encoding="utf-8")))
        if content.get("schema") != SCHEMA:
            return _of_plans(path, project)
        _check_project(path, content["project"], project)
        return {one["stack"]: _of_preview(one) for one in content["stacks"]}
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no plan {path}", hint=f"groundplan preview --out {path}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path} holds no plan that groundplan saved", where=str(path), hint=f"groundplan preview --out {path}"
        ) from error


def differences(approved: Approval, outcome: Outcome) -> tuple[Problem, ...]:
    """How a preview differs from what was approved, one sentence for each resource."""
    if approved.resources is not None:
        return tuple(_beside_plan(approved.resources, outcome.steps))
    return tuple(_beside_preview(approved.steps, of(outcome).steps))


def refuse(stack: str, found: Sequence[Problem]) -> None:
    """Raises PolicyError with all differences when there is one."""
    if found:
        raise PolicyError(
            f"what would run on stack {stack} is not what was approved: {len(found)} differences",
            problems=[Problem(message=f"not what was approved for stack {stack}: {one.message}", where=one.where,
                              hint="Review again: groundplan preview --out FILE, then groundplan up --plan FILE.")
                      for one in found],
        )  # fmt: skip


def _approved(step: Step) -> ApprovedStep:
    return ApprovedStep(op=step.change, urn=step.urn, inputs=step.digest)


def _of_preview(one: Mapping[str, Any]) -> Approval:
    steps = tuple(ApprovedStep(op=step["op"], urn=step["urn"], inputs=step["inputs"]) for step in one["steps"])
    return Approval(stack=one["stack"], steps=steps)


def _of_plans(path: Path, project: str) -> Mapping[str, Approval]:
    from ..planning import saving

    plans = saving.read(path)
    for plan in plans:
        _check_project(path, plan.project, project)
    return {
        plan.stack: Approval(stack=plan.stack, resources={one.urn: one.properties for one in plan.resources})
        for plan in plans
    }


def _check_project(path: Path, found: str, project: str) -> None:
    if found != project:
        raise UsageError(
            f"the plan is one of project {found}, not {project}", where=str(path), hint="groundplan preview --out FILE"
        )


def _beside_preview(approved: Sequence[ApprovedStep], found: Sequence[ApprovedStep]) -> list[Problem]:
    before = {step.urn: step for step in approved}
    after = {step.urn: step for step in found}
    problems: list[Problem] = []
    for urn in sorted({*before, *after}):
        old, new = before.get(urn), after.get(urn)
        if new is None:
            assert old is not None  # noqa: S101 it came from one of the two
            problems.append(Problem(message=f"{old.op} was approved and would not happen", where=urn))
        elif old is None:
            problems.append(Problem(message=f"{new.op} was not approved", where=urn))
        elif old.op != new.op:
            problems.append(Problem(message=f"{old.op} was approved, {new.op} would happen", where=urn))
        elif old.inputs != new.inputs:
            problems.append(Problem(message=f"{new.op} would have other inputs", where=urn))
    return problems


def _beside_plan(planned: Mapping[str, Mapping[str, object]], steps: Sequence[Step]) -> list[Problem]:
    problems: list[Problem] = []
    there = {step.urn: step for step in steps if step.change not in ("delete", "read") and not _is_pulumi(step.urn)}
    problems.extend(
        Problem(message="it was planned and is not there", where=urn)
        for urn in sorted(planned.keys() - there.keys())
        if not _is_pulumi(urn)
    )
    for step in steps:
        if step.change == "delete" and not step.is_bookkeeping:
            problems.append(Problem(message="delete was not approved; an offline plan cannot", where=step.urn))
        elif step.urn in there and step.urn not in planned:
            problems.append(Problem(message=f"{step.change} was not planned", where=step.urn))
        elif step.urn in there and not step.is_bookkeeping:
            other = [name for name, value in planned[step.urn].items() if not _same(value, step.inputs.get(name))]
            if other:
                problems.append(Problem(message=f"other values of {', '.join(sorted(other))}", where=step.urn))
    return problems


def _is_pulumi(urn: str) -> bool:
    """Stacks, providers and references to stacks are the engine's own."""
    return urn.split("::")[2].rpartition("$")[2].startswith("pulumi:")


def _same(planned: object, found: object) -> bool:
    """Whether a property is what was planned, as far as that was known; what a provider adds is no difference."""
    if isinstance(planned, Unknown | Secret) or found in (SECRET, UNKNOWN):
        return True
    if isinstance(planned, Mapping) and isinstance(found, Mapping):
        entries, others = cast("Mapping[str, object]", planned), cast("Mapping[str, object]", found)
        return all(_same(entry, others.get(key)) for key, entry in entries.items())
    if isinstance(planned, Sequence) and isinstance(found, Sequence) and not isinstance(planned, str):
        own, other = cast("Sequence[object]", planned), cast("Sequence[object]", found)
        return len(own) == len(other) and all(_same(one, two) for one, two in zip(own, other, strict=True))
    return planned == found
