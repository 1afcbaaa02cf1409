"""From a run to a version: judged once, registered if it passed. The last test measures real scikit-learn models."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock, digests, extras
from groundplan.core.errors import NotFoundError, UsageError
from groundplan.lifecycle import promotion, registration
from groundplan.lifecycle.contract.rubric import Bounds, ChampionRule, Rubric
from groundplan.lifecycle.contract.run import Run
from groundplan.lifecycle.local.models import LocalModels
from groundplan.lifecycle.registration import OverrideRequest

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

RULE = ChampionRule(metric=None, margin=0.0, confidence=0.95, resamples=1000)


def finished(
    project: Project, marker: str, run_id: str = "run-1", *, made: str = "", **metrics: float
) -> tuple[Any, Run]:
    """A platform on which a run with this model just ended."""
    folder = model_folder(project.root / run_id, marker)
    run = make_run(run_id, folder)
    evidence = make_evidence(digests.of_path(folder), made=made, **metrics)
    platform = ToldPlatform(Measured(project.layout, {run_id: evidence}, make_comparison(0.01)))
    platform.runs.known[run_id] = run
    return platform, run


def test_what_passes_is_registered_with_its_lineage(project: Project) -> None:
    platform, run = finished(project, "a")

    judgement = registration.judge_and_register(platform, run, make_plan(trusted_types=("numpy.dtype",)), who="ada")

    version = project.models.get(MODEL, 1)
    assert (judgement.version, judgement.verdict.passed, judgement.unchanged) == (1, True, False)
    assert (version.evidence, version.verdict, version.stage) == (judgement.evidence, judgement.verdict, None)
    assert (version.lineage.run_id, version.lineage.tracking_run_id) == ("run-1", "mlflow-run-1")
    assert version.trusted_types == ("numpy.dtype",)
    assert (project.layout.registry / "cards" / "churn-v1.md").exists()


def test_what_fails_is_judged_and_not_registered(project: Project) -> None:
    platform, run = finished(project, "a", roc_auc=0.5)

    judgement = registration.judge_and_register(platform, run, make_plan(), who="ada")

    assert (judgement.version, judgement.verdict.passed) == (None, False)
    assert project.models.list() == []


def test_what_fails_is_registered_in_the_open_when_somebody_answers_for_it(project: Project) -> None:
    platform, run = finished(project, "a", roc_auc=0.5)

    judgement = registration.judge_and_register(
        platform, run, make_plan(), who="ada", override=OverrideRequest(person="eve", reason="holiday")
    )

    (override,) = project.models.get(MODEL, 1).overrides
    assert (judgement.version, override.person, override.reason) == (1, "eve", "holiday")
    with pytest.raises(UsageError, match="needs a reason"):
        registration.judge_and_register(
            platform, run, make_plan(), who="ada", override=OverrideRequest(person="eve", reason="")
        )


def test_a_run_that_was_judged_is_not_judged_again(project: Project) -> None:
    platform, run = finished(project, "a")
    first = registration.judge_and_register(platform, run, make_plan(), who="ada")

    again = registration.judge_and_register(platform, run, make_plan(), who="ada")

    assert again == replace(first, unchanged=True)
    assert platform.runs.recorded == ["run-1"]


def test_another_plan_judges_again(project: Project) -> None:
    platform, run = finished(project, "a")
    registration.judge_and_register(platform, run, make_plan(), who="ada")
    stricter = make_plan(rubrics={"dev": Rubric(environment="dev", metrics={"roc_auc": Bounds(min=0.99)})})

    assert registration.judge_and_register(platform, run, stricter, who="ada").version is None


def test_a_judgement_whose_evidence_grew_old_is_made_again(project: Project) -> None:
    platform, run = finished(project, "a")
    kept = registration.judge_and_register(platform, run, make_plan(), who="ada")
    (file,) = (project.layout.registry / "judgements").iterdir()
    file.write_text(file.read_text().replace(kept.evidence.made, clock.to_text(clock.now() - timedelta(days=40))))

    assert registration.judge_and_register(platform, run, make_plan(), who="ada").unchanged is False


@pytest.mark.parametrize("content", ["", "{}", "junk"])
def test_a_damaged_judgement_is_made_again(project: Project, content: str) -> None:
    platform, run = finished(project, "a")
    registration.judge_and_register(platform, run, make_plan(), who="ada")
    (file,) = (project.layout.registry / "judgements").iterdir()
    file.write_text(content)

    judgement = registration.judge_and_register(platform, run, make_plan(), who="ada")

    assert (judgement.version, judgement.unchanged) == (1, False)


def test_the_champion_is_the_version_that_came_furthest(project: Project) -> None:
    plan = make_plan(champion=RULE)
    platform, run = finished(project, "a")
    registration.judge_and_register(platform, run, plan, who="ada")
    promotion.promote(platform, plan, project.models.get(MODEL, 1), request=promotion.Request(who="ada"))
    platform, run = finished(project, "b", "run-2")

    judgement = registration.judge_and_register(platform, run, plan, who="ada")

    assert judgement.evidence.comparison is not None
    assert judgement.evidence.comparison.champion_digest == project.models.get(MODEL, 1).digest


def test_a_run_without_the_model_is_said(project: Project) -> None:
    platform, run = finished(project, "a")

    with pytest.raises(NotFoundError, match=r"run run-1 made no train\.model"):
        registration.judge_and_register(platform, replace(run, steps={}), make_plan(), who="ada")


UNCHANGED = """
import sys
from pathlib import Path
from registry_kit import Project, ToldPlatform, make_plan, make_run
from groundplan.lifecycle import registration
root = Path(sys.argv[1])
platform = ToldPlatform(Project(root).models)
judgement = registration.judge_and_register(platform, make_run("run-1", root / "run-1"), make_plan(), who="ada")
heavy = {"mlflow", "sklearn", "pandas", "sqlalchemy", "numpy"} & set(sys.modules)
print(judgement.version, judgement.unchanged, sorted(heavy))
"""


def test_an_unchanged_run_imports_nothing_heavy(project: Project) -> None:
    platform, run = finished(project, "a")
    registration.judge_and_register(platform, run, make_plan(), who="ada")
    support = Path(__file__).parents[1] / "support"

    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(support)!r})\n{UNCHANGED}", str(project.root)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.stdout, done.stderr) == ("1 True []\n", "")


def test_real_models_are_measured_compared_registered_and_promoted(project: Project, tmp_path: Path) -> None:
    from evaluation_kit import make_case
    from evaluation_kit import make_run as real_run

    np, pd, linear_model = extras.load("numpy"), extras.load("pandas"), extras.load("sklearn.linear_model")
    generator = np.random.default_rng(7)
    frame: Any = pd.DataFrame(generator.normal(size=(300, 2)), columns=["a", "b"])
    frame["target"] = (frame["a"] + 0.3 * generator.normal(size=300) > 0).astype(int)
    plan = make_plan(champion=replace(RULE, margin=-0.2), trusted_types=("numpy.dtype",))
    models = LocalModels(project.layout)
    platform: Any = ToldPlatform(models)
    for number, strength in enumerate((1.0, 0.1), start=1):
        case = make_case(tmp_path / f"case-{number}", linear_model.LogisticRegression(C=strength), frame, ["a", "b"])
        run = replace(real_run(case), id=f"run-{number}")
        platform.runs.known[run.id] = run

        judgement = registration.judge_and_register(platform, run, plan, who="ada")
        promotion.promote(platform, plan, models.get(MODEL, number), request=promotion.Request(who="ada"))

        assert judgement.verdict.passed, judgement.verdict.failures
    promoted = models.get(MODEL, 2)
    assert promoted.evidence is not None
    assert promoted.evidence.metrics["roc_auc"] > 0.9
    assert promoted.evidence.comparison is not None
    assert promoted.evidence.comparison.champion_version == "1"
    assert project.stages() == {1: None, 2: "dev"}
