"""A cloud as the commands work with it: which stacks, their programs and plans, the engine that works on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from ...core import clock
from ...core.errors import GroundplanError, NotFoundError, UsageError
from ...core.layout import Layout
from ...core.suggestions import did_you_mean
from ...modules.contract.context import SHARED
from ...stacks.config.resolved import Resolved
from ...stacks.engine.steps import Outcome, Step
from ..output import Output, Style
from ..session import Session

if TYPE_CHECKING:
    from ...modules.contract.planned import PlannedResource
    from ...modules.contract.rules import TypeRules
    from ...stacks.engine.operations import Driver
    from ...stacks.engine.state import StackState
    from ...stacks.planning.plan import Plan

_DOING: Mapping[str, str] = {
    "create": "creating", "update": "updating", "replace": "replacing", "delete": "deleting", "import": "importing",
    "same": "looking at", "read": "reading",
}  # fmt: skip


@dataclass(frozen=True)
class Cloud:
    """The stacks of one project on a cloud; ``configs`` holds the config of each, the shared one first."""

    session: Session
    configs: Mapping[str, Resolved]
    driver: Driver

    @property
    def project(self) -> str:
        """The project's name."""
        return self.configs[SHARED].config.project

    @property
    def platform(self) -> str:
        """The cloud's name in the config."""
        return self.configs[SHARED].config.platform

    @cached_property
    def rules(self) -> Mapping[str, TypeRules]:
        """What is known of the platform's resource types."""
        from ...stacks.planning import rules

        return rules.of_platform(self.platform)

    def program(self, stack: str) -> Callable[[], None]:
        """The program of a stack."""
        from ...stacks.program import program

        return program(self.configs, stack)

    def plans(self, stacks: Sequence[str]) -> Mapping[str, Plan]:
        """The offline plans of these stacks, by name. Raises ConfigError with all that the cloud would refuse."""
        from ...stacks.planning.planning import plans

        return {plan.stack: plan for plan in plans(self.configs, stacks)}

    @cached_property
    def left_over(self) -> tuple[str, ...]:
        """Stacks that hold resources and are in the config no more."""
        return tuple(name for name in self.driver.stacks() if name not in self.configs and self.is_up(name))

    def choose(self, asked: Sequence[str], *, left_over: bool = False) -> tuple[str, ...]:
        """The stacks asked for, the shared one first; without any: the shared one and the first environment.

        With ``left_over`` those that are in the config no more may be asked for too. Raises NotFoundError with the
        names that there are.
        """
        gone = left_over and any(name not in self.configs for name in asked)
        names = (*self.configs, *(self.left_over if gone else ()))
        for name in asked:
            if name not in names:
                hint = did_you_mean(name, names) or f"There are {', '.join(names)}."
                raise NotFoundError(f"there is no environment {name!r}", hint=hint)
        return tuple(name for name in names if name in asked) if asked else names[:2]

    def safe_state(self, stack: str, *, reading: bool = False) -> StackState | None:
        """The state of a stack that nothing left half-done; None where there is no such stack.

        Raises what says how to mend it; with ``reading`` only what a preview needs.
        """
        from ...stacks.engine import recovery, rescue

        project = self.driver.project
        recovery.refuse_interrupted(project, stack, reading=reading)
        if not reading:
            rescue.refuse_unwritable(project, stack)
        state = self.driver.state(stack)
        recovery.refuse_interrupted(project, stack, state, reading=reading)
        return state

    def note(self, outcome: Outcome) -> Outcome:
        """Remember what this machine did to a stack, for the case that its state is lost or its work cut short.

        Where the state could not be saved, the outcome's error names a copy that knows what was made.
        """
        from ...stacks.engine import errors, rescue

        unsaved = outcome.operation == "up" and isinstance(outcome.error, errors.StateBackendError)
        if unsaved:
            before = self.driver.exports.get(outcome.stack, "")
            outcome = replace(outcome, error=rescue.rescued(self.driver, outcome, before))
        try:
            self._remember(outcome)
        except GroundplanError as error:
            self.driver.notices.append(f"what was done could not be noted: {error.message}")
        return outcome

    def _remember(self, outcome: Outcome) -> None:
        from ...stacks.engine import recovery_journal, recovery_repair

        journal = recovery_journal.Journal(project=self.driver.project)
        there = [step for step in outcome.steps if step.change != "delete" or step.status == "failed"]
        if outcome.error is None or there:
            journal.note_deployed(outcome.stack, len(there))
        if outcome.error is not None:
            recovery_repair.note_unanswered(self.driver, outcome)

    def settle(self, stack: str) -> bool:
        """Find out what became of creates that ended without an answer; False when one has to be looked for by name."""
        from ...stacks.engine import recovery_journal, recovery_repair

        if not recovery_journal.Journal(project=self.driver.project).suspects(stack):
            return True
        self.tell(f"looking for what the cloud may have made of {stack}", "dim")
        try:
            mended = recovery_repair.repair(self.driver, stack, confirmed=False)
        except GroundplanError as error:
            self.driver.notices.append(error.message)
            return False
        return all(one.fate != "unknown" for one in mended.unfinished)

    def warn_of_reserved(self, previewed: Outcome) -> None:
        """Warn of each name that is to be given and that the cloud keeps, since it was destroyed from here."""
        from ...stacks.engine import hazards, recovery_journal

        made = [step for step in previewed.steps if step.change == "create"]
        wanted = {(one.type, one.name) for one in hazards.reserved(made, self.rules)}
        for one in recovery_journal.Journal(project=self.driver.project).reserved(previewed.stack):
            if (one.type, one.name) in wanted:
                purge = f"; to free it: {one.purge}" if one.purge else ""
                until = clock.for_people(one.until)
                warning = f"the name {one.name} ({one.type}) was destroyed and stays taken until {until}{purge}"
                self.driver.notices.append(warning)
                if self.session.interactive:
                    self.tell(warning, "warn")

    def is_up(self, stack: str) -> bool:
        """Whether something was provisioned for a stack."""
        state = self.driver.state(stack)
        return state is not None and bool(state.resources)

    def tell(self, text: str, style: Style = "plain") -> None:
        """A message on standard error."""
        self.session.output.message(text, style)

    @property
    def warnings(self) -> list[str]:
        """What a user should know of where the state is, and of what was made on the way."""
        return [*self.driver.project.notices, *self.driver.notices]


