"""The nouns that no cloud has yet: what can be said is said, what cannot be done is refused plainly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import NotFoundError, UsageError
from ..contract.pipeline import StepInput
from ..contract.run import Observer, Run, RunRequest


@dataclass(frozen=True)
class NoRuns:
    """A platform on which groundplan starts and keeps no runs yet."""

    platform: str

    def run(self, request: RunRequest, observer: Observer) -> Run:
        """Raises UsageError."""
        raise UsageError(f"groundplan does not start runs on {self.platform} yet")

    def list(self) -> Sequence[Run]:
        """None."""
        return ()

    def get(self, run_id: str) -> Run:
        """Raises NotFoundError."""
        raise NotFoundError(f"run {run_id} is not here: groundplan keeps no runs on {self.platform} yet")

    def log(self, run_id: str, step: str) -> Path:
        """Raises NotFoundError."""
        raise NotFoundError(f"run {run_id} is not here: groundplan keeps no runs on {self.platform} yet")

    def described(self, run: Run, outputs: Sequence[StepInput]) -> Run:
        """The run as it is: nothing more is known."""
        return run

    def fetched(self, run: Run, outputs: Sequence[StepInput]) -> Run:
        """The run as it is: nothing is fetched."""
        return run

    def record(self, run: Run) -> Run:
        """The run as it is: nothing keeps it."""
        return run
