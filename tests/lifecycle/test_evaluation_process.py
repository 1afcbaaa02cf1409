"""Evaluation as the registry asks for it: a process of its own, evidence that is kept, errors that come back."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd  # pyright: ignore[reportMissingTypeStubs]
import pytest
from groundplan.core import clock, digests
from groundplan.core.errors import (
    DataError,
    NotFoundError,
    PolicyError,
    ResourceFailedError,
    StoreCorruptedError,
    TimeoutReachedError,
    UsageError,
)
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.pipeline import StepInput
from groundplan.lifecycle.contract.rubric import Bounds, ChampionRule, DisturbanceRule, FairnessRule, Rubric, SliceRule
from groundplan.lifecycle.gates import judge
from groundplan.lifecycle.local.evaluation import child, process, store
from groundplan.lifecycle.local.evaluation.process import compare, evaluate
from groundplan.lifecycle.local.monitoring import baselines
from sklearn import linear_model  # pyright: ignore[reportMissingTypeStubs]

from evaluation_kit import TRUSTED, Case, layout, make_case, make_plan, make_run, make_version

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.evidence import Evidence
    from groundplan.lifecycle.contract.model import ModelPlan
    from groundplan.lifecycle.contract.run import Run
    from groundplan.lifecycle.local.evaluation.requests import Answer

RULE = ChampionRule(metric=None, margin=0.0, confidence=0.95, resamples=200)
RUBRIC = Rubric(
    environment="dev",
    metrics={"accuracy": Bounds(min=0.5)},
    slices=(SliceRule(column="sex", metric="f1", bounds=Bounds(min=0.1)),),
    fairness=(FairnessRule(column="sex", metric="demographic_parity_difference", bounds=Bounds(max=0.9)),),
    disturbances=(DisturbanceRule(kind="noise", metric="f1", amount=0.1, max_drop=0.5),),
    champion=RULE,
)


@dataclasses.dataclass(frozen=True)
class Project:
    """A project with a run that made a model."""

    layout: Layout
    case: Case
    run: Run
    plan: ModelPlan


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Case:
    generator = np.random.default_rng(3)
    table: Any = pd.DataFrame(generator.normal(size=(300, 2)), columns=["a", "b"])
    table["target"] = (table["a"] + generator.normal(size=300) > 0).astype(int)
    table["sex"] = generator.choice(["f", "m"], size=300)
    return make_case(tmp_path_factory.mktemp("made") / "case", linear_model.LogisticRegression(), table, ["a", "b"])


@pytest.fixture(scope="session")
def evaluated(made: Case, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Evidence]:
    """A project's folder in which the evaluation was made once, by the real process."""
    root = tmp_path_factory.mktemp("project")
    evidence = evaluate(layout(root), make_run(made), make_plan(made, RUBRIC))
    return root, evidence


