"""predict and logs as a user types them, against a real endpoint; how a model gets there is tested elsewhere."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from endpoint_kit import ROW, running, save_classifier
from terminal import GROUNDPLAN, clean_environment

CSV = "age,plan,active,left\n21,basic,true,no\n59,,false,yes\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    root = tmp_path_factory.mktemp("project")
    config = "project: churn\nplatform: local\ndata:\n  target: left\n  sources:\n    main:\n      path: people.csv\n"
    (root / "groundplan.yaml").write_text(config)
    (root / "people.csv").write_text(CSV)
    with running(root, save_classifier(root / "model")):
        yield root


def _typed(project: Path, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(GROUNDPLAN), *words],
        cwd=project,
        env=clean_environment(),
        input=given or "",
        text=True,
        capture_output=True,
    )


def _data(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return json.loads(done.stdout)["data"]


def test_without_data_a_row_of_the_project_is_asked_and_its_true_value_shown(project: Path) -> None:
    data = _data(_typed(project, "predict", "--format", "json"))

    assert (data["predictions"], data["actual"]) == (["no"], ["no"])
    assert data["inputs"] == [{"age": 21.0, "plan": "basic", "active": True}]


def test_a_person_is_told_the_id_that_feedback_takes(project: Path) -> None:
    said = _typed(project, "predict").stderr
    data = _data(_typed(project, "predict", "--format", "json"))

    assert re.search(r"churn version 1 at http://\S+, request [0-9a-f]{32}$", said, re.MULTILINE)
    assert data["requests"] == [{"request_id": data["request_id"], "first_row": 1, "rows": 1}]


def test_of_more_rows_than_the_endpoint_takes_at_once_each_request_has_its_id(project: Path) -> None:
    rows = json.dumps([ROW] * 1001)
    said = _typed(project, "predict", "--data", "-", given=rows).stderr
    data = _data(_typed(project, "predict", "--data", "-", "--format", "json", given=rows))

    first, second = re.findall(r"^rows (\d+) to (\d+): request ([0-9a-f]{32})$", said, re.MULTILINE)
    assert (first[:2], second[:2], first[2] != second[2]) == (("1", "1000"), ("1001", "1001"), True)
    assert [(one["first_row"], one["rows"]) for one in data["requests"]] == [(1, 1000), (1001, 1)]
    assert len({one["request_id"] for one in data["requests"]}) == 2


def test_a_csv_is_asked_row_by_row_and_its_gaps_are_null(project: Path) -> None:
    data = _data(_typed(project, "predict", "--data", "people.csv", "--format", "json"))

    assert (data["predictions"], data["actual"]) == (["no", "yes"], ["no", "yes"])
    assert data["inputs"][1]["plan"] is None


@pytest.mark.parametrize("given", [json.dumps([ROW, ROW]), json.dumps(ROW) + "\n" + json.dumps(ROW) + "\n"])
def test_json_and_json_lines_come_through_standard_input(project: Path, given: str) -> None:
    data = _data(_typed(project, "predict", "--data", "-", "--format", "json", given=given))

    assert data["predictions"] == ["no", "no"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"years,active\n1,true\n", "lacks columns that the model needs: age"),
        (b"age,active\nold,true\n", "column 'age' must be a number, not 'old'"),
        (b"age,active\n1,maybe\n", "column 'active' must be true or false, not 'maybe'"),
        (b"age,active\n1\n", "a row has 1 values and the header 2"),
        (b"age,active\n", "has no rows below its header"),
        (b"age,age,active\n1,2,true\n", "columns with the same name: age"),
        (b"\xff\xfeage", "is not UTF-8"),
        (b"", "lacks columns"),
    ],
)
def test_a_csv_that_does_not_fit_is_said_so(project: Path, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(content)

    done = _typed(project, "predict", "--data", str(path))

    assert done.returncode == 2
    assert said in done.stderr


def test_fields_that_the_endpoint_misses_are_named_at_once(project: Path) -> None:
    done = _typed(project, "predict", "--json", "{}")

    assert done.returncode == 2
    assert "row 0 lacks the fields 'age', 'active'" in done.stderr


def test_an_environment_without_a_deployment_is_not_found(project: Path) -> None:
    assert _typed(project, "predict", "-e", "prod").returncode == 6
    assert _typed(project, "logs", "-e", "prod").returncode == 6


def test_logs_show_the_server_and_its_requests(project: Path) -> None:
    _typed(project, "predict", "--json", json.dumps(ROW))

    server = _typed(project, "logs").stdout
    requests = _typed(project, "logs", "--requests", "--lines", "1").stdout

    assert "serves churn version 1" in server
    assert json.loads(requests)["route"] == "/predict"
