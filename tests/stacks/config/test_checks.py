"""What types cannot say: each bad config gives exactly these problems, at these places.

That a path's target exists is not judged here: ``run`` and ``data check`` do.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError, Problem
from groundplan.stacks.config.checks import problem_with_path
from groundplan.stacks.config.reading import read

TWO_LINES = "project: churn\nplatform: local\n"
STEPS = TWO_LINES + "pipelines:\n  train:\n    steps:\n"
GOOD_STEPS = (
    "      prepare: {command: 'p {inputs.data} {outputs.train} {outputs.test}', inputs: {data: data.main}, "
    "outputs: {train: dataset, test: dataset}}\n"
    "      train: {command: 't {inputs.x} {outputs.model}', inputs: {x: prepare.train}, outputs: {model: model}}\n"
)


def problems(folder: Path, text: str) -> list[tuple[str, str, str]]:
    """Place, message and hint of each problem; none for a good config."""
    (folder / "groundplan.yaml").write_text(text, encoding="utf-8")
    try:
        read(folder)
    except ConfigError as error:
        return [_short(problem) for problem in error.problems]
    return []


def _short(problem: Problem) -> tuple[str, str, str]:
    return problem.where.rpartition("groundplan.yaml:")[2], problem.message, problem.hint


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("a: {command: 'x {inputs.i}', inputs: {i: prepar.train}}",
         ("8:48", "input 'i' of step 'a': there is no step 'prepar'", "Did you mean 'prepare'?")),
        ("a: {command: 'x {inputs.i}', inputs: {i: prepare.trian}}",
         ("8:48", "input 'i' of step 'a': step 'prepare' has no output 'trian'", "Did you mean 'train'?")),
        ("a: {command: 'x {inputs.i}', inputs: {i: data.mian}}",
         ("8:48", "input 'i' of step 'a': there is no data source 'mian'", "Did you mean 'main'?")),
        ("a: {command: x, after: [trian]}",
         ("8:31", "step 'a' comes after 'trian', which is not there", "Did you mean 'train'?")),
        ("a: {command: x, compute: defualt}", ("8:32", "there is no compute 'defualt'", "Did you mean 'default'?")),
        ("a: {command: 'x {parameters.alhpa}', parameters: {alpha: 1}}",
         ("8:20", "the command of step 'a' uses {parameters.alhpa}, but there is no such parameter",
          "Did you mean 'alpha'?")),
        ("a: {command: 'x {input.i}'}",
         ("8:20", "the command of step 'a' uses {input.i}, which is no placeholder", "Did you mean 'inputs'?")),
        ("a: {command: x, outputs: {m: metrics}}",
         ("8:33", "the command of step 'a' never gets its output 'm'",
          "Pass {outputs.m} to the command, or remove the output.")),
        ("a: {command: 'x \"'}", ("8:20", "the command of step 'a' has a quote that is not closed", "")),
        ("a: {command: []}", ("8:20", "the command of step 'a' has no words", "")),
        ("a: {command: x, environment: {isolated: true}}",
         ("8:37", "step 'a' is isolated but names no requirements", "Add 'requirements: requirements.txt'.")),
        ("data: {command: x}", ("8:7", "a step cannot be named 'data': data.NAME means a data source", "Rename it.")),
        ("con: {command: x}", ("8:7", "'con' is reserved: Windows cannot make a file of that name", "")),
        ("a: {command: x, after: [a]}",
         ("8:7", "pipeline 'train' goes in a circle: a → a", "Let one of these steps read something else.")),
    ],
)  # fmt: skip
def test_a_step_that_cannot_run_is_told(tmp_path: Path, step: str, expected: tuple[str, str, str]) -> None:
    assert problems(tmp_path, f"{STEPS}{GOOD_STEPS}      {step}\n") == [expected]


def test_a_circle_of_several_steps_is_named_in_its_order(tmp_path: Path) -> None:
    circle = "".join(
        f"      {step}: {{command: 'x {{inputs.i}} {{outputs.o}}', inputs: {{i: {before}.o}}, outputs: {{o: value}}}}\n"
        for step, before in (("a", "b"), ("b", "c"), ("c", "a"))
    )

    assert problems(tmp_path, STEPS + GOOD_STEPS + circle) == [
        ("8:7", "pipeline 'train' goes in a circle: a → b → c → a", "Let one of these steps read something else.")
    ]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("pipeline: tarin", ("9:17", "model 'm': there is no pipeline 'tarin'", "Did you mean 'train'?")),
        ("output: train.mode",
         ("9:15", "model 'm': output 'train.mode' of pipeline 'train' is not there", "Did you mean 'train.model'?")),
        ("output: prepare.train",
         ("9:15", "model 'm': output 'prepare.train' of pipeline 'train' is a dataset, not a model",
          "Known: train.model.")),
        ("test: train.model",
         ("9:13", "model 'm': test 'train.model' of pipeline 'train' is a model, not a dataset",
          "Known: prepare.train, prepare.test.")),
        ("task: regression, positive_class: 1",
         ("9:25", "model 'm' predicts a number and has no positive class",
          "Remove it, or set task: classification.")),
        ("evaluation: {metrics: {rmse: {max: 1}}}",
         ("9:30", "the metric rmse does not fit the task classification", "Such as accuracy, f1, roc_auc.")),
        ("task: regression, evaluation: {champion: {metric: roc_auc}}",
         ("9:57", "the metric roc_auc does not fit the task regression", "Such as mae, rmse, r2.")),
        ("evaluation: {slices: [{column: c, metric: size_mb, max: 1}]}",
         ("9:49", "the metric size_mb is of the whole model, not of a part of the data", "")),
        ("evaluation: {fairness: [{column: c, metric: mean_prediction_difference, max: 1}]}",
         ("9:51", "the metric mean_prediction_difference does not fit the task classification",
          "Such as accuracy, f1, roc_auc.")),
    ],
)  # fmt: skip
def test_a_model_that_cannot_be_judged_is_told(tmp_path: Path, model: str, expected: tuple[str, str, str]) -> None:
    assert problems(tmp_path, f"{STEPS}{GOOD_STEPS}models:\n  m: {{{model}}}\n") == [expected]


def test_the_projects_rubric_must_fit_the_models_that_use_it(tmp_path: Path) -> None:
    text = (
        TWO_LINES
        + "data: {task: regression, sources: {main: {sklearn: diabetes}}}\nevaluation: {metrics: {f1: {min: 0.5}}}\n"
    )

    assert problems(tmp_path, text) == [
        ("4:24", "the metric f1 does not fit the task regression", "Such as mae, rmse, r2.")
    ]


@pytest.mark.parametrize(
    ("endpoints", "expected"),
    [
        ("{a: {model: chrun}}",
         [("3:24", "endpoint 'a' serves the model 'chrun', which is not there", "Did you mean 'churn'?")]),
        ("{a: {port: 9000}, b: {port: 9000}}",
         [("3:40", "the endpoints 'a' and 'b' have the same port 9000", "Give one of them another port.")]),
        ("{a: {host: 0.0.0.0}}",
         [("3:23", "endpoint 'a' listens on 0.0.0.0 and asks nobody for a key",
           "Add 'api_key: ${env:API_KEY}', or leave host out.")]),
        ("{a: {host: '0.0.0.0', api_key: '${env:API_KEY}'}}", []),
        ("{a: {host: localhost}, b: {host: '::1'}, c: {host: 127.0.0.2}}", []),
        ("{a: {host: 'a b'}}", [("3:23", "'a b' is no address and no host name", "")]),
        ("{a: {host: 300.1.2.3}}", [("3:23", "'300.1.2.3' is no address and no host name", "")]),
    ],
)  # fmt: skip
def test_endpoints_that_cannot_or_must_not_listen_are_told(
    tmp_path: Path, endpoints: str, expected: list[tuple[str, str, str]]
) -> None:
    assert problems(tmp_path, f"{TWO_LINES}endpoints: {endpoints}\n") == expected


def test_an_endpoint_between_two_models_says_which_it_serves(tmp_path: Path) -> None:
    assert problems(tmp_path, TWO_LINES + "models: {a: , b: }\nendpoints: {c: {}}\n")[0][1] == (
        "models.a: expected a mapping; got nothing (null)"
    )
    assert problems(tmp_path, TWO_LINES + "models: {a: {}, b: {}}\nendpoints: {c: {}}\n") == [
        ("4:13", "endpoint 'c' does not say which model it serves", "Add 'model: …'. Known: a, b.")
    ]


AZURE_IDS = "subscription: 01234567-89ab-cdef-0123-456789abcdef, tenant: 01234567-89ab-cdef-0123-456789abcdef"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("platform: azureml", ["platform azureml needs a region",
                               "platform azureml needs account.subscription and account.tenant"]),
        (f"platform: azureml\nregion: europe-west4\naccount: {{{AZURE_IDS}}}",
         ["'europe-west4' is not a region of azureml"]),
        (f"platform: azureml\nregion: westeurope\naccount: {{{AZURE_IDS}, project: my-project}}",
         ["account.project means nothing on azureml"]),
        ("platform: vertex\nregion: westeurope\naccount: {project: my-project}",
         ["'westeurope' is not a region of vertex"]),
        ("platform: vertex\nregion: europe-west4\naccount: {number: '123456789'}",
         ["platform vertex needs account.project"]),
    ],
)  # fmt: skip
def test_a_cloud_needs_its_region_and_its_account(tmp_path: Path, lines: str, expected: list[str]) -> None:
    assert [message for _, message, _ in problems(tmp_path, f"project: churn\n{lines}\n")] == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("environments: {dev: , prod: {approval: {roles: [ml-engineer]}}}",
         [("3:49", "nobody can approve for prod: team.ml-engineer has no principals",
           "Add 'team: {ml-engineer: [jo@example.com]}'.")]),
        ("team: {ml-engineer: [jo, jo]}", [("3:8", "team.ml-engineer names somebody twice", "")]),
        ("compute: {big: {min_nodes: 3}}", [("3:28", "compute 'big': min_nodes (3) is above max_nodes (1)", "")]),
        ("environments: [dev]",
         [("3:15", "environments: expected a mapping of names to overrides, in order",
           "Write each name with a colon: 'dev:'.")]),
        ("environments: {}",
         [("3:15", "environments: expected a mapping of names to overrides, in order",
           "Write each name with a colon: 'dev:'.")]),
        ("environments: {dev: 3}", [("3:16", "environments.dev: expected overrides or nothing", "")]),
        ("environments: {dev: {project: other}}",
         [("3:22", "'project' is the same in every environment", "Move it to the top.")]),
        ("environments: {dev: {platform: azureml}}",
         [("3:22", "'platform' is the same in every environment", "Move it to the top.")]),
        ("environments: {dev: , prod: {descripton: x}}",
         [("3:30", "there is no key 'descripton' (environment prod)", "Did you mean 'description'?")]),
        ("environments: {latest: }",
         [("3:16", "the environment name 'latest' is reserved: model registries give it a meaning of their own", "")]),
    ],
)  # fmt: skip
def test_environments_people_and_computes_are_checked(
    tmp_path: Path, line: str, expected: list[tuple[str, str, str]]
) -> None:
    assert problems(tmp_path, f"{TWO_LINES}{line}\n") == expected


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/etc/passwd", "is not relative"), ("~/x", "is not relative"), ("C:\\x", "is not relative"),
        ("c:x", "is not relative"), ("\\\\host\\x", "is not relative"),
        ("../x", "leaves its folder"), ("a/../../x", "leaves its folder"), ("a\\..\\x", "leaves its folder"),
        ("a\nb", "invisible"), ("a\u202eb", "invisible"), ("link", "leads out"), ("folder/x", "leads out"),
        ("fifo", "neither a file nor a folder"), ("circle", "leads out of the project|cannot be followed"),
    ],
)  # fmt: skip
def test_a_path_stays_in_the_project_and_names_a_file_or_folder(tmp_path: Path, path: str, rule: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "link").symlink_to("/etc/passwd")
    (root / "folder").symlink_to(tmp_path)
    (root / "circle").symlink_to("circle")
    os.mkfifo(root / "fifo")

    problem = problem_with_path(path, root)

    assert problem is not None
    assert any(one in problem for one in rule.split("|"))


@pytest.mark.parametrize("path", ["data.csv", "./data/x.parquet", "not there yet.csv", "src", "inner"])
def test_a_path_inside_the_project_may_be_anything_or_nothing(tmp_path: Path, path: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "inner").symlink_to("src")

    assert problem_with_path(path, tmp_path) is None
