"""Brings the stacks of a cloud up: each is previewed, its losses are refused, its preview approved, then it runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from ...core.errors import GroundplanError, PolicyError, UsageError
from ...modules.contract.context import SHARED
from ...modules.contract.planned import PlannedResource
from ...stacks.causes import Places
from ...stacks.engine import approval, hazards, retrying
from ...stacks.engine.approval import Approval
from ...stacks.engine.state import StackState
from ...stacks.engine.steps import Outcome
from ...stacks.planning.plan import Plan
from ..output import Output
from ..result import Result
from . import disabling, policies, shown
from .cloud import Cloud, by_urn, joined
from .policies import Policies


@dataclass(frozen=True, kw_only=True)
class UpOptions:
    """What a user said beside the names of environments; ``retries`` are attempts after the first one."""

    yes: bool = False
    dry_run: bool = False
    retries: int = 0
    plan: Path | None = None
    no_policies: bool = False
    allowed: Collection[str] = field(default_factory=frozenset[str])


def up(cloud: Cloud, asked: Sequence[str], options: UpOptions) -> Result:
    """Bring these stacks up, the shared one first, also unasked where the others need it."""
    stacks = cloud.choose(asked)
    if SHARED not in stacks and not cloud.is_up(SHARED):
        cloud.tell(f"{', '.join(stacks)} needs the shared stack, which is not up yet: it comes first")
        stacks = (SHARED, *stacks)
    plans = cloud.plans(stacks)
    rules = policies.ask(cloud, plans, off=options.no_policies)
    if options.dry_run:
        return _dry_run(cloud, stacks, plans, rules)
    if not (options.yes or options.plan or cloud.session.interactive):
        raise UsageError(
            "up changes a cloud, and nobody can be asked here",
            hint="groundplan up --yes, or groundplan preview --out plan.json and groundplan up --plan plan.json",
        )
    approved = _approved(cloud, stacks, options)
    outcomes: list[Outcome] = []
    for stack in stacks:
        try:
            outcome = _bring_up(cloud, plans[stack], approved.get(stack), options, rules)
        except GroundplanError as error:
            if not outcomes:
                raise
            outcome = Outcome(operation="up", stack=stack, error=error)
        outcomes.append(outcome)
        if outcome.error is not None:
            break
    failed = any(one.error is not None for one in outcomes)
    again = f"groundplan up {joined(asked)}".strip()
    return shown.result(
        cloud.project, outcomes, warnings=cloud.warnings, next=[again] if failed else ["groundplan outputs"]
    )


def preview(cloud: Cloud, asked: Sequence[str], out: Path | None, *, no_policies: bool) -> Result:
    """Preview these stacks with the engine; what refers to a shared stack that is not up yet is only told of."""
    stacks = cloud.choose(asked)
    plans = cloud.plans(stacks)
    rules = policies.ask(cloud, plans, off=no_policies)
    shown_stacks, waiting = _previewable(cloud, stacks)
    outcomes = [_looked_at(cloud, plans[stack], rules) for stack in shown_stacks]
    if out is not None and not any(one.error for one in outcomes):
        approval.write(out, cloud.project, outcomes)
        cloud.tell(f"saved to {out}")
    warnings = [
        *cloud.warnings,
        *(
            f"{stack} refers to the shared stack, which is not up: the engine can preview it after "
            f"groundplan up -e {SHARED}; groundplan plan -e {stack} shows it without the engine"
            for stack in waiting
        ),
    ]
    plan = f"--plan {out}" if out is not None else joined(asked)
    return shown.result(cloud.project, outcomes, warnings=warnings, next=[f"groundplan up {plan}".strip()])


def _previewable(cloud: Cloud, stacks: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    others = [stack for stack in stacks if stack != SHARED]
    if not others or cloud.is_up(SHARED):
        return stacks, ()
    return (SHARED,), others


def _dry_run(cloud: Cloud, stacks: Sequence[str], plans: Mapping[str, Plan], rules: Policies) -> Result:
    shown_stacks, waiting = _previewable(cloud, stacks)
    outcomes = [_looked_at(cloud, plans[stack], rules) for stack in shown_stacks]
    warnings = [*cloud.warnings, *(f"{stack} can be previewed when the shared stack is up" for stack in waiting)]
    return shown.result(cloud.project, outcomes, warnings=warnings, next=["groundplan up"])


def _looked_at(cloud: Cloud, plan: Plan, rules: Policies) -> Outcome:
    """A preview that nothing follows."""
    cloud.safe_state(plan.stack, reading=True)
    return _previewed(cloud, plan, rules)


def _previewed(cloud: Cloud, plan: Plan, rules: Policies) -> Outcome:
    cloud.tell(f"previewing {plan.stack}", "dim")
    outcome = cloud.driver.preview(plan.stack, cloud.program(plan.stack), pack=rules.pack(plan.stack))
    outcome = replace(rules.heard(outcome), after=plan.steps)
    if outcome.error is None:
        cloud.warn_of_reserved(outcome)
        return outcome
    return replace(outcome, error=hazards.protected(outcome.error, by_urn(plan)))


def _approved(cloud: Cloud, stacks: Sequence[str], options: UpOptions) -> Mapping[str, Approval]:
    if options.plan is None:
        return {}
    found = approval.read(options.plan, project=cloud.project)
    missing = [stack for stack in stacks if stack not in found]
    if missing:
        raise PolicyError(
            f"{options.plan} approves nothing for stack {missing[0]}, only for {', '.join(found)}",
            where=str(options.plan),
            hint=f"groundplan up --plan {options.plan} {joined(list(found))}",
        )
    return found


def _bring_up(
    cloud: Cloud, plan: Plan, approved: Approval | None, options: UpOptions, rules: Policies
) -> Outcome:  # fmt: skip
    stack, resources = plan.stack, by_urn(plan)
    state = cloud.safe_state(stack)
    if state is not None:
        _unprotect(cloud, state, options.allowed)
    previewed = _previewed(cloud, plan, rules)
    if previewed.error is not None:
        return previewed
    if approved is not None:
        approval.refuse(stack, approval.differences(approved, previewed))
    found = hazards.of_steps(previewed.steps, cloud.rules, resources, Places(cloud.configs[stack]), state)
    allowed = {*options.allowed, *_typed(cloud, found, options)}
    hazards.refuse(found, allowed)
    if previewed.changes and approved is None and not options.yes:
        _ask(cloud, previewed)
    cloud.tell(f"bringing {stack} up", "dim")
    looked_up = _with_what_others_set(cloud, previewed, resources)
    if looked_up is not None:
        return looked_up
    if state is not None:
        gone = {step.urn for step in previewed.changes if step.change in ("delete", "replace")}
        cloud.driver.notices.extend(disabling.disable(cloud, state, gone))
    done = _attempted(cloud, previewed, options.retries, rules)
    return replace(done, steps=_with_not_started(previewed, done), after=plan.steps)


def _attempted(cloud: Cloud, approved: Outcome, retries: int, rules: Policies) -> Outcome:
    """Up, again and again while what failed is likely to pass by itself."""
    stack, pack = approved.stack, rules.pack(approved.stack)
    done = cloud.note(cloud.driver.up(stack, cloud.program(stack), pack=pack))
    for attempt in range(1, retries + 1):
        pause = retrying.pause(done, attempt)
        if pause is None:
            break
        cloud.tell(
            f"attempt {attempt} of {retries + 1} failed: {pause.why}; the next one in {pause.seconds:.0f} s", "warn"
        )
        pause.wait()
        if not _may_go_on(cloud, approved):
            break
        done = retrying.joined(done, cloud.note(cloud.driver.up(stack, cloud.program(stack), pack=pack)))
    return rules.heard(done)


def _may_go_on(cloud: Cloud, approved: Outcome) -> bool:
    """Whether nothing is left half-done that cannot be found, and what is still to do was approved."""
    if not cloud.settle(approved.stack):
        return False
    left = cloud.driver.preview(approved.stack, cloud.program(approved.stack))
    strays = retrying.strays(approved, left)
    if strays:
        cloud.tell(f"not tried again: to {strays[0].change} {strays[0].name} was not approved", "warn")
    return left.error is None and not strays


def _with_what_others_set(cloud: Cloud, previewed: Outcome, planned: Mapping[str, PlannedResource]) -> Outcome | None:
    """Bring into the state what is not the config's, such as an endpoint's traffic; an outcome only if that fails.

    An update sends a resource as a whole, and the engine takes what it is told to ignore from the state.
    """
    shared = [
        step.urn
        for step in previewed.changes
        if step.change == "update" and step.urn in planned and planned[step.urn].ignore_changes
    ]
    if not shared:
        return None
    done = cloud.driver.refresh(previewed.stack, shared)
    return replace(done, operation="up") if done.error is not None else None


def _unprotect(cloud: Cloud, state: StackState, allowed: Collection[str]) -> None:
    """The engine cannot even preview the replacement of what is protected; the program protects it again."""
    urns = tuple(one.urn for one in state.resources if one.protect and one.urn in allowed)
    for urn in urns:
        cloud.tell(f"taking the protection from {urn}", "warn")
    cloud.driver.unprotect(state.stack, urns)


def _typed(cloud: Cloud, found: Sequence[hazards.Hazard], options: UpOptions) -> set[str]:
    """The URNs whose names a person typed to let them go."""
    if options.yes or not cloud.session.interactive:
        return set()
    allowed: set[str] = set()
    for hazard in found:
        if hazard.urn not in options.allowed:
            cloud.tell(f"{hazard.sentence}\n  --> {hazard.where or hazard.urn}", "warn")
            answer: str = click.prompt(f"Type {hazard.name} to let it go", default="", show_default=False, err=True)
            if answer.strip() != hazard.name:
                raise click.Abort
            allowed.add(hazard.urn)
    return allowed


def _ask(cloud: Cloud, previewed: Outcome) -> None:
    """A yes holds for the state that was previewed: somebody else may change it while the person thinks."""
    before = cloud.driver.state(previewed.stack)
    stderr = Output(verbosity=cloud.session.output.verbosity)
    for step in previewed.changes:
        if not step.is_bookkeeping:
            why = ", ".join(step.replaced_by or step.changed)
            stderr.message(f"  {step.change:<8} {step.name}  {step.type}" + (f"  ({why})" if why else ""))
    stderr.message(shown.summary(previewed))
    click.confirm(f"Bring stack {previewed.stack} up?", default=False, abort=True, err=True)
    after = cloud.driver.state(previewed.stack)
    if before is None or after is None or before.stamp != after.stamp:
        raise PolicyError(
            f"stack {previewed.stack} changed while you were asked, so what was approved is not what would run",
            hint="Run the command again.",
        )


def _with_not_started(previewed: Outcome, done: Outcome) -> tuple[shown.Step, ...]:
    """The steps that ran, then those of the preview that never began."""
    if done.error is None:
        return done.steps
    began = {step.urn for step in done.steps}
    return (*done.steps, *(replace(step, status="not started") for step in previewed.changes if step.urn not in began))
