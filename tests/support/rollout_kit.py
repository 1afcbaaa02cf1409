"""What the rollouts' tests share: endpoints, a registry and a store in memory that keep the rules of the contract, and
can be killed before any change that would last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from groundplan.core import clock
from groundplan.core.errors import NotFoundError, PolicyError, ResourceFailedError
from groundplan.lifecycle import rollout
from groundplan.lifecycle.contract.deployment import Deployment, EndpointSettings, EndpointState, ServedModel
from groundplan.lifecycle.contract.evidence import Evidence, Verdict
from groundplan.lifecycle.contract.model import AuditEntry, Lineage, ModelPlan, ModelVersion
from groundplan.lifecycle.contract.pipeline import StepInput
from groundplan.lifecycle.contract.rollout import Conditions, Experiment, Rollout, RolloutPlan, Strategy
from groundplan.lifecycle.contract.rubric import Rubric
from groundplan.lifecycle.contract.traffic import Observation, Seen, Traffic, VersionState
from groundplan.lifecycle.local.monitoring.store import LocalMonitorStore
from groundplan.lifecycle.rollout_phases import phases

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.platform import Platform

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MODEL = ModelPlan(
    name="churn", pipeline="train", task="classification", target="left",
    model_output=StepInput(step="train", output="model"), test_output=StepInput(step="prepare", output="test"),
    rubrics={"prod": Rubric(environment="prod", metrics={})},
)  # fmt: skip
SETTINGS = EndpointSettings(name="churn", environment="prod", model="churn")
EXPERIMENT = Experiment(metric="accuracy", looks=3, min_samples=100)


class Killed(BaseException):
    """The process ends here."""


def make_plan(strategy: Strategy = "canary", **changes: Any) -> RolloutPlan:
    """A minute of shadow, two steps of a minute, a minute of standing by; 50 requests in each."""
    made = RolloutPlan(
        endpoint="churn", environment="prod", strategy=strategy, experiment=EXPERIMENT if strategy == "ab" else None,
        phases=phases(strategy, shadow_seconds=60, steps=[(10, 60), (50, 60)], stand_by_seconds=60, min_requests=50),
        conditions=Conditions(min_requests=50),
    )  # fmt: skip
    return replace(made, **changes)


def begun(plan: RolloutPlan, champion: int | None = 1) -> Rollout:
    """A rollout of version 2 whose first phase is to be put in place."""
    return rollout.begin(
        plan, SETTINGS, id="r", model="churn", task="classification", challenger=2, champion=champion, who="ada",
        now=NOW,
    )  # fmt: skip


def observed(version: int, requests: int = 100, **more: Any) -> Observation:
    """What a version did; fast and without errors unless said."""
    made = Observation(
        version=version, since=clock.to_text(NOW), requests=requests, errors=0, latency_p50_ms=2.0, latency_p95_ms=5.0
    )
    return replace(made, **more)


def make_version(number: int, **changes: Any) -> ModelVersion:
    """A version that passed the gate of prod."""
    digest = f"sha256:{number:064d}"
    made = ModelVersion(
        name="churn", version=number, stage=None, status="registered", digest=digest, path=Path(f"/models/{number}"),
        created="", verdict=Verdict(environment="prod"),
        evidence=Evidence(
            model="churn", task="classification", model_digest=digest, data_digest="", rows=10, metrics={},
            made=clock.to_text(NOW), code_version="", groundplan_version="",
        ),
        lineage=Lineage(run_id="", pipeline="", data={}, commit="", dirty=False, code_digest="", config_digest=""),
    )  # fmt: skip
    return replace(made, **changes)


@dataclass
class World:
    """One endpoint's platform. ``fuse`` is how many lasting changes happen before the process is killed."""

    fuse: int | None = None
    changes: int = 0
    kept: dict[str, Rollout] = field(default_factory=dict[str, Rollout])
    order: list[str] = field(default_factory=list[str])
    staged: dict[int, ModelVersion] = field(default_factory=dict[int, ModelVersion])
    displaced: list[int] = field(default_factory=list[int])
    entries: list[AuditEntry] = field(default_factory=list[AuditEntry])
    there: dict[int, VersionState] = field(default_factory=dict[int, VersionState])
    served: dict[int, ServedModel] = field(default_factory=dict[int, ServedModel])
    split: Traffic | None = None
    splits: list[Traffic] = field(default_factory=list[Traffic])
    unfit: set[int] = field(default_factory=set[int])
    told: Callable[[str], Sequence[Observation]] = lambda since: ()
    monitors: LocalMonitorStore | None = None
    now: datetime = NOW

    @property
    def platform(self) -> Platform:
        """This world as the lifecycle sees it."""
        return cast("Platform", _Platform(self))

    def change(self) -> None:
        """A change that lasts comes now."""
        if self.fuse == 0:
            self.fuse = None
            raise Killed
        self.fuse = None if self.fuse is None else self.fuse - 1
        self.changes += 1

    def promote(self, number: int) -> None:
        """Put a version into prod, as the registry does, without a change that counts."""
        for known in list(self.staged.values()):
            if known.stage == "prod" and known.version != number:
                self.staged[known.version] = replace(known, stage=None, status="retired")
                self.displaced.append(known.version)
        self.staged[number] = make_version(number, stage="prod")

    def serve(self, number: int) -> None:
        """Let a version answer everything, as a deployment of some time ago left it."""
        self.promote(number)
        self.alone(_served(self.staged[number]))

    def alone(self, served: ServedModel) -> None:
        """Only this version is there, and answers."""
        self.served = {served.version: served}
        self.there = {served.version: VersionState(version=served.version, health="ready", share=100)}
        self.put(Traffic(shares={served.version: 100}))

    def put(self, traffic: Traffic) -> None:
        """These shares are in place."""
        self.split = traffic
        self.splits.append(traffic)

    @property
    def shares(self) -> Mapping[int, int]:
        """Who answers now."""
        assert self.split is not None
        return self.split.shares


