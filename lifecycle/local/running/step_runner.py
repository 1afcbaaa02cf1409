"""Runs one step to its end: working folder, attempts, the check of what it wrote, the cache."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ....core import clock
from ....core.errors import GroundplanError
from ....core.files import explained
from ... import outputs
from ...contract.pipeline import ArtifactType, Step
from ...contract.run import StepRun, StepStatus
from . import environments
from .cache import Cache
from .run_records import RunRecords
from .step_plan import Plan, words
from .step_process import Cancellation, StepEnd, plain_environment, run_step, signal_name


class StepRunner:
    """One step of one run. Reports each attempt after the first; what goes wrong with the step ends in its state."""

    def __init__(
        self, step: Step, *, state: StepRun, plan: Plan, records: RunRecords, cache: Cache, run_id: str,
        cancellation: Cancellation, report: Callable[[StepRun], None],
    ) -> None:  # fmt: skip
        self._step = step
        self._plan = plan
        self._cache = cache
        self._cancellation = cancellation
        self._report = report
        self._folder = records.working_folder(run_id) / step.name
        self._log = records.log(run_id, step.name)
        self._layout = records.layout
        self._state = state

    def run(self, inputs: Mapping[str, Path]) -> StepRun:
        """Try the step as often as it may be tried; its state at the end."""
        began = time.monotonic()
        try:
            with explained(self._log):
                self._log.parent.mkdir(parents=True, exist_ok=True)
                self._log.touch()
            self._try(inputs)
        except GroundplanError as error:
            status = "cancelled" if self._cancellation.asked else "failed"
            self._state = replace(self._state, status=status, error=error.message)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
        return replace(self._state, seconds=round(time.monotonic() - began, 3))

    def _try(self, inputs: Mapping[str, Path]) -> None:
        root = self._plan.request.root
        paths = self._fresh_folder()
        python = environments.python_of(root, self._step.environment, self._layout, install=self._run_words)
        while True:
            filled = words(self._step, python=python, inputs=inputs, outputs=paths)
            end = self._run_words(filled, self._step.timeout_seconds)
            self._state = self._judged(end, paths)
            if self._state.status not in ("failed", "timed-out") or self._state.attempts > self._step.retries:
                return
            self._again()
            paths = self._fresh_folder()

    def _run_words(self, filled: Sequence[str], timeout_seconds: float) -> StepEnd:
        return run_step(
            filled,
            folder=self._plan.request.root,
            environment=plain_environment(self._folder / "tmp"),
            log=self._log,
            timeout_seconds=timeout_seconds,
            cancellation=self._cancellation,
        )

    def _fresh_folder(self) -> dict[str, Path]:
        with explained(self._folder):
            shutil.rmtree(self._folder, ignore_errors=True)
            for name in ("outputs", "tmp"):
                (self._folder / name).mkdir(parents=True)
        return {
            name: self._folder / "outputs" / f"{name}{outputs.FILE_SUFFIXES[kind]}"
            for name, kind in self._step.outputs.items()
        }

    def _judged(self, end: StepEnd, paths: Mapping[str, Path]) -> StepRun:
        status, error = self._outcome(end)
        if status == "succeeded":
            error = outputs.problem(self._step.outputs, paths)
        if error:
            status = "failed" if status == "succeeded" else status
            return replace(self._state, status=status, error=error, exit_code=_exit_code(end))
        written: dict[str, tuple[ArtifactType, Path]] = {
            name: (kind, paths[name]) for name, kind in self._step.outputs.items()
        }
        made = self._cache.store(self._state.key, written)
        return replace(self._state, status="succeeded", error="", exit_code=0, outputs=made)

    def _outcome(self, end: StepEnd) -> tuple[StepStatus, str]:
        match end.reason:
            case "exit":
                return ("succeeded", "") if end.succeeded else ("failed", f"exit code {end.number}")
            case "signal":
                return "failed", f"killed by {signal_name(end.number)}"
            case "not-started":
                return "failed", f"cannot start {self._step.command[0]!r}: {end.detail}"
            case "timed-out":
                limit = clock.duration(self._step.timeout_seconds)
                return "timed-out", f"stopped at its time limit of {limit}"
            case "cancelled":
                return "cancelled", "cancelled"
            case "lost":
                return "failed", "its process was killed from outside"

    def _again(self) -> None:
        attempt = self._state.attempts + 1
        of = self._step.retries + 1
        with self._log.open("a", encoding="utf-8") as stream:
            stream.write(f"[groundplan: {self._state.error}; attempt {attempt} of {of}]\n")
        self._state = replace(self._state, status="running", attempts=attempt)
        self._report(self._state)


def _exit_code(end: StepEnd) -> int | None:
    return end.number if end.reason == "exit" else None
