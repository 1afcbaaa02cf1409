"""The Protocol that every platform implements: runs, models, endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from .batch import Batches
from .deployment import Deployment, EndpointSettings, EndpointState, ServedModel
from .evidence import Comparison, Evidence, Verdict
from .jobs import ScheduledJob
from .model import AuditEntry, Judgement, Lineage, ModelPlan, ModelVersion, Override
from .monitor_store import MonitorStore
from .monitoring import Attribution, Baseline
from .pipeline import StepInput
from .retraining import RetrainingDecision
from .rollout import Rollout
from .rubric import ChampionRule
from .run import Observer, Run, RunRequest
from .traffic import Seen, Traffic, VersionState


class Runs(Protocol):
    """Runs pipelines and keeps the experiment log."""

    def run(self, request: RunRequest, observer: Observer) -> Run:
        """Run a pipeline to its end. Raises StepFailedError, CancelledError, LockedError."""
        ...

    def list(self) -> Sequence[Run]:
        """All runs, newest first; a cloud's are read one by one as they are taken, so few are cheap of many."""
        ...

    def get(self, run_id: str) -> Run:
        """One run, by its id or an unambiguous start of it. Raises NotFoundError."""
        ...

    def log(self, run_id: str, step: str) -> Path:
        """The log file of a step. Raises NotFoundError."""
        ...

    def described(self, run: Run, outputs: Sequence[StepInput]) -> Run:
        """The run with the digest of each of these outputs; those that it did not make are left as they are.

        What a cloud's step wrote is fetched to be known, once. Raises StepFailedError where it is not of its type.
        """
        ...

    def record(self, run: Run) -> Run:
        """Put a finished run (its metrics, parameters, evidence) into the tracking store; again is the same as once."""
        ...


class Schedules(Protocol):
    """Runs that the platform's own schedules start, as ``up`` made them."""

    def started(self, request: RunRequest, *, since: str, until: str) -> Sequence[ScheduledJob]:
        """The jobs of the pipeline that its schedule started from one moment to another, oldest first."""
        ...

    def adopt(self, request: RunRequest, job: str, created: str, observer: Observer) -> Run | None:
        """Put a job that a schedule started on record as a run, once, and give it at its end.

        None for one that somebody cancelled before. Raises StepFailedError, TimeoutReachedError, CancelledError.
        """
        ...


class Models(Protocol):
    """Registers model versions, moves them between stages, keeps the audit log."""

    def evaluate(self, run: Run, plan: ModelPlan) -> Evidence:
        """Measure a run's model on its held-out data: everything that any of the plan's rubrics asks for.

        The same model, data, rubrics and code give the evidence that is there already.
        """
        ...

    def compare(
        self, challenger: ModelVersion, champion: ModelVersion, *, run: Run, plan: ModelPlan, rule: ChampionRule
    ) -> Comparison:
        """Challenger against champion on the held-out rows of the challenger's run, by paired bootstrap."""
        ...

    def register(
        self,
        *,
        name: str,
        source: Path,
        digest: str,
        lineage: Lineage,
        evidence: Evidence,
        verdict: Verdict,
        override: Override | None,
        trusted_types: Sequence[str],
        who: str,
    ) -> ModelVersion:
        """Register a model folder as a new version; the same digest again gives the version it has. Logs it."""
        ...

    def list(self, name: str | None = None) -> Sequence[ModelVersion]:
        """All versions, of one model or of all, newest first."""
        ...

    def get(self, name: str, version: int) -> ModelVersion:
        """One version. Raises NotFoundError."""
        ...

    def move(self, version: ModelVersion, *, to: str, who: str, reason: str, evidence: Evidence | None,
             verdict: Verdict | None, override: Override | None,
             approved_by: Sequence[str]) -> ModelVersion:  # fmt: skip
        """Put a version into a stage, retiring the one that was there: all or nothing, even when killed."""
        ...

    def reject(self, version: ModelVersion, *, who: str, reason: str) -> ModelVersion:
        """Mark a version so that it cannot be promoted, and take it out of its stage."""
        ...

    def previous(self, name: str, environment: str, to: int | None = None) -> ModelVersion:
        """The version that a rollback of this stage would put back. Raises NotFoundError when there is none."""
        ...

    def rollback(self, name: str, environment: str, *, who: str, reason: str, to: int | None = None,
                 instead_of: int | None = None) -> ModelVersion:  # fmt: skip
        """Put the version back that was in this stage before, ``to`` or the last one.

        Raises NotFoundError, also when ``instead_of`` is no longer the version in this stage.
        """
        ...

    def verify(self, version: ModelVersion) -> None:
        """Raises StoreCorruptedError when the folder's digest is not the registry's."""
        ...

    def baseline(self, version: ModelVersion, *, run: Run | None, plan: ModelPlan) -> Baseline:
        """What a version learned from, kept when it was registered, or made from its run.

        Raises NotFoundError when there is neither.
        """
        ...

    def attribution(self, version: ModelVersion, rows: Sequence[Mapping[str, object]], plan: ModelPlan) -> Attribution:
        """How much each column matters to a version's answers to these rows, as they were logged.

        The model runs on the machine of the command, in a process of its own. Raises GroundplanError when it cannot.
        """
        ...

    def describe(self, version: ModelVersion, card: str) -> Path:
        """Keep a version's model card; the same again changes nothing. Gives the card's file."""
        ...

    def card(self, version: ModelVersion) -> str | None:
        """The model card as it was kept last; None before there is one."""
        ...

    def remember(self, key: str, judgement: Judgement) -> None:
        """Keep a judgement under a key made of all that decides it."""
        ...

    def recall(self, key: str) -> Judgement | None:
        """The judgement kept under a key, if there is one; quick, as it stands in the way of every run."""
        ...

    def recover(self) -> str | None:
        """Finish the change that a killed command left behind; says which, or None. Every other call does so too."""
        ...

    def audit(self, *, who: str, action: str, model: str, version: int | None, environment: str | None,
              reason: str, details: Mapping[str, object]) -> AuditEntry:  # fmt: skip
        """Append one line to the audit log; that of a rollout's step only once, whoever else writes it."""
        ...

    def audit_log(self) -> Sequence[AuditEntry]:
        """The audit log, oldest first. Raises StoreCorruptedError when a line is missing or was changed."""
        ...