@dataclass(frozen=True)
class _Platform:
    world: World

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(self.world)

    @property
    def models(self) -> Models:
        return Models(self.world)

    @property
    def monitors(self) -> LocalMonitorStore:
        assert self.world.monitors is not None
        return self.world.monitors

    @property
    def rollouts(self) -> Rollouts:
        return Rollouts(self.world)


@dataclass(frozen=True)
class Endpoints:
    """The part of the Endpoints Protocol that rollouts use, with all of its rules."""

    world: World

    def deploy(self, settings: EndpointSettings, served: ServedModel, *, who: str) -> EndpointState:
        self._demand_fit(served)
        self.world.change()
        self.world.alone(served)
        return EndpointState(deployment=self.deployment(settings.name, settings.environment), health="ready", pid=1)

    def add(self, settings: EndpointSettings, served: ServedModel, *, who: str) -> Sequence[VersionState]:
        there = self.world.there.get(served.version)
        if there is None or there.health != "ready":
            self._demand_fit(served)
            self.world.change()
            self.world.served[served.version] = served
            self.world.there[served.version] = VersionState(version=served.version, health="ready", share=0)
        return self.versions(settings.name, settings.environment)

    def route(self, name: str, environment: str, traffic: Traffic) -> Sequence[VersionState]:
        for version in {*traffic.shares, *([traffic.mirrored] if traffic.mirrored is not None else [])}:
            if version not in self.world.there:
                raise NotFoundError(f"version {version} is not there")
            if self.world.there[version].health != "ready":
                raise PolicyError(f"version {version} is not ready")
        assert sum(traffic.shares.values()) == 100
        if traffic != self.world.split:
            self.world.change()
            self.world.put(traffic)
        return self.versions(name, environment)

    def versions(self, name: str, environment: str) -> Sequence[VersionState]:
        split = self.traffic(name, environment)
        return [
            replace(one, share=split.shares.get(one.version, 0), mirrored=one.version == split.mirrored)
            for _, one in sorted(self.world.there.items())
        ]

    def traffic(self, name: str, environment: str) -> Traffic:
        if self.world.split is None:
            raise NotFoundError("nothing is deployed")
        return self.world.split

    def remove(self, name: str, environment: str, version: int) -> None:
        split = self.traffic(name, environment)
        if split.shares.get(version, 0) or split.mirrored == version:
            raise PolicyError(f"version {version} has traffic")
        if version in self.world.there:
            self.world.change()
            del self.world.there[version]
            del self.world.served[version]

    def seen(self, name: str, environment: str, since: str) -> Seen:
        return Seen(versions=self.versions(name, environment), observed=self.world.told(since))

    def deployment(self, name: str, environment: str) -> Deployment:
        split = self.traffic(name, environment)
        largest = max(split.shares, key=lambda version: split.shares[version])
        return Deployment(
            settings=replace(SETTINGS, name=name, environment=environment), served=self.world.served[largest],
            previous=None, port=8080, deployed=clock.to_text(NOW), deployed_by="ada",
        )  # fmt: skip

    def _demand_fit(self, served: ServedModel) -> None:
        if served.version in self.world.unfit:
            raise ResourceFailedError(f"version {served.version} did not become ready")


