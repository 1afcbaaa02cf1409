"""What the runs of a cloud wrote and printed, fetched to this machine when it is asked for."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from ...core import digests, files
from ...core.errors import NotFoundError, StepFailedError
from .. import outputs
from ..contract.jobs import Jobs
from ..contract.pipeline import ArtifactType, StepInput
from ..contract.run import Artifact, Run, StepRun
from .run_records import KeptRun

_GONE = "groundplan run makes it again where its steps or their inputs changed; groundplan run --force in any case."


@dataclass(frozen=True, kw_only=True)
class Artifacts:
    """Below this machine's ``folder``, by run and step; ``jobs`` by environment."""

    jobs: Mapping[str, Jobs]
    folder: Path

    def placed(self, kept: KeptRun) -> Run:
        """The run with the paths of this machine, whether anything is there or not."""
        steps = {name: self._placed(kept, step) for name, step in kept.run.steps.items()}
        return replace(kept.run, steps=steps)

    def known(self, kept: KeptRun, source: StepInput) -> Artifact | None:
        """An output with its digest, fetched where that is not on record yet; None where the run did not make it."""
        artifact = _output(kept.run, source)
        if artifact is None:
            return None
        return self._located(kept, source, artifact) if artifact.digest else self._fetched(kept, source, artifact)

    def here(self, kept: KeptRun, source: StepInput) -> Artifact | None:
        """An output, on this machine and whole; None where the run did not make it. Raises StoreCorruptedError."""
        artifact = _output(kept.run, source)
        if artifact is None:
            return None
        located = self._located(kept, source, artifact)
        return located if _is_whole(located) else self._fetched(kept, source, artifact)

    def metrics(self, kept: KeptRun) -> dict[str, float]:
        """What is in the steps' outputs that are metrics, keyed ``step.name``."""
        found: dict[str, float] = {}
        for name, step in kept.run.steps.items():
            for port, artifact in step.outputs.items():
                made = self.here(kept, StepInput(step=name, output=port)) if artifact.type == "metrics" else None
                if made is not None:
                    found |= {f"{name}.{key}": value for key, value in outputs.metrics(made.path).items()}
        return found

    def log(self, kept: KeptRun, step: str) -> Path:
        """What a step has printed so far, as a file. Raises NotFoundError."""
        text = self.jobs_of(kept.run).log(kept.job, step, kept.submission)
        path = self._log(kept.run.id, step)
        files.write_text(path, text)
        return path

    def place(self, kept: KeptRun, source: StepInput) -> str:
        """Where the cloud keeps an output. Raises NotFoundError."""
        if f"{source.step}.{source.output}" not in kept.submission.outputs:
            raise NotFoundError(f"run {kept.run.id} has no output {source.step}.{source.output}")
        return self.jobs_of(kept.run).place(kept.job, source.step, source.output, kept.submission)

    def jobs_of(self, run: Run) -> Jobs:
        """The jobs among which the run's is. Raises NotFoundError."""
        if run.environment not in self.jobs:
            raise NotFoundError(
                f"run {run.id} is of the environment {run.environment!r}, which the config does not have any more",
                hint="Put the environment back under 'environments' in groundplan.yaml.",
            )
        return self.jobs[run.environment]

    def _fetched(self, kept: KeptRun, source: StepInput, artifact: Artifact) -> Artifact:
        """Fetch it anew, whatever is there. Raises StoreCorruptedError, and StepFailedError for another type."""
        what = f"the output {source.step}.{source.output} of run {kept.run.id}"
        path = self._located(kept, source, artifact).path
        incoming = path.with_name(f".incoming-{secrets.token_hex(4)}{path.suffix}")
        with files.explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._fetch(kept, source, incoming)
            if artifact.digest:
                digests.demand(incoming, artifact.digest, what=what, hint=_GONE)
            _demand_type(source, artifact, incoming)
            size = sum(one.stat().st_size for one in _files(incoming))
            found = replace(artifact, digest=digests.of_path(incoming), path=path, size_bytes=size)
            with files.explained(path):
                if path.is_dir():
                    shutil.rmtree(path)
                incoming.replace(path)
        finally:
            shutil.rmtree(incoming, ignore_errors=True)
            incoming.unlink(missing_ok=True)
        return found

    def _fetch(self, kept: KeptRun, source: StepInput, into: Path) -> None:
        try:
            self.jobs_of(kept.run).fetch(kept.job, source.step, source.output, kept.submission, into)
        except NotFoundError as error:
            raise NotFoundError(
                f"what run {kept.run.id} wrote is not at the cloud any more: {error.message}",
                where=error.where, hint=_GONE,
            ) from error  # fmt: skip

    def _placed(self, kept: KeptRun, step: StepRun) -> StepRun:
        made = {
            port: self._located(kept, StepInput(step=step.name, output=port), one) for port, one in step.outputs.items()
        }
        return replace(step, outputs=made, log=None if step.log is None else self._log(kept.run.id, step.name))

    def _located(self, kept: KeptRun, source: StepInput, artifact: Artifact) -> Artifact:
        file = f"{source.output}{outputs.FILE_SUFFIXES[_type(artifact)]}"
        return replace(artifact, path=self.folder / "runs" / kept.run.id / "outputs" / source.step / file)

    def _log(self, run_id: str, step: str) -> Path:
        return self.folder / "runs" / run_id / "logs" / f"{step}.log"


def is_whole(run: Run, source: StepInput) -> bool:
    """Whether an output is where the run says, and what it says; also for one that the run did not make."""
    artifact = _output(run, source)
    return artifact is None or _is_whole(artifact)


def _is_whole(artifact: Artifact) -> bool:
    return bool(artifact.digest) and artifact.path.exists() and digests.of_path(artifact.path) == artifact.digest


def _output(run: Run, source: StepInput) -> Artifact | None:
    step = run.steps.get(source.step)
    return None if step is None else step.outputs.get(source.output)


def _demand_type(source: StepInput, artifact: Artifact, path: Path) -> None:
    """What a step of the laptop is held to when it ends."""
    wrong = outputs.problem({source.output: _type(artifact)}, {source.output: path})
    if wrong:
        raise StepFailedError(f"step {source.step!r} failed: {wrong}", hint="Mend the step; then groundplan run.")


def _type(artifact: Artifact) -> ArtifactType:
    return cast("ArtifactType", artifact.type)


def _files(path: Path) -> list[Path]:
    return [path / name for name in digests.names_below(path)] if path.is_dir() else [path]
