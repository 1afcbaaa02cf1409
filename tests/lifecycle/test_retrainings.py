"""A retraining from its decision to its end: what a winner, a loser and a kill at every step leave behind.

The registry and the records are real; what was measured is told, and training is a run that is there already.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import digests
from groundplan.core.errors import CancelledError, LockedError, PolicyError, StepFailedError
from groundplan.lifecycle import retrainings, rollout
from groundplan.lifecycle.contract.deployment import EndpointSettings
from groundplan.lifecycle.contract.model import ModelPlan, ModelVersion
from groundplan.lifecycle.contract.retraining import RetrainingDecision
from groundplan.lifecycle.contract.rollout import Phase, RolloutPlan
from groundplan.lifecycle.contract.run import Run

import provisioning
from registry_kit import (
    MODEL,
    Measured,
    Project,
    ToldPlatform,
    make_comparison,
    make_evidence,
    make_plan,
    make_run,
    model_folder,
)

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
PLAN = make_plan()
ASKED = RetrainingDecision(
    when="2026-11-28T12:00:00.000Z", model=MODEL, environment="staging", decision="retrain", trigger="drift",
    reasons={"drift": "the data has drifted: age"},
)  # fmt: skip

COMPARED, WANTED = "champion: found roc_auc better by", "expected better by at least 0 with confidence 0.95"
MISSED = "the gate of 'staging' is not passed: 1 check failed: roc_auc: found 0.75, expected at least 0.8"


class Killed(BaseException):
    """What a kill is to the code that it meets."""


@dataclass
class World:
    """A project whose champion is version 1 in staging, and a run that made a challenger."""

    project: Project
    marker: str = "challenger"
    roc_auc: float = 0.9
    lower: float = 0.01
    kill_at: int = 0
    ticks: int = 0
    told: list[str] = field(default_factory=list[str])
    trained: int = 0
    forbidden: str = ""

    def __post_init__(self) -> None:
        folder = model_folder(self.project.root / "trained", self.marker)
        self.run = make_run("run-2", folder)
        evidence = make_evidence(digests.of_path(folder), roc_auc=self.roc_auc)
        models = Measured(self.project.layout, {"run-2": evidence}, make_comparison(self.lower))
        self.platform: Any = ToldPlatform(models)
        self.platform.runs.known["run-2"] = self.run

    def tick(self) -> None:
        """One more moment at which the process may be killed."""
        self.ticks += 1
        if self.ticks == self.kill_at:
            raise Killed

    def guarded(self, act: Callable[..., Any]) -> Callable[..., Any]:
        """The same with a moment before and one after it."""

        def do(*arguments: Any, **named: Any) -> Any:
            self.tick()
            done = act(*arguments, **named)
            self.tick()
            return done

        return do

    def train(self) -> Run:
        self.trained += 1
        return self.run

    def permit(self, version: ModelVersion, environment: str) -> None:
        if environment == self.forbidden:
            raise PolicyError("MLG-001 forbids this promote")

    def hand_over(self, version: ModelVersion, environment: str) -> str:
        self.told.append(f"v{version.version} in {environment}")
        return "canary begun" if environment == "staging" else ""

    def means(self) -> retrainings.Means:
        return retrainings.Means(
            train=self.guarded(self.train), alone=nullcontext, permit=self.guarded(self.permit),
            hand_over=self.guarded(self.hand_over),
        )  # fmt: skip

    def carry_out(self, decision: RetrainingDecision, plan: ModelPlan = PLAN) -> RetrainingDecision:
        return retrainings.carry_out(self.platform, plan, decision, self.means(), who="tester")

    def begin(self) -> RetrainingDecision:
        return retrainings.put_on_record(self.platform, ASKED, who="tester", now=NOW)


@pytest.fixture
def champion(project: Project) -> Project:
    version = project.register("champion")
    project.move(project.move(version, "dev"), "staging")
    return project


def test_a_winner_is_promoted_to_where_the_champion_is_and_handed_to_its_rollout(champion: Project) -> None:
    world = World(champion)
    ended = world.carry_out(world.begin())

    assert (ended.outcome, ended.version, ended.run_id) == ("won", 2, "run-2")
    assert ended.details == {
        "attempt": 1, "stage": "staging", "rollouts": {"staging": "canary begun"}, "waits": "", "why": "",
        "comparison": f"{COMPARED} 0.02, at least 0.01 (version 1: 0.9), {WANTED}",
    }  # fmt: skip
    assert champion.stages() == {1: None, 2: "staging"}
    assert world.told == ["v2 in dev", "v2 in staging"]
    entries = [(one.action, one.environment, one.reason) for one in champion.models.audit_log() if one.version == 2]
    why = f"retraining {ended.id}, by drift: the data has drifted: age"
    assert entries == [("register", None, ""), ("promote", "dev", why), ("promote", "staging", why)]


@pytest.mark.parametrize(
    ("world", "why"),
    [
        ({"lower": -0.01}, f"{COMPARED} 0, at least -0.01 (version 1: 0.9), {WANTED}"),
        ({"roc_auc": 0.5}, "roc_auc: found 0.5, expected at least 0.7"),
        ({"marker": "champion"}, "the same model as version 1"),
    ],
)  # fmt: skip
def test_a_loser_changes_nothing(champion: Project, world: dict[str, Any], why: str) -> None:
    before = champion.models.audit_log()
    ended = (there := World(champion, **world)).carry_out(there.begin())

    assert (ended.outcome, ended.version, ended.details["why"]) == ("lost", None, why)
    assert champion.fresh().audit_log() == before
    assert champion.stages() == {1: "staging"}
    assert there.told == []


def test_a_model_that_was_rolled_back_before_is_no_winner(champion: Project) -> None:
    champion.register("challenger")
    world = World(champion)
    plan = RolloutPlan(endpoint="churn", environment="staging", strategy="direct",
                       phases=(Phase(kind="online", traffic=100, bake_seconds=0),))  # fmt: skip
    begun = rollout.begin(
        plan, EndpointSettings(name="churn", environment="staging", model=MODEL), id="1", model=MODEL,
        task="classification", challenger=2, champion=1, who="ada", now=NOW,
    )  # fmt: skip
    world.platform.rollouts.keep(replace(begun, status="rolled-back"))
    ended = world.carry_out(world.begin())

    assert (ended.outcome, ended.details["why"]) == (
        "lost", "the same model as version 2, which was rejected or rolled back",
    )  # fmt: skip
    assert champion.stages() == {1: "staging", 2: None}


@pytest.mark.parametrize(
    ("plan", "world", "waits", "stages"),
    [
        (replace(PLAN, approvals={"staging": ("eve",)}), {}, "a promotion to staging needs the approval of eve",
         {1: "staging", 2: "dev"}),
        (replace(PLAN, approvals={"dev": ()}), {}, "a promotion to dev needs the approval of somebody",
         {1: "staging", 2: None}),
        (PLAN, {"forbidden": "staging"}, "not promoted to staging: MLG-001 forbids this promote",
         {1: "staging", 2: "dev"}),
        (PLAN, {"roc_auc": 0.75}, f"not promoted to staging: {MISSED}", {1: "staging", 2: "dev"}),
    ],
)  # fmt: skip
def test_a_winner_goes_no_further_than_it_may_without_a_person(
    champion: Project, plan: ModelPlan, world: dict[str, Any], waits: str, stages: dict[int, str | None]
) -> None:
    there = World(champion, **world)
    ended = there.carry_out(there.begin(), plan)

    assert (ended.outcome, ended.details["waits"], champion.stages()) == ("won", waits, stages)


def test_a_training_that_fails_is_on_record_and_told(champion: Project) -> None:
    world = World(champion)

    def fail() -> Run:
        raise StepFailedError("step 'train' failed: exit code 3")

    with pytest.raises(StepFailedError):
        retrainings.carry_out(world.platform, PLAN, world.begin(), replace(world.means(), train=fail), who="tester")

    [kept] = world.platform.retrainings.decisions(MODEL)
    assert (kept.outcome, kept.details) == ("failed", {"attempt": 1, "why": "step 'train' failed: exit code 3"})
    assert retrainings.begun([kept]) is None


def test_one_that_is_cancelled_goes_on_later_and_that_is_no_attempt(champion: Project) -> None:
    world = World(champion)

    def stop() -> Run:
        raise CancelledError("cancelled")

    with pytest.raises(CancelledError):
        retrainings.carry_out(world.platform, PLAN, world.begin(), replace(world.means(), train=stop), who="tester")

    [kept] = world.platform.retrainings.decisions(MODEL)
    assert (kept.outcome, kept.details, retrainings.begun([kept])) == ("", {"attempt": 0}, kept)


def test_a_winner_that_somebody_else_stands_in_the_way_of_is_promoted_later_without_being_trained_again(
    champion: Project,
) -> None:
    world = World(champion)

    @contextmanager
    def locked() -> Generator[None]:
        raise LockedError("'groundplan deploy' works on this project")
        yield

    with pytest.raises(LockedError):
        retrainings.carry_out(world.platform, PLAN, world.begin(), replace(world.means(), alone=locked), who="tester")
    [left] = world.platform.retrainings.decisions(MODEL)
    ended = world.carry_out(left)

    assert (left.outcome, left.version, left.details["attempt"]) == ("", 2, 0)
    assert (ended.outcome, ended.version, world.trained, champion.stages()[2]) == ("won", 2, 1, "staging")


def test_killed_at_any_moment_the_next_one_goes_on_to_the_same_end(provisioned: Path, tmp_path: Path) -> None:
    template = Project(provisioning.copy(provisioned, tmp_path / "template", project="churn").root)
    template.move(template.move(template.register("champion"), "dev"), "staging")
    kills = 0
    for number in range(1, 100):
        project = Project(provisioning.copy(template.root, tmp_path / str(number), project="churn").root)
        world = World(project, kill_at=number)
        decision = world.begin()
        try:
            world.carry_out(decision)
        except Killed:
            kills += 1
            left = retrainings.begun(world.platform.retrainings.decisions(MODEL))
            assert left is not None
            world.carry_out(left)
        [ended] = world.platform.retrainings.decisions(MODEL)
        assert (ended.id, ended.outcome, ended.version, ended.details["stage"]) == (decision.id, "won", 2, "staging")
        assert project.stages() == {1: None, 2: "staging"}
        assert set(world.told) == {"v2 in dev", "v2 in staging"}
        if kills != number:
            break
    assert kills == 10


def test_one_that_is_killed_again_and_again_is_given_up(champion: Project) -> None:
    world = World(champion)
    decision = world.begin()
    for _ in range(retrainings.ATTEMPTS):
        world.kill_at = world.ticks + 1
        with pytest.raises(Killed):
            world.carry_out(decision)
        [decision] = world.platform.retrainings.decisions(MODEL)

    ended = world.carry_out(decision)

    assert (ended.outcome, ended.details["why"], world.trained) == ("failed", "it was cut short 3 times", 0)
