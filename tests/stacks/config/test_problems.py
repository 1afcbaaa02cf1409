"""All problems at once, in the order of the file, each in words and with a suggestion; typos anywhere are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError, Problem
from groundplan.stacks.config.loading import load_text
from groundplan.stacks.config.reading import check_text, read
from groundplan.stacks.config.tree import Source
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FULL = """\
project: churn
platform: local
owner: jo@example.com
maturity: automation
team:
  data-scientist: [jo@example.com]
data:
  target: label
  scorecard:
    min_rows: 50
    max_missing: 0.5
evaluation:
  champion:
    margin: 0.1
    confidence: 0.9
  robustness:
    noise:
      metric: accuracy
      max_drop: 0.1
monitoring:
  window: 2d
  drift:
    statistic: psi
retraining:
  cool_down: 3d
compute:
  big:
    max_nodes: 3
endpoints:
  churn:
    request_timeout: 10s
    max_batch_rows: 5
environments:
  dev:
    description: where it starts
  prod:
    approval:
      roles: [data-scientist]
    budget:
      amount: 100
      currency: EUR
"""
LINES = FULL.splitlines()
NAMED_BY_THE_USER = {"big", "churn", "dev", "prod", "data-scientist"}
KEYS = [
    (number, line.partition(":")[0].strip())
    for number, line in enumerate(LINES)
    if line.partition(":")[0].strip() not in NAMED_BY_THE_USER
]


def problems(text: str) -> tuple[Problem, ...]:
    try:
        check_text(Path("/nowhere/groundplan.yaml"), load_text(Source(name="groundplan.yaml", text=text)))
    except ConfigError as error:
        return error.problems
    return ()


def test_the_config_that_the_typos_are_put_into_is_good() -> None:
    assert problems(FULL) == ()


@given(key=st.sampled_from(KEYS), data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_typo_in_any_key_is_told_at_its_line_with_the_key_that_was_meant(
    key: tuple[int, str], data: st.DataObject
) -> None:
    number, name = key
    position = data.draw(st.integers(1, len(name) - 1))
    typo = data.draw(
        st.sampled_from(
            [
                name[:position] + "x" + name[position:],
                name[: position - 1] + name[position] + name[position - 1] + name[position + 1 :],
            ]
        ).filter(lambda one: one not in {other for _, other in KEYS})
    )
    text = "\n".join([*LINES[:number], LINES[number].replace(name, typo, 1), *LINES[number + 1 :]])

    found = [one for one in problems(text) if one.where.startswith(f"groundplan.yaml:{number + 1}:")]

    assert [one.hint for one in found] == [f"Did you mean '{name}'?"]
    assert f"'{typo}'" in found[0].message


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    text = (
        "project: churn\nplatform: lcoal\nmonitorign: {}\ndata:\n  scorecard: {max_missing: 2, allow_constant: no}\n"
        "evaluation:\n  metrics: {acuracy: {min: 1}}\n  max_age: 3 days\n"
    )

    assert [(one.where, one.message, one.hint) for one in problems(text)] == [
        ("groundplan.yaml:2:11", "platform: expected one of local, azureml, vertex; got the text 'lcoal'",
         "Did you mean 'local'?"),
        ("groundplan.yaml:3:1", "there is no key 'monitorign'", "Did you mean 'monitoring'?"),
        ("groundplan.yaml:5:28", "data.scorecard.max_missing: expected at most 1; got 2", ""),
        ("groundplan.yaml:5:47", "data.scorecard.allow_constant: expected true or false; got the text 'no'",
         "Write false."),
        ("groundplan.yaml:7:13",
         ("the name 'acuracy' in evaluation.metrics is not allowed: expected one of accuracy, precision, recall, f1, "
          "roc_auc, log_loss, brier, calibration_error, mae, rmse, r2, latency_p95_ms, size_mb"),
         "Did you mean 'accuracy'?"),
        ("groundplan.yaml:8:12",
         "evaluation.max_age: expected a whole number and a unit, such as 90s, 10m, 2h or 30d; got the text '3 days'",
         ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("owner: 12", "owner: expected text; got 12"),
        ("owner: ''", "owner: expected text that is not empty; got the text ''"),
        ("owner: [a]", "owner: expected text; got a list"),
        ("data:", "data: expected a mapping; got nothing (null)"),
        ("data: {scorecard: {min_rows: 1.5}}", "data.scorecard.min_rows: expected a whole number; got 1.5"),
        ("data: {scorecard: {min_rows: -1}}", "data.scorecard.min_rows: expected at least 1; got -1"),
        ("data: {scorecard: {min_rows: true}}", "data.scorecard.min_rows: expected a whole number; got true"),
        ("data: {scorecard: {max_missing: '0.5'}}",
         "data.scorecard.max_missing: expected a number; got the text '0.5'"),
        ("data: {sources: {main: {}}}", "data.sources.main: a source needs exactly one of 'path', 'uri' and 'sklearn'"),
        ("evaluation: {metrics: {f1: {}}}", "evaluation.metrics.f1: a threshold needs 'min', 'max' or both"),
        ("evaluation: {metrics: {f1: {min: 1, max: 0}}}", "evaluation.metrics.f1: 'min' (1.0) is above 'max' (0.0)"),
        ("budget: {}", "budget.amount is missing"),
        ("account: {number: 123456}", "account.number: expected text; got 123456"),
        ("policies: {exemptions: [{rule: x, resource: y, reason: short, owner: jo, expires: 2027-01-01}]}",
         "policies.exemptions.0.reason: expected text of at least 20 characters; got the text 'short'"),
        ("pipelines: {p: {steps: {s: {command: {a: 1}}}}}",
         "pipelines.p.steps.s.command: expected text or a list; got a mapping"),
        ("pipelines: {p: {steps: {s: {command: x, parameters: {a: [1]}}}}}",
         "pipelines.p.steps.s.parameters.a: expected true or false or a whole number or a number or text; got a list"),
        ("pipelines: {P: {steps: {}}}",
         ("the name 'P' in pipelines is not allowed: expected lower-case letters, digits, single hyphens or "
          "underscores, starting with a letter")),
    ],
)  # fmt: skip
def test_one_wrong_value_is_one_problem_in_plain_words(line: str, message: str) -> None:
    assert [one.message for one in problems(f"project: churn\nplatform: local\n{line}\n")] == [message]


def test_a_problem_that_only_some_environments_have_names_them() -> None:
    text = "project: churn\nplatform: local\nenvironments:\n  dev:\n  prod: {endpoints: {churn: {host: 0.0.0.0}}}\n"

    assert [(one.where, one.message) for one in problems(text)] == [
        ("groundplan.yaml:5:36", "endpoint 'churn' listens on 0.0.0.0 and asks nobody for a key (environment prod)")
    ]


def test_an_excerpt_shows_the_line_and_points_below_it() -> None:
    assert [one.excerpt for one in problems("project: churn\nplatform: local\nownr: jo\n")] == [
        "3 | ownr: jo\n    ^^^^"
    ]


def test_control_characters_of_the_file_do_not_reach_the_terminal() -> None:
    error = problems('project: churn\nplatform: local\n"own\\e[31mr": "a\u202eb"\n')

    assert len(error) == 1
    assert all(line.isprintable() for line in (error[0].message, *error[0].excerpt.splitlines()))


def test_places_are_named_from_where_the_user_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: churn\n")
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")

    with pytest.raises(ConfigError) as caught:
        read(Path.cwd())

    assert caught.value.where == "../groundplan.yaml:1:1"
