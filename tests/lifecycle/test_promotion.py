"""What may go where: order, approval, evidence, gates, overrides. The registry is real, the measuring is told.

That measuring itself is right is proved with the evaluation's tests.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.errors import (
    GateFailedError,
    GroundplanError,
    NotFoundError,
    PolicyError,
    StoreCorruptedError,
    UsageError,
)
from groundplan.lifecycle import promotion
from groundplan.lifecycle.contract.evidence import Comparison, Evidence
from groundplan.lifecycle.contract.model import ModelPlan, ModelVersion, Override
from groundplan.lifecycle.contract.rubric import ChampionRule
from groundplan.lifecycle.promotion import Request

import rollout_kit
from registry_kit import (
    ENVIRONMENTS,
    MODEL,
    Measured,
    Project,
    ToldPlatform,
    make_comparison,
    make_evidence,
    make_plan,
    make_run,
    make_verdict,
)

ADA = Request(who="ada", reason="it is better")
RULE = ChampionRule(metric=None, margin=-0.02, confidence=0.95, resamples=1000)


def platform_of(
    project: Project, *, evidence: Evidence | None = None, comparison: Comparison | None = None, run: bool = False
) -> Any:
    """The project's platform; with ``run`` the run of the first version is still there."""
    platform = ToldPlatform(Measured(project.layout, {} if evidence is None else {"run-1": evidence}, comparison))
    if run:
        platform.runs.known["run-1"] = make_run("run-1", project.root / "made" / "a")
    return platform


def version(number: int, stage: str | None = None, status: Any = "registered", *, passed: bool = True) -> ModelVersion:
    lineage: Any = None
    return ModelVersion(
        name=MODEL, version=number, stage=stage, status=status, digest=f"sha256:{number}", path=Path(), created="",
        lineage=lineage, verdict=make_verdict(passed=passed),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "following"), [(None, "dev"), ("dev", "staging"), ("staging", "production"), ("production", None)]
)
def test_a_version_goes_one_environment_further(stage: str | None, following: str | None) -> None:
    assert promotion.next_environment(make_plan(), version(1, stage)) == following


@pytest.mark.parametrize(
    ("versions", "chosen"),
    [
        ([version(1)], 1),
        ([version(1), version(2)], 2),
        ([version(1, "dev"), version(2, status="rejected")], 1),
        ([version(1, "staging"), version(2, status="retired")], 1),
        ([version(1), version(2, "production"), version(3)], 3),
        ([version(1), version(2, passed=False)], 1),
        ([version(1), version(2, "production")], None),
        ([version(1, status="retired")], None),
        ([], None),
    ],
)
def test_the_candidate_is_the_newest_that_passed_and_can_go_further(
    versions: list[ModelVersion], chosen: int | None
) -> None:
    if chosen is None:
        with pytest.raises(NotFoundError, match="no version of churn can be promoted"):
            promotion.candidate(make_plan(), versions)
    else:
        assert promotion.candidate(make_plan(), versions).version == chosen


def test_no_environment_is_skipped() -> None:
    with pytest.raises(PolicyError) as caught:
        promotion.target(make_plan(), version(3), "production")

    assert caught.value.message == (
        "churn v3 is in no environment yet; the next one is dev, not production (dev → staging → production)"
    )
    assert caught.value.hint == "groundplan models promote churn 3 --to dev"


@pytest.mark.parametrize(
    ("one", "to", "error", "says"),
    [
        (version(1, "staging"), "dev", PolicyError, "the next one is production, not dev"),
        (version(1, "production"), None, PolicyError, "nowhere further"),
        (version(1, status="rejected"), None, PolicyError, "was rejected"),
        (version(1), "stagin", NotFoundError, "no environment 'stagin'"),
    ],
)
def test_what_cannot_be_is_refused(one: ModelVersion, to: str | None, error: type[GroundplanError], says: str) -> None:
    with pytest.raises(error, match=says):
        promotion.target(make_plan(), one, to)