def by_urn(plan: Plan) -> Mapping[str, PlannedResource]:
    """A plan's resources by URN."""
    return {one.urn: one for one in plan.resources}


def open_cloud(session: Session, *, timeout: float | None = None, lock_timeout: float = 0.0) -> Cloud:
    """The project's cloud. Raises UsageError on the laptop and without an engine, and what reading the config does."""
    from ...stacks.config.reading import read_stacks
    from ...stacks.engine import installation
    from ...stacks.engine.workspace import Project, StateSettings, require_packages

    configs = read_stacks(session.folder)
    config = configs[SHARED]
    platform = config.config.platform
    if platform == "local":
        raise UsageError(
            f"'{session.command}' works on a cloud, and platform: local has none",
            where=config.origins["platform"].where,
            hint="groundplan up --dry-run shows what the laptop lacks; groundplan status what is there.",
        )
    engine = installation.find(config.root)
    require_packages(platform)
    from ...stacks.engine.command import Limits
    from ...stacks.engine.operations import Driver
    from ...stacks.overriding import secret_values
    from ...stacks.planning.redaction import hider

    state = config.config.state
    project = Project(
        layout=Layout(config.root),
        name=config.config.project,
        platform=platform,
        engine=engine,
        settings=StateSettings(
            backend=state.backend or "",
            secrets_provider=state.secrets_provider or "",
            organization=state.organization or "",
        ),
    )
    limits = Limits(tell=lambda text: session.output.message(text, "warn"), seconds=timeout)
    driver = Driver(
        project=project, limits=limits, lock_seconds=lock_timeout, observer=_Teller(session.output),
        hide=hider(one for each in configs.values() for one in secret_values(each.config.overrides)),
    )  # fmt: skip
    return Cloud(session, configs, driver)


def limit_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--timeout`` and ``--lock-timeout``."""
    function = click.option(
        "--lock-timeout",
        type=click.FloatRange(min=0),
        default=0.0,
        metavar="SECONDS",
        envvar="GROUNDPLAN_LOCK_TIMEOUT",
        help="How long to wait for a stack that somebody else works on.  [default: 0]",
    )(function)
    return click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        envvar="GROUNDPLAN_TIMEOUT",
        help="Let the engine end what is under way and stop after this time.  [default: no limit]",
    )(function)


def policies_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """``--no-policies``."""
    return click.option(
        "--no-policies",
        is_flag=True,
        envvar="GROUNDPLAN_NO_POLICIES",
        help="Ask no policy rules, neither of the plan nor in the engine.  [default: ask them]",
    )(function)


class _Teller:
    """Says what begins and what ended, with the time since it was made."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._began = time.monotonic()

    def __call__(self, step: Step) -> None:
        quiet = step.is_bookkeeping or step.change in ("same", "read")
        elapsed = clock.duration(time.monotonic() - self._began)
        if step.status == "running":
            self._output.message(f"{elapsed:>8}  {_DOING[step.change]} {step.name}", "dim", level=1)
        elif step.status == "failed":
            self._output.message(f"{elapsed:>8}  {_DOING[step.change]} {step.name} failed", "bad")
        elif step.status == "done":
            took = clock.duration(step.seconds)
            self._output.message(f"{elapsed:>8}  {_DOING[step.change]} {step.name}: done ({took})", level=int(quiet))


def joined(names: Collection[str]) -> str:
    """Names as a command takes them: ``-e shared -e dev``."""
    return " ".join(f"-e {name}" for name in names)