@pytest.fixture
def project(made: Case, evaluated: tuple[Path, Evidence], tmp_path: Path) -> Project:
    """A copy of the evaluated project, with a copy of the model and its data."""
    folder = Path(shutil.copytree(made.model.parent, tmp_path / "case"))
    root = Path(shutil.copytree(evaluated[0], tmp_path / "project"))
    case = dataclasses.replace(made, model=folder / "model", data=folder / "test.csv")
    return Project(layout=Layout(root), case=case, run=make_run(case), plan=make_plan(case, RUBRIC))


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no evaluating process: whoever asks it fails."""

    def call(*_: object, **__: object) -> Answer:
        raise ResourceFailedError("asked")

    monkeypatch.setattr(process, "call", call)


def asks_anew(project: Project) -> bool:
    try:
        evaluate(project.layout, project.run, project.plan)
    except ResourceFailedError:
        return True
    return False


def test_evidence_holds_all_that_was_asked_and_passes_its_gate(evaluated: tuple[Path, Evidence], made: Case) -> None:
    evidence = evaluated[1]

    assert (evidence.model, evidence.run_id, evidence.code_version) == ("churn", "run-1", "abc123-dirty")
    assert evidence.model_digest == digests.of_path(made.model)
    assert evidence.data_digest == digests.of_path(made.data)
    assert [(one.value, one.rows > 0) for one in evidence.slices] == [("f", True), ("m", True)]
    assert len(evidence.fairness) == len(evidence.disturbances) == 1
    verdict = judge(
        evidence, RUBRIC, now=clock.now(), model_digest=evidence.model_digest, comparison=None, champion=None
    )
    assert verdict.passed


def test_nothing_but_evidence_and_the_profile_is_left_behind(evaluated: tuple[Path, Evidence]) -> None:
    left = sorted(path for path in evaluated[0].rglob("*") if path.is_file())

    registry = evaluated[0] / ".groundplan" / "registry"
    assert [(path.parent, path.suffix) for path in left] == [
        (registry / "evidence", ".json"), (registry / "profiles", ".json")
    ]  # fmt: skip


def test_the_profile_is_of_the_models_columns_and_of_its_answers(evaluated: tuple[Path, Evidence], made: Case) -> None:
    profile = store.read_profile(Layout(evaluated[0]), evaluated[1].model_digest)

    assert profile is not None
    assert {feature.name for feature in profile.features} == set(made.features)
    assert profile.prediction.rows == evaluated[1].rows
    assert sum(profile.prediction.categories.values()) == pytest.approx(1)


def test_a_version_without_a_baseline_gets_one_from_its_run_and_then_keeps_it(project: Project, tmp_path: Path) -> None:
    model = tmp_path / "kept" / "model"
    shutil.copytree(project.case.model, model)
    version = make_version(model, digests.of_path(model))

    made = baselines.baseline(project.layout, version, run=project.run, plan=project.plan)
    again = baselines.baseline(project.layout, version, run=None, plan=project.plan)

    assert (again, made.rows, made.version) == (made, len(project.case.frame), version.version)
    (model.parent / "baseline.json").write_text((model.parent / "baseline.json").read_text().replace("churn", "other"))
    with pytest.raises(StoreCorruptedError, match="was changed"):
        baselines.baseline(project.layout, version, run=None, plan=project.plan)
    (model.parent / "baseline.json").unlink()
    with pytest.raises(NotFoundError, match=r"its run .* is gone"):
        baselines.baseline(project.layout, version, run=None, plan=project.plan)


def test_attributions_of_the_held_out_rows_are_made_once_they_are_asked_for_and_then_kept(
    project: Project, tmp_path: Path
) -> None:
    model = tmp_path / "kept" / "model"
    shutil.copytree(project.case.model, model)
    version, asks = make_version(model, digests.of_path(model)), dataclasses.replace(project.plan, attribution=True)
    before = baselines.baseline(project.layout, version, run=project.run, plan=project.plan)

    gone = baselines.baseline(project.layout, version, run=None, plan=asks)
    made = baselines.baseline(project.layout, version, run=project.run, plan=asks)
    again = baselines.baseline(project.layout, version, run=None, plan=asks)

    assert (before.attribution, gone, again) == (None, before, made)
    assert made.attribution is not None
    assert (made.attribution.rows, made.attribution.covariance) == (100, ())
    assert made.attribution.values["a"] > 5 * made.attribution.values["b"] > 0
    assert dataclasses.replace(made, attribution=None) == before
    assert baselines.measured(project.layout, "churn", version.digest) != before  # what the next version is kept with


@pytest.mark.usefixtures("no_process")
def test_the_same_model_data_and_rubric_give_the_same_evidence(
    project: Project, evaluated: tuple[Path, Evidence]
) -> None:
    assert evaluate(project.layout, project.run, project.plan) == evaluated[1]


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize(
    "change",
    [
        {"target": "sex"},
        {"positive_class": 0},
        {"rubrics": {"dev": dataclasses.replace(RUBRIC, seed=1)}},
        {"rubrics": {"dev": dataclasses.replace(RUBRIC, slices=())}},
        {"trusted_types": ()},
    ],
)
def test_anything_that_decides_the_values_is_measured_anew(project: Project, change: dict[str, Any]) -> None:
    assert asks_anew(dataclasses.replace(project, plan=dataclasses.replace(project.plan, **change)))


@pytest.mark.usefixtures("no_process")
def test_another_threshold_needs_no_new_measurement(project: Project) -> None:
    rubric = dataclasses.replace(RUBRIC, metrics={"f1": Bounds(min=0.99)})

    plan = dataclasses.replace(project.plan, rubrics={"dev": rubric})
    assert not asks_anew(dataclasses.replace(project, plan=plan))


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize(
    ("age", "anew"), [(timedelta(days=31), True), (timedelta(minutes=-6), True), (timedelta(), False)]
)
def test_evidence_that_is_too_old_or_from_the_future_is_made_anew(
    project: Project, evaluated: tuple[Path, Evidence], age: timedelta, anew: bool
) -> None:
    file = next(store.folder(project.layout).iterdir())
    old = dataclasses.replace(evaluated[1], made=clock.to_text(clock.now() - age))
    store.write(project.layout, f"sha256:{file.stem}", old)

    assert asks_anew(project) is anew


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[]", b"\xff"])
def test_damaged_evidence_is_made_anew(project: Project, content: bytes) -> None:
    next(store.folder(project.layout).iterdir()).write_bytes(content)

    assert asks_anew(project)


@pytest.mark.usefixtures("no_process")
def test_evidence_changed_by_hand_is_made_anew(project: Project) -> None:
    file = next(store.folder(project.layout).iterdir())
    record = json.loads(file.read_bytes())
    record["evidence"]["metrics"]["accuracy"] = 1.0
    file.write_text(json.dumps(record), encoding="utf-8")

    assert asks_anew(project)


@pytest.mark.usefixtures("no_process")
def test_a_model_changed_after_its_evaluation_is_refused(project: Project) -> None:
    (project.case.model / "MLmodel").write_text("flavors: {}", encoding="utf-8")

    with pytest.raises(StoreCorruptedError, match="was changed"):
        evaluate(project.layout, project.run, project.plan)


def test_evidence_survives_being_written(evaluated: tuple[Path, Evidence]) -> None:
    assert store.from_json(json.loads(json.dumps(store.to_json(evaluated[1])))) == evaluated[1]


@pytest.mark.parametrize(
    "reference", [StepInput(step="gone", output="model"), StepInput(step="prepare", output="test")]
)
def test_a_run_without_the_model_says_what_it_lacks(project: Project, reference: StepInput) -> None:
    plan = dataclasses.replace(project.plan, model_output=reference)

    with pytest.raises(NotFoundError, match=rf"has no output {reference.step}\.{reference.output} of type model"):
        evaluate(project.layout, project.run, plan)


def test_a_registered_model_is_asked_about_logged_rows_and_those_that_lack_a_value_are_left_out(
    project: Project,
) -> None:
    version = make_version(project.case.model, digests.of_path(project.case.model))
    rows: list[dict[str, object]] = project.case.inputs.to_dict("records")

    found = process.attribute(project.layout, version, [*rows, {"a": 1.0}, {"a": None, "b": 1.0}], project.plan)

    assert (found.rows, list(found.values), len(found.covariance)) == (len(rows), ["a", "b"], 2)
    assert found.values["a"] > 5 * found.values["b"]
    assert list(store.folder(project.layout).glob("attribution-*")) == []


def test_a_model_that_was_changed_is_not_asked(project: Project) -> None:
    version = make_version(project.case.model, "sha256:0")

    with pytest.raises(StoreCorruptedError, match="was changed: its digest is"):
        process.attribute(project.layout, version, [{"a": 1.0, "b": 2.0}], project.plan)


@pytest.mark.usefixtures("no_process")
def test_evidence_from_before_attributions_were_asked_for_is_made_anew(project: Project) -> None:
    asks = dataclasses.replace(project, plan=dataclasses.replace(project.plan, attribution=True))

    assert (asks_anew(project), asks_anew(asks)) == (False, True)


def test_errors_come_back_from_the_process_as_they_are(project: Project) -> None:
    project.case.data.write_text("a,b\n1,2\n", encoding="utf-8")
    run = make_run(project.case)

    with pytest.raises(DataError, match="no target column 'target'") as caught:
        evaluate(project.layout, run, project.plan)
    assert caught.value.where == str(project.case.data)


def test_a_process_that_takes_too_long_is_ended(project: Project) -> None:
    with pytest.raises(TimeoutReachedError, match="took longer than"):
        child.call(project.case.request(), root=project.layout.root, folder=project.layout.root, name="q", limit=0.05)
    assert [path.name for path in project.layout.root.glob("q.*")] == []


@pytest.mark.parametrize(
    ("code", "message"), [("raise SystemExit(3)", "exit code 3"), ("import os; os.abort()", "signal 6")]
)
def test_a_process_that_dies_is_told_with_its_last_words(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, message: str
) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text(f"#!/bin/sh\necho last words >&2\nexec {sys.executable} -c '{code}'\n", encoding="utf-8")
    interpreter.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(interpreter))

    with pytest.raises(ResourceFailedError, match=rf"{message} and gave no answer: last words"):
        child.call(project.case.request(), root=project.layout.root, folder=project.layout.root, name="q")


def test_a_challenger_is_compared_on_its_own_rows_and_anew_when_anything_that_decides_it_changed(
    project: Project, request: pytest.FixtureRequest
) -> None:
    version = make_version(project.case.model, digests.of_path(project.case.model))
    other_rows = project.case.data.with_name("other.csv")
    other_rows.write_text("".join(project.case.data.read_text().splitlines(keepends=True)[:-1]))
    given: dict[str, Any] = {"challenger": version, "champion": version, "test_data": project.case.data,
                             "plan": project.plan, "rule": RULE}  # fmt: skip
    changes: list[dict[str, Any]] = [
        {"rule": dataclasses.replace(RULE, resamples=RULE.resamples + 1)},
        {"test_data": other_rows},
        {"champion": dataclasses.replace(version, version=2)},
        {"plan": dataclasses.replace(project.plan, positive_class="other")},
    ]

    comparison = compare(project.layout, **given)
    request.getfixturevalue("no_process")

    assert (comparison.metric, comparison.difference, comparison.lower) == ("roc_auc", 0.0, 0.0)
    assert (comparison.champion_version, comparison.champion_digest) == ("1", version.digest)
    assert compare(project.layout, **given) == comparison
    for change in changes:
        with pytest.raises(ResourceFailedError, match="asked"):
            compare(project.layout, **{**given, **change})
    (project.case.model / "MLmodel").write_text("changed")
    with pytest.raises(StoreCorruptedError):
        compare(project.layout, **given)
    [kept] = (project.layout.registry / "comparisons").iterdir()
    kept.write_text(kept.read_text().replace('"lower": 0.0', '"lower": 0.5'))
    with pytest.raises(ResourceFailedError, match="asked"):
        compare(project.layout, **given)


def test_a_metric_that_no_row_has_cannot_be_compared(project: Project) -> None:
    version = make_version(project.case.model, digests.of_path(project.case.model))

    with pytest.raises(UsageError, match="cannot be compared by size_mb"):
        compare(
            project.layout,
            challenger=version,
            champion=version,
            test_data=project.case.data,
            plan=project.plan,
            rule=dataclasses.replace(RULE, metric="size_mb"),
        )


def test_types_that_only_the_model_asks_for_stay_untrusted(project: Project) -> None:
    from sklearn.tree import DecisionTreeClassifier  # pyright: ignore[reportMissingTypeStubs]

    tree: Any = DecisionTreeClassifier
    table = project.case.frame
    import skops.io  # pyright: ignore[reportMissingTypeStubs]

    skops.io.dump(tree().fit(table[["a", "b"]], table["target"]), project.case.model / "model.skops")
    run = make_run(project.case)

    with pytest.raises(PolicyError, match="not trusted"):
        evaluate(project.layout, run, make_plan(project.case, RUBRIC, trusted_types=TRUSTED))