def test_a_version_goes_all_the_way_and_the_second_time_changes_nothing(project: Project) -> None:
    platform = platform_of(project)
    moved = project.register("a")
    for environment in ENVIRONMENTS:
        moved = promotion.promote(platform, make_plan(), moved, request=ADA)
        log = project.models.audit_log()
        again = promotion.promote(platform, make_plan(), moved, to=environment, request=ADA)

        assert (moved.stage, moved.verdict and moved.verdict.environment) == (environment, environment)
        assert again == moved
        assert project.models.audit_log() == log

    assert [(entry.action, entry.environment) for entry in project.models.audit_log()] == [
        ("register", None), ("promote", "dev"), ("promote", "staging"), ("promote", "production"),
    ]  # fmt: skip
    assert "| Stage | production |" in (project.layout.registry / "cards" / "churn-v1.md").read_text()


@pytest.mark.parametrize(
    ("allowed", "approved_by", "says"),
    [
        (("bob",), (), "a promotion to dev needs the approval of bob"),
        (("bob", "eve"), ("bob", "ada"), "ada may not approve a promotion to dev; bob or eve may"),
        ((), (), "a promotion to dev needs the approval of somebody"),
    ],
)
def test_a_promotion_without_its_approval_is_refused(
    project: Project, allowed: tuple[str, ...], approved_by: tuple[str, ...], says: str
) -> None:
    plan = make_plan(approvals={"dev": allowed})

    with pytest.raises(PolicyError, match=says) as caught:
        promotion.promote(
            platform_of(project), plan, project.register("a"), request=replace(ADA, approved_by=approved_by)
        )

    assert "--approved-by" in caught.value.hint
    assert project.stages() == {1: None}


@pytest.mark.parametrize("allowed", [("bob", "eve"), ()])
def test_an_approval_is_recorded(project: Project, allowed: tuple[str, ...]) -> None:
    plan = make_plan(approvals={"dev": allowed})

    promotion.promote(
        platform_of(project), plan, project.register("a"), request=replace(ADA, approved_by=("bob", "eve"))
    )

    entry = project.models.audit_log()[-1]
    assert (entry.who, entry.reason, entry.details["approved_by"]) == ("ada", "it is better", ["bob", "eve"])


def test_each_environment_judges_by_its_own_rubric(project: Project) -> None:
    platform = platform_of(project)
    moved = promotion.promote(platform, make_plan(), project.register("a", roc_auc=0.75), request=ADA)

    with pytest.raises(GateFailedError, match="the gate of 'staging' is not passed: 1 check failed: roc_auc"):
        promotion.promote(platform, make_plan(), moved, request=ADA)

    assert project.stages() == {1: "dev"}


def test_an_override_passes_in_the_open(project: Project) -> None:
    one = project.register("a", roc_auc=0.5)
    platform = platform_of(project)

    moved = promotion.promote(platform, make_plan(), one, request=replace(ADA, override_by="eve", reason="holiday"))

    (override,) = moved.overrides
    assert replace(override, when="") == Override(
        person="eve", reason="holiday", environment="dev", when="",
        failures=("roc_auc: found 0.5, expected at least 0.7",),
    )  # fmt: skip
    assert [entry.action for entry in project.models.audit_log()] == ["register", "promote", "override"]
    card = (project.layout.registry / "cards" / "churn-v1.md").read_text()
    assert card.splitlines()[2].startswith("> **OVERRIDE for dev**: eve let a failed gate pass")


def test_an_override_needs_a_reason(project: Project) -> None:
    with pytest.raises(UsageError, match="an override needs a reason"):
        promotion.promote(platform_of(project), make_plan(), project.register("a"), request=Request(who="ada", override_by="eve"))  # fmt: skip  # noqa: E501


def test_an_override_of_a_gate_that_passes_is_none(project: Project) -> None:
    moved = promotion.promote(
        platform_of(project), make_plan(), project.register("a"), request=replace(ADA, override_by="eve")
    )

    assert moved.overrides == ()


