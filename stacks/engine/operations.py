"""Preview, up, refresh, destroy, drift, outputs: each runs the engine once and gives what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi.automation.errors import CommandError, ConcurrentUpdateError, StackNotFoundError

from ...core.errors import CancelledError, GroundplanError, Problem, TimeoutReachedError
from ...core.hanging import may_hang
from . import errors
from .command import EngineCommand, Limits
from .events import Collector
from .pack import PolicyPack
from .state import StackState, parse
from .steps import Observer, Operation, Outcome
from .workspace import Program, Project, open_stack, open_workspace

_PAUSE_SECONDS = 1.0
_ONCE_MORE = "the connection to the engine broke in a preview, which was run once more"


@dataclass
class Driver:
    """Works on the stacks of one project. ``lock_seconds`` is how long it waits for a stack that is locked.

    ``hide`` takes the secrets that are known out of what the engine and the clouds say. Interrupts and the time limit
    end the engine cleanly and are part of the outcome.
    """

    project: Project
    limits: Limits
    lock_seconds: float = 0.0
    observer: Observer | None = None
    hide: Callable[[str], str] = str
    notices: list[str] = field(default_factory=list[str])
    exports: dict[str, str] = field(default_factory=dict[str, str])

    def preview(self, stack: str, program: Program, *, pack: PolicyPack | None = None) -> Outcome:
        """What ``up`` would do; makes an empty stack where there is none.

        It changes nothing, so it is run once more when the program lost the engine.
        """
        for last in (False, True):
            outcome = self._run("preview", stack, program, "preview", create=True, pack=pack)
            if last or not isinstance(outcome.error, errors.EngineConnectionError):
                break
            self._tell(_ONCE_MORE)
        return outcome

    def up(self, stack: str, program: Program, *, pack: PolicyPack | None = None) -> Outcome:
        """Make the stack what the program says. Expects that a preview was approved."""
        return self._run("up", stack, program, "up", create=True, pack=pack)

    def refresh(self, stack: str, only: Sequence[str] = ()) -> Outcome:
        """Write into the state what the cloud has; with ``only`` of these URNs alone."""
        return self._run("refresh", stack, _nothing, "refresh", target=list(only) or None)

    def drift(self, stack: str) -> Outcome:
        """How the cloud differs from the state; writes nothing."""
        return self._run("drift", stack, _nothing, "preview_refresh")

    def destroy(self, stack: str) -> Outcome:
        """Delete all that the stack has. Expects that it was confirmed and that nothing in it is protected."""
        return self._run("destroy", stack, _nothing, "destroy")

    def stacks(self) -> tuple[str, ...]:
        """The stacks of this project that the backend has, by name."""
        if self.project.is_lonely and not self.project.layout.engine_state.exists():
            return ()
        try:
            workspace, notice = open_workspace(self.project, _nothing, command=self._command(), create=False)
            self._tell(notice)
            found = workspace.list_stacks()
        except CommandError as error:
            raise self._explained(error, "") from error
        return tuple(sorted(one.name.rpartition("/")[2] for one in found))

    def state(self, stack: str) -> StackState | None:
        """What the stack's state holds; None where the backend has no such stack. ``exports`` keeps it as it was."""
        try:
            text = self.engine(stack, "stack", "export")
        except errors.NotFoundError:
            return None
        self.exports[stack] = text
        return parse(stack, text)

    def outputs(self, stack: str, *, show_secrets: bool) -> Mapping[str, object]:
        """The stack's outputs; secrets read ``[secret]`` unless they are asked for. Raises NotFoundError."""
        words = ["stack", "output", "--json", *(["--show-secrets"] if show_secrets else [])]
        return json.loads(self.engine(stack, *words))

    def unprotect(self, stack: str, urns: tuple[str, ...]) -> None:
        """Take the protection from these resources."""
        if urns:
            self.engine(stack, "state", "unprotect", *urns, "--yes")

    def engine(self, stack: str, *words: str) -> str:
        """What one command of the engine prints for an existing stack. Raises as the border says."""
        try:
            opened, notice = open_stack(self.project, stack, _nothing, command=self._command(), create=False)
            self._tell(notice)
            workspace = opened.workspace
            name = self.project.full_name(stack)
            result = workspace.pulumi_command.run(
                [*words, "--stack", name], workspace.work_dir, workspace.env_vars
            )  # fmt: skip
        except CommandError as error:
            raise self._explained(error, stack) from error
        return str(result.stdout)

    def _run(
        self, operation: Operation, stack: str, program: Program, method: str, *, create: bool = False,
        pack: PolicyPack | None = None, **more: Any,
    ) -> Outcome:  # fmt: skip
        began = time.monotonic()
        guard = _Guard(program)
        collector = Collector(observer=self.observer, hide=self.hide)
        failure: GroundplanError | None = None
        try:
            command = self._command(with_pack=pack is not None)
            opened, notice = open_stack(self.project, stack, guard, command=command, create=create)
            self._tell(notice)
            more |= pack.options if pack is not None else {}
            self._unlocked(stack, lambda: getattr(opened, method)(on_event=collector, **more))
        except CommandError as error:
            failure = self._failure(error, stack, guard, collector)
        finally:
            guard.close()
        if failure is None and self.limits.interrupts:
            failure = self._cancelled(stack)
        return Outcome(
            operation=operation,
            stack=stack,
            steps=_settled(collector),
            outputs=collector.outputs,
            seconds=time.monotonic() - began,
            messages=tuple(dict.fromkeys(collector.messages)),
            violations=tuple(collector.violations),
            error=failure,
        )

    def _command(self, *, with_pack: bool = False) -> EngineCommand:
        return EngineCommand(self.project.engine, self.limits, with_pack=with_pack)

    def _tell(self, notice: str) -> None:
        if notice and notice not in self.notices:
            self.notices.append(notice)

    def _unlocked(self, stack: str, act: Callable[[], Any]) -> None:
        """Act, again and again while somebody else has the stack, until the patience ends."""
        began = time.monotonic()
        while True:
            try:
                act()
            except ConcurrentUpdateError as error:
                waited = time.monotonic() - began
                if waited >= self.lock_seconds:
                    raise errors.locked(str(error), stack=stack, waited=waited) from error
                time.sleep(min(_PAUSE_SECONDS, self.lock_seconds - waited))
            else:
                return

    def _failure(self, error: CommandError, stack: str, guard: _Guard, collector: Collector) -> GroundplanError:
        """Why an operation failed: the first of these that applies."""
        failed = [step for step in collector.ordered if step.status == "failed"]
        if self.limits.timed_out or self.limits.interrupts:
            return self._cancelled(stack)
        if guard.error is not None:
            return errors.of_program(guard.error, self.hide)
        if refused := [one for one in collector.violations if one.mandatory]:
            return errors.violated(refused)
        if failed:
            return errors.failed(failed)
        said = "\n".join(f"error: {' '.join(text.split())}" for texts in collector.causes.values() for text in texts)
        if errors.is_disconnected(said):
            stderr = self.hide(str(error).rpartition("stderr: ")[2].strip())
            return errors.disconnected(said, stack=stack, stderr=stderr, steps=collector.ordered)
        return errors.of_text(said, stack=stack) if said else self._explained(error, stack)

    def _explained(self, error: CommandError, stack: str) -> GroundplanError:
        if self.limits.timed_out or self.limits.interrupts:
            return CancelledError("cancelled", hint="Run the command again; it goes on from what is done.")
        if isinstance(error, StackNotFoundError):
            return errors.no_stack(stack)
        if isinstance(error, ConcurrentUpdateError):
            return errors.locked(str(error), stack=stack, waited=0)
        return errors.of_text(self.hide(str(error)), stack=stack)

    def _cancelled(self, stack: str) -> GroundplanError:
        """Interrupted or out of time, with each operation whose end nobody saw."""
        timed_out = self.limits.timed_out
        quiet = Driver(project=self.project, limits=Limits(tell=self.limits.tell))
        with contextlib.suppress(GroundplanError):
            state = quiet.state(stack)
            pending = () if state is None else state.pending
            if pending:
                hint = f"groundplan repair --environment {stack}"
                problems = [
                    Problem(message=f"{one.doing} was not finished; it may exist", where=one.urn, hint=hint)
                    for one in pending
                ]
                message = "the time ran out" if timed_out else "cancelled"
                problems.insert(
                    0, Problem(message=f"{message}; {len(pending)} operations were not finished", hint=hint)
                )
                made = TimeoutReachedError if timed_out else CancelledError
                return made(problems[0].message, hint=hint, problems=problems)
        if timed_out:
            return TimeoutReachedError(
                "the time ran out; what was finished is kept", hint="Run the command again, with a longer --timeout."
            )
        return CancelledError(
            "cancelled; what was finished is kept", hint="Run the command again; it goes on from what is done."
        )


class _Guard:
    """Runs a program for the engine: keeps what it raises, and what it prints out of the result."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.error: BaseException | None = None
        self.__name__ = "program"
        self._loop: asyncio.AbstractEventLoop | None = None

    def __call__(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            with may_hang(), contextlib.redirect_stdout(sys.stderr):
                self.program()
        except BaseException as error:
            self.error = error
            raise

    def close(self) -> None:
        """Give back the event loop that the Automation API leaves open when the engine ends before the program."""
        end = time.monotonic() + _PAUSE_SECONDS
        while self._loop is not None and self._loop.is_running() and time.monotonic() < end:
            time.sleep(_PAUSE_SECONDS / 100)
        if self._loop is not None and not self._loop.is_running():
            self._loop.close()


def _nothing() -> None:
    """The program of operations that need none."""


def _settled(collector: Collector) -> tuple[Any, ...]:
    """No step is left running once the engine has ended: its end is unknown, so it did not succeed."""
    return tuple(
        replace(step, status="failed", error="it was interrupted")
        if step.status == "running" and step.change != "same"
        else step
        for step in collector.ordered
    )
