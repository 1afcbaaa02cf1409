"""The nouns that no cloud has yet: what can be said is said, what cannot be done is refused plainly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import NotFoundError, UsageError
from ..contract.model import ModelVersion
from ..contract.monitoring import FeedbackOutcome, Label, MonitorPlan, MonitorReport, Watched
from ..contract.pipeline import StepInput
from ..contract.retraining import LabelledRow
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


@dataclass(frozen=True)
class NoMonitors:
    """A platform on which groundplan watches no endpoints yet."""

    platform: str

    def feedback(self, endpoint: str, environment: str, labels: Sequence[Label], *, window_seconds: float,
                 now: str) -> FeedbackOutcome:  # fmt: skip
        """Raises UsageError."""
        raise self._absent()

    def watched(self, plan: MonitorPlan, since: str, *, now: str, models: Mapping[int, ModelVersion]
                ) -> Mapping[int, Watched]:  # fmt: skip
        """Raises UsageError."""
        raise self._absent()

    def labelled_rows(self, endpoint: str, environment: str, *, now: str) -> Sequence[LabelledRow]:
        """None."""
        return ()

    def reports(self, endpoint: str, environment: str) -> Sequence[MonitorReport]:
        """None."""
        return ()

    def keep(self, report: MonitorReport) -> None:
        """Raises UsageError."""
        raise self._absent()

    def _absent(self) -> UsageError:
        return UsageError(f"groundplan does not watch endpoints on {self.platform} yet")
