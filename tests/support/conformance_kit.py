"""The platforms that the conformance suite runs on, each with what happens behind groundplan's back there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from groundplan.core import clock, digests
from groundplan.core.layout import Layout
from groundplan.lifecycle import promotion, rollouts
from groundplan.lifecycle.contract.deployment import EndpointSettings, Machines
from groundplan.lifecycle.contract.evidence import Comparison, Evidence
from groundplan.lifecycle.contract.model import ModelVersion
from groundplan.lifecycle.contract.monitoring import Label
from groundplan.lifecycle.contract.rollout import Conditions, Rollout, RolloutPlan, Strategy
from groundplan.lifecycle.contract.run import Run
from groundplan.lifecycle.contract.traffic import Observation
from groundplan.lifecycle.local.evaluation import store
from groundplan.lifecycle.local.evaluation.requests import Profile
from groundplan.lifecycle.local.models import LocalModels
from groundplan.lifecycle.local.monitoring.store import LocalMonitorStore
from groundplan.lifecycle.local.monitoring.watching import watched
from groundplan.lifecycle.local.retraining import LocalRetrainings
from groundplan.lifecycle.local.rollouts import LocalRollouts
from groundplan.lifecycle.recorded.endpoints import Site
from groundplan.lifecycle.recorded.platform import platform as recorded
from groundplan.lifecycle.rollout_phases import phases

import rollout_kit
from managed_kit import ManagedRig, MemoryManaged
from memory_batches import PLACE, MemoryBatches
from memory_cloud import MemoryCloud
from memory_requests import MemoryRequests
from monitoring_kit import learned, log_line
from registry_kit import (
    ENVIRONMENTS,
    LINEAGE,
    MODEL,
    Measured,
    ToldRuns,
    make_comparison,
    make_evidence,
    make_plan,
    make_run,
    make_verdict,
    model_folder,
)
from rollout_kit import World

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.platform import Platform

PLAN = make_plan()
ROWS = 120
"""So many requests a version gets in a minute."""

SETTINGS = EndpointSettings(name="churn", environment="dev", model=MODEL, machines=Machines(type="small"))


class Rig:
    """A platform with the environments of ``ENVIRONMENTS`` and the endpoint ``churn`` in dev.

    ``copies`` is the largest share of the requests that can be mirrored there, in percent; ``managed`` is None where
    the platform has no monitors of its own.
    """

    copies: int = 100
    managed: ManagedRig | None = None

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.began = clock.now().replace(microsecond=0)
        self.runs = ToldRuns()
        self._measures: tuple[dict[str, Evidence], Comparison] | None = None

    def at(self, minutes: float) -> datetime:
        """So many minutes after the rig was made."""
        return self.began + timedelta(minutes=minutes)

    def platform(self) -> Platform:
        """The platform as the next command opens it."""
        raise NotImplementedError

    def tamper(self, version: ModelVersion) -> None:
        """Somebody changes what is kept of a version's folder."""
        raise NotImplementedError

    def occupy(self) -> None:
        """Somebody else registers a version under the model's name."""
        raise NotImplementedError

    def lose_endpoint(self) -> None:
        """Somebody deletes the endpoint with all that is on it."""
        raise NotImplementedError

    def spoil(self, version: int) -> None:
        """This version never becomes healthy."""
        raise NotImplementedError

    def tell(self, *observed: Observation) -> None:
        """What the versions do from now on."""
        raise NotImplementedError

    def shares(self) -> Mapping[int, int]:
        """Who answers, as the endpoint itself has it; empty where nothing is there."""
        raise NotImplementedError

    def mirrored(self) -> int | None:
        """Who gets copies, as the endpoint itself has it."""
        raise NotImplementedError

    def log(self, lines: Sequence[str]) -> Sequence[str]:
        """The endpoint was asked this: lines as the laptop writes them; gives the id that the platform has of each."""
        raise NotImplementedError

    def measured(self) -> Layout:
        """Where the machine of the command keeps what it measures."""
        return Layout(self.folder)

    def measuring(self) -> LocalModels:
        """What measures on the machine of the command; for runs of ``train`` it is told."""
        layout = self.measured()
        return LocalModels(layout) if self._measures is None else Measured(layout, *self._measures)

    def train(self, marker: str, *, better_by: float) -> Run:
        """A run made this challenger, which is better than the champion by at least so much."""
        folder = self.folder / "trained" / marker
        made = make_run(f"run-{marker}", folder if folder.exists() else model_folder(folder, marker))
        evidence = make_evidence(digests.of_path(folder), roc_auc=0.9)
        self.runs.known[made.id] = made
        self._measures = ({made.id: evidence}, make_comparison(better_by))
        return made

    def asked(self, after: float, *, right: Mapping[int, float], said: Sequence[str] = ("yes", "no")) -> None:
        """Requests to each version in the minute after so many, and their labels; ``right`` has their accuracy."""
        lines: list[str] = []
        labels: list[Label] = []
        for version, accuracy in right.items():
            for number in range(ROWS):
                answer, name = said[number % len(said)], f"{after}-{version}-{number}"
                other, when = "no" if answer == "yes" else "yes", clock.to_text(self.at(after + number / ROWS))
                row: dict[str, object] = {"age": 40.0 + number % 20 - 10, "plan": "basic", "n": name}
                lines.append(log_line(when, row, answer, request_id=name, version=version))
                labels.append(Label(request_id=name, value=answer if number < accuracy * ROWS else other, when=when))
        self.label(self.log(lines), labels, now=self.at(after + 1))

    def label(self, ids: Sequence[str], labels: Sequence[Label], *, now: datetime) -> None:
        """What was true of these requests becomes known."""
        kept = [replace(label, request_id=id) for id, label in zip(ids, labels, strict=True)]
        self.platform().monitors.feedback("churn", "dev", kept, window_seconds=3600, now=clock.to_text(now))

    def learn(self, marker: str) -> None:
        """The evaluation of the model with this marker found what it learned from."""
        known, digest = learned(), digests.of_path(model_folder(self.folder / "made" / marker, marker))
        assert known.prediction is not None
        profile = Profile(rows=known.rows, features=known.features, prediction=known.prediction)
        store.write_profile(self.measured(), digest, profile)

    def register(self, marker: str, *, made: str = "", platform: Platform | None = None) -> ModelVersion:
        """Register the model with this marker, judged for dev."""
        source = self.folder / "made" / marker
        if not source.exists():
            model_folder(source, marker)
        digest = digests.of_path(source)
        return (platform or self.platform()).models.register(
            name=MODEL, source=source, digest=digest, lineage=LINEAGE, evidence=make_evidence(digest, made=made),
            verdict=make_verdict(), override=None, trusted_types=["numpy.dtype"], who="ada",
        )  # fmt: skip

    def promote(self, version: ModelVersion, *, to: str | None = None) -> ModelVersion:
        """Put a version one environment further, or see that it is in ``to``."""
        request = promotion.Request(who="ada", reason="it is better")
        return promotion.promote(self.platform(), PLAN, version, to=to, request=request)

    def deploy(self, strategy: Strategy = "direct", *, after: float = 0, platform: Platform | None = None,
               **changes: Any) -> Rollout | None:  # fmt: skip
        """Roll out the version that is in dev."""
        plan = replace(self.plan(strategy), **changes)
        return rollouts.start(platform or self.platform(), PLAN, SETTINGS, plan, who="ada", now=self.at(after))

    def serve(self, marker: str) -> ModelVersion:
        """Register, promote and deploy a model at once."""
        version = self.promote(self.register(marker))
        self.deploy()
        return version

    def plan(self, strategy: Strategy = "direct") -> RolloutPlan:
        """A minute in each phase, 50 requests in each."""
        return RolloutPlan(
            endpoint="churn", environment="dev", strategy=strategy, mirror_share=self.copies,
            phases=phases(strategy, shadow_seconds=60, steps=[(10, 60), (50, 60)], stand_by_seconds=60,
                          min_requests=50, mirrors=self.copies > 0),
            conditions=Conditions(min_requests=50),
        )  # fmt: skip

    def current(self) -> Rollout:
        """The rollout that was touched last."""
        found = self.platform().rollouts.current("churn", "dev")
        assert found is not None
        return found

    def look(self, after: float) -> Rollout:
        """Look at the rollout so many minutes after it began."""
        return rollouts.look(self.platform(), self.current(), who="ada", now=self.at(after))

    def stages(self) -> dict[int, tuple[str | None, str]]:
        """Stage and status of each version."""
        return {one.version: (one.stage, one.status) for one in self.platform().models.list(MODEL)}