@pytest.mark.parametrize("override_by", [None, "eve"])
def test_a_model_that_was_changed_on_disk_is_refused_even_with_an_override(
    project: Project, override_by: str | None
) -> None:
    one = project.register("a")
    (one.path / "model.skops").chmod(0o644)
    (one.path / "model.skops").write_bytes(b"evil")

    with pytest.raises(StoreCorruptedError, match=f"churn v1 was changed: expected {one.digest}, found"):
        promotion.promote(platform_of(project), make_plan(), one, request=replace(ADA, override_by=override_by))

    assert project.stages() == {1: None}


def old_evidence(project: Project) -> tuple[ModelVersion, str]:
    """A version whose evidence is 40 days old."""
    project.register("a")
    digest = project.models.get(MODEL, 1).digest
    made = clock.to_text(clock.now() - timedelta(days=40))
    moved = project.models.move(
        project.models.get(MODEL, 1), to="dev", who="ada", reason="", evidence=make_evidence(digest, made=made),
        verdict=make_verdict(), override=None, approved_by=(),
    )  # fmt: skip
    return moved, digest


def test_stale_evidence_is_made_anew_from_the_run(project: Project) -> None:
    one, digest = old_evidence(project)
    fresh = make_evidence(digest, roc_auc=0.88)

    moved = promotion.promote(platform_of(project, evidence=fresh, run=True), make_plan(), one, request=ADA)

    assert (moved.stage, moved.evidence) == ("staging", fresh)


def test_stale_evidence_of_the_same_stage_is_renewed(project: Project) -> None:
    one, digest = old_evidence(project)
    fresh = make_evidence(digest)

    moved = promotion.promote(platform_of(project, evidence=fresh, run=True), make_plan(), one, to="dev", request=ADA)

    assert (moved.stage, moved.status, moved.evidence) == ("dev", "registered", fresh)


@pytest.mark.parametrize("override_by", [None, "eve"])
def test_stale_evidence_whose_run_is_gone_is_refused(project: Project, override_by: str | None) -> None:
    one, _ = old_evidence(project)

    with pytest.raises(PolicyError, match="it cannot be judged anew: there is no run 'run-1'"):
        promotion.promote(platform_of(project), make_plan(), one, request=replace(ADA, override_by=override_by))


def test_evidence_of_a_model_that_the_run_no_longer_holds_is_refused(project: Project) -> None:
    one, _ = old_evidence(project)
    platform = platform_of(project, evidence=make_evidence("sha256:another"), run=True)

    with pytest.raises(StoreCorruptedError, match="the run's model is not churn v1"):
        promotion.promote(platform, make_plan(), one, request=ADA)


@pytest.mark.parametrize(("lower", "passes"), [(-0.02, True), (-0.021, False)])
def test_the_champion_is_the_version_in_the_target(project: Project, lower: float, passes: bool) -> None:
    plan = make_plan(champion=RULE)
    champion, challenger = project.register("b"), project.register("a")
    platform = platform_of(
        project, evidence=make_evidence(challenger.digest), comparison=make_comparison(lower), run=True
    )
    promotion.promote(platform, plan, champion, request=ADA)

    if passes:
        moved = promotion.promote(platform, plan, challenger, request=ADA)
        assert moved.evidence is not None
        assert moved.evidence.comparison is not None
        assert (moved.stage, moved.evidence.comparison.champion_digest) == ("dev", champion.digest)
    else:
        with pytest.raises(GateFailedError, match="champion: found roc_auc better by"):
            promotion.promote(platform, plan, challenger, request=ADA)
        assert project.stages() == {1: "dev", 2: None}


def test_without_a_champion_nothing_is_compared(project: Project) -> None:
    moved = promotion.promote(platform_of(project), make_plan(champion=RULE), project.register("a"), request=ADA)

    assert moved.verdict is not None
    assert [(check.name, check.passed) for check in moved.verdict.checks if check.name == "champion"] == [
        ("champion", None)
    ]


