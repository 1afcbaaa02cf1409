"""Which layer a value comes from, what the shortest configs mean, and what an environment may say."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError, NotFoundError
from groundplan.stacks.config.finding import find
from groundplan.stacks.config.reading import read, read_all
from groundplan.stacks.config.resolved import Origin, Resolved
from groundplan.stacks.config.team import Approval

CLOUDS = {
    "azureml": "project: churn\nplatform: azureml\nregion: westeurope\n"
    "account: {subscription: 01234567-89ab-cdef-0123-456789abcdef, tenant: 01234567-89ab-cdef-0123-456789abcdef}\n",
    "vertex": "project: churn\nplatform: vertex\nregion: europe-west4\naccount: {project: my-project-1}\n",
}


@pytest.fixture(autouse=True)
def in_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GROUNDPLAN_ENVIRONMENT", raising=False)


def write(text: str) -> Path:
    path = Path("groundplan.yaml")
    path.write_text(text, encoding="utf-8")
    return path


def resolve(text: str, environment: str | None = None, **overrides: str) -> Resolved:
    return read(write(text).parent, environment=environment, overrides=overrides)


def test_two_lines_are_a_project_with_a_pipeline_a_model_and_an_endpoint() -> None:
    config = resolve("project: churn\nplatform: local\n").config

    assert {name: list(one.steps) for name, one in config.pipelines.items()} == {"train": ["prepare", "train"]}
    assert {name: (one.pipeline, one.output) for name, one in config.models.items()} == {
        "churn": ("train", "train.model")
    }
    assert {name: one.model for name, one in config.endpoints.items()} == {"churn": "churn"}
    assert list(config.compute) == ["default"]


@pytest.mark.parametrize("platform", sorted(CLOUDS))
def test_four_lines_are_a_project_on_a_cloud(platform: str) -> None:
    assert resolve(CLOUDS[platform]).config.platform == platform


def test_the_baseline_reads_the_projects_first_data_source_and_predicts_its_target() -> None:
    text = "project: p1\nplatform: local\ndata: {sources: {sales: {sklearn: diabetes}}, target: y, task: regression}\n"
    prepare = resolve(text).config.pipelines["train"].steps["prepare"]

    assert prepare.inputs == {"data": "data.sales"}
    assert (prepare.parameters["target"], prepare.parameters["task"]) == ("y", "regression")


def test_each_layer_wins_over_the_one_below_it() -> None:
    text = (
        "project: churn\nplatform: local\nmaturity: automation\n"
        "evaluation:\n  champion:\n    confidence: 0.9\n"
        "environments:\n  dev:\n  prod:\n    evaluation: {champion: {resamples: 500}}\n"
    )
    resolved = resolve(text, "prod", **{"evaluation.max_age": "2d"})
    champion = resolved.config.evaluation.champion

    assert (champion.margin, champion.confidence, champion.resamples) == (-0.01, 0.9, 500)
    assert {path: resolved.origins[path] for path in resolved.origins if path.startswith("evaluation.")} == {
        "evaluation.champion.confidence": Origin(kind="file", where="groundplan.yaml:6:17"),
        "evaluation.champion.enabled": Origin(kind="default"),
        "evaluation.champion.margin": Origin(kind="maturity"),
        "evaluation.champion.metric": Origin(kind="default"),
        "evaluation.champion.resamples": Origin(kind="environment", where="groundplan.yaml:10:40"),
        "evaluation.fairness": Origin(kind="default"),
        "evaluation.max_age": Origin(kind="flag", where="--set evaluation.max_age"),
        "evaluation.metrics.accuracy.max": Origin(kind="default"),
        "evaluation.metrics.accuracy.min": Origin(kind="maturity"),
        "evaluation.robustness.missing": Origin(kind="default"),
        "evaluation.robustness.noise": Origin(kind="default"),
        "evaluation.seed": Origin(kind="default"),
        "evaluation.slices": Origin(kind="default"),
    }


def test_lists_are_replaced_and_mappings_merged() -> None:
    text = (
        "project: churn\nplatform: local\n"
        "monitoring: {alerts: [a@example.com, b@example.com], window: 2d}\n"
        "environments: {dev: {monitoring: {alerts: [c@example.com]}}}\n"
    )
    monitoring = resolve(text).config.monitoring

    assert (monitoring.alerts, monitoring.window) == (["c@example.com"], "2d")


def test_a_compute_of_ones_own_leaves_the_default_one() -> None:
    assert set(resolve("project: churn\nplatform: local\ncompute: {big: {kind: gpu}}\n").config.compute) == {
        "big",
        "default",
    }


@pytest.mark.parametrize(
    ("maturity", "approvals"),
    [
        ("foundation", {"dev": None, "prod": None}),
        ("automation", {"dev": None, "staging": None, "prod": Approval()}),
        ("optimization", {"dev": None, "staging": None, "prod": Approval()}),
    ],
)
def test_maturity_picks_environments_and_approval(maturity: str, approvals: dict[str, Approval | None]) -> None:
    environments = resolve(f"project: churn\nplatform: local\nmaturity: {maturity}\n").environments

    assert list(environments) == list(approvals)
    assert {name: one.approval for name, one in environments.items()} == approvals


@pytest.mark.parametrize(
    ("environments", "approvals"),
    [
        ("{only: }", {"only": None}),
        ("{a: , b: }", {"a": None, "b": Approval()}),
        ("{a: , b: {approval: null}}", {"a": None, "b": None}),
    ],
)
def test_the_last_of_several_environments_needs_approval_unless_it_says_otherwise(
    environments: str, approvals: dict[str, Approval | None]
) -> None:
    text = f"project: churn\nplatform: local\nmaturity: automation\nenvironments: {environments}\n"

    assert {name: one.approval for name, one in resolve(text).environments.items()} == approvals


def test_the_threshold_of_maturity_is_left_out_where_tasks_differ() -> None:
    text = "project: churn\nplatform: local\nmaturity: automation\nmodels: {a: {}, b: {task: regression}}\n"

    assert resolve(text).config.evaluation.metrics == {}


def test_the_environment_is_the_one_named_else_the_variables_else_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "project: churn\nplatform: local\n"
    assert resolve(text).environment == "dev"
    monkeypatch.setenv("GROUNDPLAN_ENVIRONMENT", "prod")

    assert (resolve(text).environment, resolve(text, "dev").environment) == ("prod", "dev")


def test_an_unknown_environment_is_not_found_and_the_nearest_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFoundError) as caught:
        resolve("project: churn\nplatform: local\n", "prd")
    assert caught.value.hint == "Did you mean 'prod'?"
    monkeypatch.setenv("GROUNDPLAN_ENVIRONMENT", "prd")

    with pytest.raises(NotFoundError) as caught:
        resolve("project: churn\nplatform: local\n")
    assert caught.value.where == "GROUNDPLAN_ENVIRONMENT"


def test_all_environments_come_in_the_order_of_the_file() -> None:
    path = write("project: churn\nplatform: local\nenvironments: {zulu: , alpha: {owner: jo}}\n")

    assert {name: one.config.owner for name, one in read_all(path.parent).items()} == {"zulu": None, "alpha": "jo"}
    assert list(read_all(path.parent)) == ["zulu", "alpha"]


def test_the_config_is_found_upwards() -> None:
    path = write("project: churn\nplatform: local\n").absolute()
    below = path.parent / "a" / "b"
    below.mkdir(parents=True)

    assert find(below) == path


def test_a_folder_without_a_config_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        find(tmp_path)

    assert "groundplan new" in caught.value.hint


def test_the_digest_is_of_the_meaning_not_of_the_text() -> None:
    first = resolve("project: churn\nplatform: local\n")
    same = resolve("# a comment\nplatform: 'local'\nproject:   churn\nowner:\n")

    assert (first.digest == same.digest, first.digest == resolve("project: other\nplatform: local\n").digest) == (
        True,
        False,
    )


@pytest.mark.parametrize(
    ("path", "value", "message", "hint"),
    [
        ("evaluation.champoin.margin", "0", "there is no key 'champoin' in evaluation", "Did you mean 'champion'?"),
        ("evaluation.seed", "many", "evaluation.seed: expected a whole number; got the text 'many'", ""),
        ("project", "x", "'project' is the same in every environment", "Change it in groundplan.yaml."),
        ("a..b", "x", "'a..b' is not a dotted path", "Change it in groundplan.yaml."),
        ("owner", "[", "a bracket is not closed, or a comma is missing", "Close the bracket."),
    ],
)
def test_a_flag_that_cannot_be_is_named(path: str, value: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("project: churn\nplatform: local\n", **{path: value})

    problem = caught.value.problems[0]
    assert (problem.where, problem.message, problem.hint) == (f"--set {path}", message, hint)


def test_a_newer_format_asks_for_a_newer_groundplan_and_nothing_else() -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("apiVersion: groundplan/v2\nunheard: of\n")

    assert [problem.message for problem in caught.value.problems] == [
        "this config is written for groundplan/v2; this groundplan reads groundplan/v1"
    ]