@dataclass(frozen=True)
class Models:
    """The part of the Models Protocol that rollouts use."""

    world: World

    def list(self, name: str | None = None) -> Sequence[ModelVersion]:
        return sorted(self.world.staged.values(), key=lambda one: one.version, reverse=True)

    def get(self, name: str, version: int) -> ModelVersion:
        return self.world.staged[version]

    def verify(self, version: ModelVersion) -> None:
        assert version.digest == f"sha256:{version.version:064d}"

    def rollback(self, name: str, environment: str, *, who: str, reason: str, to: int | None = None,
                 instead_of: int | None = None) -> ModelVersion:  # fmt: skip
        staged = [known.version for known in self.world.staged.values() if known.stage == environment]
        if to not in self.world.displaced or (instead_of is not None and staged != [instead_of]):
            raise NotFoundError(f"no version {to} was there before {instead_of}")
        self.world.change()
        for known in self.world.staged.values():
            if known.stage == environment:
                self.world.staged[known.version] = replace(known, stage=None, status="retired")
        self.world.staged[to] = replace(self.world.staged[to], stage=environment, status="registered")
        return self.world.staged[to]

    def audit(self, *, who: str, action: Any, model: str, version: int | None, environment: str | None,
              reason: str, details: Mapping[str, object]) -> AuditEntry:  # fmt: skip
        step = [details.get(key) for key in ("rollout", "transition")]
        for known in self.world.entries:
            if None not in step and [known.details.get(key) for key in ("rollout", "transition")] == step:
                return known
        self.world.change()
        self.world.entries.append(
            AuditEntry(sequence=len(self.world.entries) + 1, when="", who=who, action=action, model=model,
                       version=version, environment=environment, reason=reason, details=details)
        )  # fmt: skip
        return self.world.entries[-1]

    def audit_log(self) -> Sequence[AuditEntry]:
        return tuple(self.world.entries)

    def recover(self) -> str | None:
        return None


@dataclass(frozen=True)
class Rollouts:
    """The Rollouts Protocol in memory."""

    world: World

    def current(self, endpoint: str, environment: str) -> Rollout | None:
        return self.world.kept[self.world.order[-1]] if self.world.order else None

    def history(self, endpoint: str, environment: str) -> Sequence[Rollout]:
        return [self.world.kept[id] for id in self.world.order]

    def all(self) -> Sequence[Rollout]:
        return [self.world.kept[self.world.order[-1]]] if self.world.order else []

    def keep(self, rollout: Rollout) -> None:
        self.world.change()
        self.world.kept[rollout.id] = rollout
        self.world.order = [*(id for id in self.world.order if id != rollout.id), rollout.id]


def _served(version: ModelVersion) -> ServedModel:
    return ServedModel(name="churn", version=version.version, digest=version.digest, path=version.path,
                       task="classification")  # fmt: skip


Outcome = Literal["good", "errors", "few"]


def minutes(count: float) -> datetime:
    """A moment so many minutes after NOW."""
    return NOW + timedelta(minutes=count)
