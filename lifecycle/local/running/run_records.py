"""Run records on disk: one folder per run with run.json, an owner's lock, and the steps' logs."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ....core import clock, files
from ....core.errors import StoreCorruptedError
from ....core.layout import Layout
from ... import run_ids
from ...contract.run import Run, StepRun


class RunRecords:
    """The records of one project. Whoever runs a run holds its lock; a running run without owner was interrupted."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout

    def new_id(self) -> str:
        """An id that sorts by time, such as ``20261121-083012-7f3a``; its folder is made."""
        self.layout.runs.mkdir(parents=True, exist_ok=True)
        while True:
            run_id = run_ids.new()
            try:
                self.folder(run_id).mkdir()
            except FileExistsError:
                continue
            return run_id

    def folder(self, run_id: str) -> Path:
        """The run's own folder."""
        return self.layout.runs / run_id

    def working_folder(self, run_id: str) -> Path:
        """Where the run's steps write before the cache takes it; empty once they ended."""
        return self.folder(run_id) / "steps"

    def log(self, run_id: str, step: str) -> Path:
        """Where the log of a step is, if it ran."""
        return self.folder(run_id) / "logs" / f"{step}.log"

    def save(self, run: Run) -> None:
        """Replace the record at once."""
        files.write_json(self._record(run.id), asdict(run, dict_factory=self._plain))

    @contextmanager
    def owned(self, run_id: str) -> Generator[None]:
        """Hold the run's lock: as long as it is held, a running run is really running."""
        import filelock

        with files.explained(self._owner(run_id)):
            lock = filelock.FileLock(self._owner(run_id), timeout=0)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def all(self) -> tuple[Run, ...]:
        """All runs, newest first; one whose record cannot be read has the status ``damaged``."""
        folders = [path for path in self.layout.runs.glob("*-*-*") if path.is_dir()]
        found = [run for path in folders if (run := self._read_or_damaged(path.name)) is not None]
        return tuple(sorted(found, key=lambda run: (run.started, run.id), reverse=True))

    def get(self, name: str) -> Run:
        """A run by its id, an unambiguous start of it, or ``latest``. Raises NotFoundError, UsageError."""
        known = sorted(path.parent.name for path in self.layout.runs.glob("*-*-*/run.json"))
        return self.all()[0] if known and name == run_ids.LATEST else self.read(run_ids.chosen(name, known))

    def read(self, run_id: str) -> Run:
        """One run by its whole id. Raises StoreCorruptedError for a damaged record, FileNotFoundError for none."""
        path = self._record(run_id)
        value = files.read_json(path)
        try:
            run = self._run(value)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise StoreCorruptedError(
                f"the record of run {run_id} is damaged",
                where=str(path),
                hint=f"Remove {path.parent} to forget the run.",
            ) from error
        if run.status == "running" and not self._has_owner(run_id):
            return replace(run, status="interrupted")
        return run

    def tidy(self, run_id: str) -> None:
        """Remove what steps left in the run's working folder."""
        shutil.rmtree(self.working_folder(run_id), ignore_errors=True)

    def settle_interrupted(self) -> tuple[Run, ...]:
        """Write down what was interrupted and remove what its steps left behind; the runs this concerns."""
        settled: list[Run] = []
        for run in self.all():
            if run.status == "interrupted":
                self.tidy(run.id)
                if files.read_json(self._record(run.id)).get("status") == "running":
                    self.save(replace(run, steps={name: _settled(step) for name, step in run.steps.items()}))
                    settled.append(run)
        return tuple(settled)

    def _record(self, run_id: str) -> Path:
        return self.folder(run_id) / "run.json"

    def _owner(self, run_id: str) -> Path:
        return self.folder(run_id) / "owner.lock"

    def _has_owner(self, run_id: str) -> bool:
        import filelock

        try:
            with filelock.FileLock(self._owner(run_id), timeout=0):
                return False
        except filelock.Timeout:
            return True
        except OSError:
            # A folder that only can be read: nobody here can run anything in it.
            return False

    def _read_or_damaged(self, run_id: str) -> Run | None:
        try:
            return self.read(run_id)
        except FileNotFoundError:
            # Killed between making the folder and the first record.
            return None
        except StoreCorruptedError as error:
            return run_ids.damaged(run_id, error.message)

    def _plain(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: self._relative(value) if isinstance(value, Path) else value for name, value in pairs}

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.layout.state).as_posix()

    def _run(self, value: dict[str, Any]) -> Run:
        from pydantic import TypeAdapter

        for step in value["steps"].values():
            step["log"] = None if step["log"] is None else self.layout.state / step["log"]
            for output in step["outputs"].values():
                output["path"] = self.layout.state / output["path"]
        clock.from_text(value["started"])
        return TypeAdapter(Run).validate_python(value)


def _settled(step: StepRun) -> StepRun:
    return replace(step, status="cancelled", error="interrupted") if step.status in ("running", "waiting") else step