class LocalRig(Rig):
    """The laptop: MLflow's registry and the rollouts' files are real, the processes of an endpoint are told."""

    def __init__(self, folder: Path, layout: Layout) -> None:
        super().__init__(folder)
        self._layout = layout
        self._world = World()

    def platform(self) -> Platform:
        made = _Told(
            models=self.measuring(), endpoints=rollout_kit.Endpoints(self._world),
            rollouts=LocalRollouts(self._layout), monitors=LocalMonitorStore(self._layout),
            retrainings=LocalRetrainings(self._layout), runs=self.runs,
        )  # fmt: skip
        return cast("Platform", made)

    def measured(self) -> Layout:
        return self._layout

    def log(self, lines: Sequence[str]) -> Sequence[str]:
        path = LocalMonitorStore(self._layout).request_log("churn", "dev")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as stream:
            stream.writelines(lines)
        return [json.loads(line)["request_id"] for line in lines]

    def tamper(self, version: ModelVersion) -> None:
        file = version.path / "model.skops"
        file.chmod(0o644)
        file.write_bytes(b"evil")

    def occupy(self) -> None:
        from groundplan.lifecycle.local import tracking

        client = tracking.open_store(self._layout)
        client.create_registered_model(MODEL)
        client.create_model_version(MODEL, "file:///elsewhere")

    def lose_endpoint(self) -> None:
        self._world.split = None
        self._world.there.clear()

    def spoil(self, version: int) -> None:
        self._world.unfit.add(version)

    def tell(self, *observed: Observation) -> None:
        self._world.told = lambda since: observed

    def shares(self) -> Mapping[int, int]:
        split = self._world.split
        return {} if split is None else {version: share for version, share in split.shares.items() if share}

    def mirrored(self) -> int | None:
        return None if self._world.split is None else self._world.split.mirrored


