"""Takes the stacks of a cloud down: everything that forbids it is found before anything is deleted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import click

from ...core.errors import GroundplanError, PolicyError, Problem, UsageError
from ...modules.contract.context import SHARED
from ...stacks.engine import hazards
from ...stacks.engine.state import StackState, StateResource
from ...stacks.engine.steps import Outcome, Step
from ..output import Output
from ..result import Result
from . import disabling, shown, undeploying, unwatching
from .cloud import Cloud

_ENDPOINTS = ("OnlineEndpoint", "AiEndpoint")


@dataclass(frozen=True, kw_only=True)
class DestroyOptions:
    """What a user said beside the names of environments."""

    confirm: str = ""
    dry_run: bool = False
    undeploy: bool = True
    unprotect: Collection[str] = field(default_factory=frozenset[str])


def destroy(cloud: Cloud, asked: Sequence[str], options: DestroyOptions) -> Result:
    """Destroy these stacks, the shared one last. Raises PolicyError before anything is deleted."""
    stacks = tuple(reversed(cloud.choose(asked, left_over=True)))
    found = {stack: cloud.safe_state(stack) for stack in stacks}
    states = {stack: state for stack, state in found.items() if state is not None and state.resources}
    _check_shared(cloud, stacks)
    _check_protected(states, options.unprotect)
    reserved = [one for state in states.values() for one in hazards.reserved(state.resources, cloud.rules)]
    deployed = undeploying.find(cloud, states, skip=not options.undeploy)
    going = _Going(states=states, deployed=deployed, reserved=reserved)
    if options.dry_run or not states:
        return _result(cloud, [_planned(state) for state in states.values()], going, done=False)
    _tell(cloud, going, asks=not options.confirm)
    _confirm(cloud, options)
    outcomes: list[Outcome] = []
    for state in states.values():
        outcome = _take_down(cloud, state, going, options.unprotect)
        outcomes.append(outcome)
        if outcome.error is not None:
            break
    return _result(cloud, outcomes, going, done=True)


@dataclass(frozen=True, kw_only=True)
class _Going:
    """What goes: the stacks' states, the models on their endpoints, the names that stay taken.

    ``undeployed`` and ``left`` are what became of it: the models that are gone, and what could not be removed.
    """

    states: Mapping[str, StackState]
    deployed: undeploying.Found
    reserved: Sequence[hazards.Reserved]
    undeployed: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    left: list[str] = field(default_factory=list[str])


def _check_shared(cloud: Cloud, stacks: Sequence[str]) -> None:
    if SHARED not in stacks:
        return
    there = (*(name for name in cloud.configs if cloud.is_up(name)), *cloud.left_over)
    left = [name for name in there if name not in stacks]
    if left:
        raise PolicyError(
            f"the shared stack is needed by {', '.join(left)}, which would stay",
            hint=f"groundplan destroy -e {left[0]} first, or leave the shared stack out with -e.",
        )


def _check_protected(states: Mapping[str, StackState], unprotect: Collection[str]) -> None:
    known = {one.urn for state in states.values() for one in state.resources if one.protect}
    strange = sorted(set(unprotect) - known)
    if strange:
        raise UsageError(
            f"nothing protected has the URN {strange[0]}", hint="groundplan destroy names those that there are."
        )
    kept = [one for state in states.values() for one in state.resources if one.protect and one.urn not in unprotect]
    if kept:
        problems = [
            Problem(
                message=f"{one.name} ({one.type}) is protected; nothing was deleted",
                where=one.urn,
                hint=f"groundplan destroy --unprotect '{one.urn}'",
            )
            for one in kept
        ]
        raise PolicyError(problems[0].message, problems=problems)


def _tell(cloud: Cloud, going: _Going, *, asks: bool) -> None:
    """What goes; who is asked sees it also where messages are off."""
    output = Output(verbosity=cloud.session.output.verbosity) if asks else cloud.session.output
    for state in going.states.values():
        for hazard in hazards.of_state(state.resources, cloud.rules):
            output.message(f"  {hazard.sentence}", "warn")
        for sentence in going.deployed.sentences(state):
            output.message(f"  {sentence}; it is undeployed first", "warn")
        for one in _endpoints(state):
            output.message(f"  models on {one.name} stop to answer; traffic to it fails from then on", "warn")
    if going.deployed.skipped:
        output.message(f"  {undeploying.SKIPPED}", "warn")
    for one in going.reserved:
        output.message(f"  {_reserved_line(one)}")


def _endpoints(state: StackState) -> list[StateResource]:
    return [one for one in state.resources if one.type.endswith(_ENDPOINTS)]


def _confirm(cloud: Cloud, options: DestroyOptions) -> None:
    """Severe: the project's name is typed; a yes alone does not suffice."""
    if options.confirm:
        if options.confirm != cloud.project:
            raise UsageError(
                f"--confirm {options.confirm} is not the name of this project",
                hint=f"groundplan destroy --confirm {cloud.project}",
            )
        return
    if not cloud.session.interactive:
        raise UsageError(
            "destroy deletes resources of a cloud for good, and nobody can be asked here",
            hint=f"groundplan destroy --confirm {cloud.project} (groundplan destroy --dry-run shows what would go)",
        )
    answer: str = click.prompt(f"Type {cloud.project} to delete all of this", default="", show_default=False, err=True)
    if answer.strip() != cloud.project:
        raise click.Abort