def test_a_rejection_needs_a_reason_and_is_for_good(project: Project) -> None:
    platform = platform_of(project)
    moved = promotion.promote(platform, make_plan(), project.register("a"), request=ADA)
    with pytest.raises(UsageError, match="a rejection needs a reason"):
        promotion.reject(platform, make_plan(), moved, who="ada", reason="")

    rejected = promotion.reject(platform, make_plan(), moved, who="ada", reason="bad data")

    assert (rejected.stage, rejected.status) == (None, "rejected")
    assert "> **REJECTED**: ada: bad data" in (project.layout.registry / "cards" / "churn-v1.md").read_text()
    with pytest.raises(PolicyError, match="churn v1 was rejected and cannot be promoted"):
        promotion.promote(platform, make_plan(), rejected, request=ADA)


def test_a_rollback_puts_the_version_before_back_and_never_guesses_one(project: Project) -> None:
    platform, plan = platform_of(project), make_plan()
    first, second = project.register("a"), project.register("b")
    promotion.promote(platform, plan, first, request=ADA)
    with pytest.raises(NotFoundError, match="no version to go back to in dev"):
        promotion.rollback(platform, plan, "dev", who="ada", reason="errors")
    promotion.promote(platform, plan, second, request=ADA)

    restored = promotion.rollback(platform, plan, "dev", who="ada", reason="errors")

    assert (restored.version, restored.stage) == (1, "dev")
    assert project.stages() == {1: "dev", 2: None}
    cards = project.layout.registry / "cards"
    assert ["| Stage | dev |" in (cards / f"churn-v{one}.md").read_text() for one in (1, 2)] == [True, False]


@pytest.mark.parametrize(("environment", "reason", "error"), [("prod", "x", NotFoundError), ("dev", "", UsageError)])
def test_a_rollback_to_nowhere_or_without_a_reason_is_refused(
    project: Project, environment: str, reason: str, error: type[GroundplanError]
) -> None:
    with pytest.raises(error):
        promotion.rollback(platform_of(project), make_plan(), environment, who="ada", reason=reason)


def test_while_a_version_is_rolled_out_its_stage_is_left_alone(project: Project) -> None:
    platform, plan = platform_of(project), make_plan()
    first, second = project.register("a"), project.register("b")
    first = promotion.promote(platform, plan, first, request=ADA)
    platform.rollouts.keep(rollout_kit.begun(rollout_kit.make_plan(environment="dev")))

    for what, do in {
        "the promotion": lambda: promotion.promote(platform, plan, second, request=ADA),
        "the rejection": lambda: promotion.reject(platform, plan, first, who="ada", reason="bad"),
        "going back in the registry": lambda: promotion.rollback(platform, plan, "dev", who="ada", reason="bad"),
    }.items():
        with pytest.raises(PolicyError, match=f"is under way, so {what} must wait"):
            do()

    assert project.stages() == {1: "dev", 2: None}


def test_plans_without_environments_promote_nowhere() -> None:
    plan: ModelPlan = make_plan(rubrics={})

    assert promotion.next_environment(plan, version(1)) is None


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [({}, "promoted"), ({"champion_digest": "sha256:other"}, "refused"), ({"confidence": 0.5}, "refused"),
     ({"metric": "accuracy"}, "refused")],
    ids=["same", "another champion", "less sure", "another metric"],
)  # fmt: skip
def test_where_the_run_is_gone_a_comparison_with_the_same_champion_by_the_same_rule_still_counts(
    project: Project, changed: dict[str, Any], outcome: str
) -> None:
    rule = ChampionRule(metric="roc_auc", margin=0.0, confidence=0.95, resamples=1000)
    champion = project.move(project.register("a"), "dev")
    version = project.register("b")
    compared = replace(make_comparison(0.01), **{"champion_digest": champion.digest, **changed})
    assert version.evidence is not None
    evidence = replace(version.evidence, comparison=compared)
    platform: Any = ToldPlatform(models=project.models)

    def judge() -> bool:
        _, verdict = promotion.judge_against(
            platform, make_plan(champion=rule), version, champion, environment="dev", evidence=evidence
        )
        return verdict.passed

    if outcome == "promoted":
        assert judge()
        return
    with pytest.raises(PolicyError, match="it cannot be judged anew: there is no run 'run-1'"):
        judge()