class Endpoints(Protocol):
    """Serves model versions over HTTP."""

    def deploy(self, settings: EndpointSettings, served: ServedModel, *, who: str) -> EndpointState:
        """Serve this version alone; what was there keeps serving until it is ready, and stays if it never is."""
        ...

    def places(self) -> Sequence[tuple[str, str]]:
        """Every endpoint with its environment, also one of which a killed command left only a part."""
        ...

    def resume(self, name: str, environment: str) -> EndpointState | None:
        """Start a deployment that should be served and is not, as after a restart of the machine.

        One that cannot be started is reported as stopped, with the reason; None where nothing should be served.
        """
        ...

    def states(self) -> Sequence[EndpointState]:
        """Every deployment and how it is."""
        ...

    def deployment(self, name: str, environment: str) -> Deployment:
        """What should be served there. Raises NotFoundError."""
        ...

    def predict(self, deployment: Deployment, rows: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        """Ask the endpoint over HTTP for predictions; the answer as the endpoint gave it."""
        ...

    def row_schema(self, deployment: Deployment) -> Mapping[str, object]:
        """The JSON schema of one row, as the endpoint publishes it."""
        ...

    def log(self, name: str, environment: str) -> Path:
        """The server's log file. Raises NotFoundError."""
        ...

    def request_log(self, name: str, environment: str) -> Path:
        """The request log, one JSON object per line; there from the first request on. Raises NotFoundError."""
        ...

    def add(self, settings: EndpointSettings, served: ServedModel, *, who: str) -> Sequence[VersionState]:
        """Start this version beside the others and wait until it is ready; it gets no traffic by that.

        Again for a version that is there is the same as once. Whatever was there before is untouched when it fails.
        """
        ...

    def route(self, name: str, environment: str, traffic: Traffic) -> Sequence[VersionState]:
        """Put these shares in place, at once for every request that begins from then on; what was begun is answered
        by the version that has it.

        Raises NotFoundError for a version that is not there, PolicyError for one that is not ready.
        """
        ...

    def versions(self, name: str, environment: str) -> Sequence[VersionState]:
        """Every version at the endpoint, oldest first. Raises NotFoundError."""
        ...

    def traffic(self, name: str, environment: str) -> Traffic:
        """The shares that are in place. Raises NotFoundError."""
        ...

    def remove(self, name: str, environment: str, version: int) -> None:
        """Stop a version once it has answered what it has begun, and forget it; one that is not there is no error.

        Raises PolicyError for a version that still has a share or is mirrored to.
        """
        ...

    def seen(self, name: str, environment: str, since: str) -> Seen:
        """Every version at the endpoint, and what each did since a moment (RFC 3339); it survives restarts of
        everything.

        What versions did that were removed meanwhile is there, too. Raises NotFoundError.
        """
        ...

    def undeploy(self, name: str, environment: str) -> None:
        """Stop serving and forget the deployment."""
        ...


class Rollouts(Protocol):
    """Keeps how far rollouts are, so that a kill at any moment loses nothing."""

    def current(self, endpoint: str, environment: str) -> Rollout | None:
        """The rollout that was touched last at this endpoint, under way or final. Raises StoreCorruptedError."""
        ...

    def history(self, endpoint: str, environment: str) -> Sequence[Rollout]:
        """Every rollout of this endpoint, the one that was touched last at the end. Raises StoreCorruptedError."""
        ...

    def all(self) -> Sequence[Rollout]:
        """The current rollout of each endpoint. Raises StoreCorruptedError."""
        ...

    def keep(self, rollout: Rollout) -> None:
        """Make this the current rollout of its endpoint, all of it or nothing; the one before stays in the history."""
        ...


class Retrainings(Protocol):
    """Keeps what was decided on training models again, and what became of it."""

    def decisions(self, model: str) -> Sequence[RetrainingDecision]:
        """Every decision, oldest first, each as it was kept last. Raises StoreCorruptedError."""
        ...

    def keep(self, decision: RetrainingDecision) -> None:
        """Put a decision on record; one with the same id takes its place, and the record still shows both."""
        ...


class Platform(Protocol):
    """A platform: where models run, are kept, and answer."""

    @property
    def runs(self) -> Runs:
        """The experiment log."""
        ...

    @property
    def schedules(self) -> Schedules | None:
        """The runs that schedules of the platform start; None where it has none of its own."""
        ...

    @property
    def models(self) -> Models:
        """The registry."""
        ...

    @property
    def endpoints(self) -> Endpoints:
        """The endpoints."""
        ...

    @property
    def monitors(self) -> MonitorStore:
        """What is known of requests once labels come, and what was found in them."""
        ...

    @property
    def rollouts(self) -> Rollouts:
        """How far new versions have come."""
        ...

    @property
    def retrainings(self) -> Retrainings:
        """What was decided on training models again."""
        ...

    @property
    def batches(self) -> Batches | None:
        """The batch endpoints; None where each answers over HTTP like every other."""
        ...
