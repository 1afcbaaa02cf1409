"""Runs the steps of one run: in order, in parallel where they may, each a process of its own, to the end or a stop."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue

from ....core import clock
from ... import graph, outputs, run_endings
from ...contract.pipeline import Step
from ...contract.run import Notice, Observer, Run, StepEvent, StepRun
from .cache import Cache, Damage
from .run_records import RunRecords
from .step_plan import Known, Outputs, Plan
from .step_process import GRACE_SECONDS, Cancellation
from .step_runner import StepRunner

_ENDED = frozenset({"cached", "succeeded", "failed", "timed-out", "cancelled"})
_DONE = frozenset({"cached", "succeeded"})
_LOOK_UP_SECONDS = 0.05
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


class Runner:
    """One run. Only the calling thread changes the record and tells the observer; steps run in threads of a pool."""

    def __init__(
        self, run: Run, plan: Plan, known: Known, *, records: RunRecords, cache: Cache, observer: Observer
    ) -> None:
        self._run = run
        self._plan = plan
        self._known = known
        self._records = records
        self._cache = cache
        self._observer = observer
        self._cancellation = Cancellation()
        self._messages: SimpleQueue[StepRun | Exception | None] = SimpleQueue()
        self._made: dict[str, Outputs] = {}
        self._began = clock.now()

    def execute(self) -> Run:
        """Run all steps that can be run; the finished run, whatever became of it."""
        self._save()
        workers = ThreadPoolExecutor(max_workers=self._plan.request.jobs, thread_name_prefix="step")
        try:
            with self._heeding_signals():
                self._start_ready(workers)
                while self._active():
                    self._take_next()
                    self._start_ready(workers)
        finally:
            # Reached with steps still running only when something unforeseen came up: nothing may outlive it.
            if self._active():
                self._cancellation.ask()
                self._cancellation.ask()
            workers.shutdown(wait=True, cancel_futures=True)
        return self._finish()

    def _start_ready(self, workers: ThreadPoolExecutor) -> None:
        while not self._cancellation.asked and not self._stopped_by_failure():
            names = graph.ready(self._plan.request.pipeline.steps, done=self._with(_DONE), started=self._started())
            free = self._plan.request.jobs - len(self._active())
            if not names or free < 1:
                return
            self._start(names[0], workers)

    def _start(self, name: str, workers: ThreadPoolExecutor) -> None:
        step = self._plan.step(name)
        inputs = self._plan.inputs(step, self._made)
        key = self._plan.key(step, inputs)
        state = replace(self._run.steps[name], key=key, started=clock.to_text(clock.now()))
        found = self._cached(step, key)
        if found is not None:
            self._change(replace(state, status="cached", outputs=found))
            return
        self._change(replace(state, status="running", attempts=1, log=self._records.log(self._run.id, name)))
        runner = StepRunner(
            step, state=self._run.steps[name], plan=self._plan, records=self._records, cache=self._cache,
            run_id=self._run.id, cancellation=self._cancellation, report=self._messages.put,
        )  # fmt: skip
        workers.submit(self._guarded, runner, {port: path for port, (path, _) in inputs.items()})

    def _cached(self, step: Step, key: str) -> Outputs | None:
        """What the cache holds under a key; a step before this one may only now have made the inputs of the key."""
        if self._known.keys.get(step.name) == key:
            return self._known.outputs[step.name]
        found = self._cache.find(key) if step.cache and self._plan.request.use_cache else None
        if isinstance(found, Damage):
            self._tell(f"step {step.name!r}: {found.what}; it is made anew")
            return None
        return found

    def _guarded(self, runner: StepRunner, inputs: Mapping[str, Path]) -> None:
        try:
            self._messages.put(runner.run(inputs))
        except Exception as error:  # noqa: BLE001 raised again in the thread that waits
            self._messages.put(error)

    def _take_next(self) -> None:
        # Not for ever: a signal that another thread received is heeded only when this one looks up.
        with contextlib.suppress(Empty):
            self._take(self._messages.get(timeout=_LOOK_UP_SECONDS))

    def _take(self, message: StepRun | Exception | None) -> None:
        if message is None:
            self._tell_of_stop()
            return
        if isinstance(message, Exception):
            raise message
        self._change(message)

    def _change(self, state: StepRun) -> None:
        if state.status in _DONE:
            self._made[state.name] = state.outputs
        self._run = replace(self._run, steps={**self._run.steps, state.name: state})
        self._save()
        self._observer(StepEvent(run_id=self._run.id, step=state))

    def _finish(self) -> Run:
        failed = self._with(frozenset({"failed", "timed-out"}))
        cancelled = self._cancellation.asked
        status = "cancelled" if cancelled and len(self._with(_DONE)) < len(self._run.steps) else "succeeded"
        for state in self._run.steps.values():
            if state.status == "waiting":
                self._change(replace(state, status="skipped"))
        self._run = replace(
            self._run,
            status="failed" if failed and not cancelled else status,
            metrics=self._metrics(),
            error=run_endings.error_of(self._run),
        )
        self._save()
        self._records.tidy(self._run.id)
        return self._run

    def _metrics(self) -> dict[str, float]:
        return {
            f"{step}.{name}": value
            for step, made in self._made.items()
            for artifact in made.values()
            if artifact.type == "metrics"
            for name, value in outputs.metrics(artifact.path).items()
        }

    def _save(self) -> None:
        seconds = round((clock.now() - self._began).total_seconds(), 3)
        self._run = replace(self._run, seconds=seconds)
        self._records.save(self._run)

    def _tell(self, text: str) -> None:
        self._observer(Notice(run_id=self._run.id, text=text))

    def _with(self, statuses: frozenset[str]) -> set[str]:
        return {name for name, state in self._run.steps.items() if state.status in statuses}

    def _active(self) -> set[str]:
        return self._with(frozenset({"running"}))

    def _started(self) -> set[str]:
        return self._with(_ENDED | {"running"})

    def _stopped_by_failure(self) -> bool:
        return not self._plan.request.continue_on_failure and bool(self._with(frozenset({"failed", "timed-out"})))

    @contextlib.contextmanager
    def _heeding_signals(self) -> Generator[None]:
        """Turn signals into a stop in good order; what the caller had set comes back afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self._on_signal)
            for name in _SIGNALS
            if (number := getattr(signal, name, None)) is not None and signal.getsignal(number) != signal.SIG_IGN
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: object) -> None:
        # Printing belongs to the main loop: what this signal interrupted may be printing itself.
        self._cancellation.ask()
        self._messages.put(None)

    def _tell_of_stop(self) -> None:
        running = ", ".join(sorted(self._active()))
        if not self._cancellation.impatient:
            self._tell(f"stopping; {GRACE_SECONDS:.0f} s for {running} to end, or once more to stop at once")
        else:
            self._tell("stopping at once")