@dataclass(frozen=True, kw_only=True)
class _Told:
    models: Any
    endpoints: Any
    rollouts: Any
    monitors: Any
    retrainings: Any
    runs: Any


class RecordedRig(Rig):
    """What clouds share, over a cloud in memory."""

    def __init__(self, folder: Path, *, copies: int) -> None:
        super().__init__(folder)
        self.copies = copies
        self.cloud = MemoryCloud(folder, ENVIRONMENTS, most_mirrored=copies)
        self.managed = MemoryManaged(self.cloud.monitors)
        self.requests = MemoryRequests()
        self.batches = MemoryBatches(looks=1)

    def platform(self) -> Platform:
        cloud = self.cloud
        sites = {
            name: Site(
                records=cloud.records[name],
                endpoints=cloud.endpoints,
                ids={"churn": f"churn-{name}"},
                jobs=cloud.jobs,
                requests=self.requests,
                managed=cloud.monitors,
                batch=self.batches,
                batch_places={"nightly": PLACE},
            )
            for name in ENVIRONMENTS
        }
        made = recorded(
            "memory", sites, cloud.registry, measuring=self.measuring(), judge=watched,
            row_schema=lambda path: {"path": path.name}, prepare=cast("Any", None),
            folder=self.folder / "machine",
        )  # fmt: skip
        return replace(made, runs=cast("Any", self.runs))

    def log(self, lines: Sequence[str]) -> Sequence[str]:
        self.requests.come("churn-dev", lines)
        return [json.loads(line)["request_id"] for line in lines]

    def tamper(self, version: ModelVersion) -> None:
        kept = self.cloud.registry.folder / version.name / str(version.version)
        (kept / "model.skops").write_bytes(b"evil")

    def occupy(self) -> None:
        self.cloud.registry.occupy(MODEL)

    def lose_endpoint(self) -> None:
        self.cloud.endpoints.delete("churn-dev")

    def spoil(self, version: int) -> None:
        self.cloud.endpoints.unfit.add(version)

    def tell(self, *observed: Observation) -> None:
        self.cloud.endpoints.told = {one.version: one for one in observed}

    def shares(self) -> Mapping[int, int]:
        there = self.cloud.endpoints.there.get("churn-dev", {})
        return {version: one.traffic for version, one in sorted(there.items()) if one.traffic}

    def mirrored(self) -> int | None:
        there = self.cloud.endpoints.there.get("churn-dev", {})
        return next((version for version, one in there.items() if one.mirrored), None)


def good(version: int, requests: int = 100, **more: Any) -> Observation:
    """A version that answers fast and without errors."""
    made = Observation(version=version, since="", requests=requests, errors=0, latency_p50_ms=2.0, latency_p95_ms=5.0)
    return replace(made, **more)


def remove_copies(folder: Path) -> None:
    """What another machine has of the models: nothing."""
    shutil.rmtree(folder / "machine", ignore_errors=True)


def transitions(state: Rollout) -> Sequence[str]:
    """What happened, in order, without what was only held."""
    return [one.kind for one in state.history if one.kind != "held"]