def _take_down(cloud: Cloud, state: StackState, going: _Going, unprotect: Collection[str]) -> Outcome:
    try:
        if not going.deployed.skipped:
            endpoints = [one.id for one in _endpoints(state) if one.id]
            going.left.extend(unwatching.unwatch(cloud, state.stack, endpoints))
            going.left.extend(disabling.disable(cloud, state))
        undeploying.undeploy(cloud, state, going.deployed, going.undeployed)
    except GroundplanError as error:
        untouched = [replace(step, status="not started") for step in _planned(state).steps]
        return replace(_planned(state), steps=tuple(untouched), error=error)
    urns = tuple(one.urn for one in state.resources if one.urn in unprotect)
    cloud.driver.unprotect(state.stack, urns)
    cloud.tell(f"destroying {state.stack}", "dim")
    done = cloud.note(cloud.driver.destroy(state.stack))
    _note_reserved(cloud, state, done)
    if done.error is None:
        return done
    began = {step.urn for step in done.steps}
    left = [replace(step, status="not started") for step in _planned(state).steps if step.urn not in began]
    return replace(done, steps=(*done.steps, *left))


def _note_reserved(cloud: Cloud, state: StackState, done: Outcome) -> None:
    """So that a plan can warn of a name that is still taken."""
    from ...stacks.engine.recovery_journal import Journal

    gone = {step.urn for step in done.steps if step.change == "delete" and step.status == "done"}
    journal = Journal(project=cloud.driver.project)
    for one in hazards.reserved([one for one in state.resources if one.urn in gone], cloud.rules):
        journal.note_reserved(state.stack, one.type, one.name, days=one.days, purge=one.purge)


def _planned(state: StackState) -> Outcome:
    steps = [
        Step(change="delete", urn=one.urn, type=one.type, protect=one.protect) for one in reversed(state.resources)
    ]
    return Outcome(operation="destroy", stack=state.stack, steps=tuple(steps))


def _result(cloud: Cloud, outcomes: Sequence[Outcome], going: _Going, *, done: bool) -> Result:
    failed = any(one.error is not None for one in outcomes)
    again = ["groundplan destroy"] if outcomes and (failed or not done) else []
    warnings = [*cloud.warnings, *going.left, *([undeploying.SKIPPED] if going.deployed.skipped and outcomes else [])]
    result = shown.result(cloud.project, outcomes, warnings=warnings, next=again)

    def text(output: Output) -> None:
        if not outcomes:
            output.line("nothing to remove")
        elif not done:
            output.line("would remove", "bold")
            for state in going.states.values():
                for sentence in going.deployed.sentences(state):
                    output.line(f"{sentence}; it would be undeployed first")
        result.text(output)
        for one in going.reserved:
            output.line(_reserved_line(one))

    data = {
        **result.data,
        "removed": done and not failed,
        "deployed": going.deployed.data(going.undeployed),
        "reserved": [
            {"name": one.name, "type": one.type, "days": one.days, "purge": one.purge} for one in going.reserved
        ],
    }
    return replace(result, data=data, text=text)


def _reserved_line(one: hazards.Reserved) -> str:
    purge = f"; to free it: {one.purge}" if one.purge else ""
    return f"the name {one.name} ({one.type}) stays taken for {one.days} days{purge}"
