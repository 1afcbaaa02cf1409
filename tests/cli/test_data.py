"""``groundplan data check`` as a user types it, and the HTML report.

How the report looks is judged by eye; here is held that it is whole, escaped, bounded, and asks nothing of the network.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path

import pytest
from groundplan.cli.reports.scorecard import MAX_COLUMNS, MAX_LISTED, number, render
from groundplan.cli.reports.shown import shown
from groundplan.lifecycle.contract.data import ColumnSummary, Finding, Scorecard

from terminal import run

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "turn\u202earound",
    "{{ 7 * 7 }}",
    "bell\x07\x1b[31m",
    "n" * 500,
]


def _rows(count: int = 200) -> list[dict[str, object]]:
    plans, answers = ("basic", "plus", "pro"), ("no", "yes")
    return [
        {"age": 20 + row * 7 % 50, "plan": plans[row % 3], "churned": answers[row * row % 7 < 3]}
        for row in range(count)
    ]


def _write(path: Path, rows: Sequence[Mapping[str, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _project(folder: Path, data: str = "data: {sources: {main: {path: churn.csv}}, target: churned}") -> Path:
    (folder / "groundplan.yaml").write_text(f"project: churn\nplatform: local\n{data}\n", encoding="utf-8")
    return folder


_LENIENT = ("max_duplicates: 1", "max_label_conflicts: 1")
READY = f"data: {{sources: {{main: {{path: churn.csv}}}}, target: churned, scorecard: {{{', '.join(_LENIENT)}}}}}"


def test_ready_data_exits_0_and_leaves_a_report(tmp_path: Path) -> None:
    _write(_project(tmp_path, READY) / "churn.csv", _rows())

    result = run("data", "check", cwd=tmp_path)

    report = tmp_path / ".groundplan" / "reports" / "data-main.html"
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[0] == "main: 200 rows, 3 columns, target churned (classification)"
    assert result.stdout.splitlines()[-2:] == ["ready", f"report: {report}"]
    assert "<strong>Ready</strong>" in report.read_text(encoding="utf-8")


def test_data_that_is_not_ready_exits_11_with_the_whole_scorecard(tmp_path: Path) -> None:
    _write(_project(tmp_path) / "churn.csv", [{**row, "plan": ""} for row in _rows(50)])

    result = run("data", "check", "--format", "json", cwd=tmp_path)

    document = json.loads(result.stdout)
    card = document["data"]["scorecards"][0]
    failed = [finding["id"] for finding in card["findings"] if finding["status"] == "fail"]
    assert (result.returncode, document["schema"], document["ok"]) == (11, "groundplan.data.check/1", False)
    assert (card["ready"], card["rows"], card["source"]) == (False, 50, "main")
    assert {"volume", "missing"} <= set(failed)
    assert [(error["code"], error["message"].split(": ")[1]) for error in document["errors"]] == [
        ("GATE_FAILED", id) for id in failed
    ]
    assert "<strong>Not ready</strong>" in Path(card["report"]).read_text(encoding="utf-8")


def test_the_same_data_gives_the_same_bytes(tmp_path: Path) -> None:
    _write(_project(tmp_path) / "churn.csv", _rows())
    report = tmp_path / ".groundplan" / "reports" / "data-main.html"

    first = run("data", "check", cwd=tmp_path).stdout, report.read_bytes()
    second = run("data", "check", cwd=tmp_path).stdout, report.read_bytes()

    assert first == second


def test_an_unknown_source_and_target_are_errors_with_a_suggestion(tmp_path: Path) -> None:
    _write(_project(tmp_path) / "churn.csv", _rows())

    source = run("data", "check", "mian", cwd=tmp_path)
    target = run("data", "check", "--target", "churnd", cwd=tmp_path)

    assert (source.returncode, "Did you mean 'main'?" in source.stderr) == (6, True)
    assert (target.returncode, "Did you mean 'churned'?" in target.stderr) == (2, True)


def test_every_source_is_checked_when_asked(tmp_path: Path) -> None:
    data = "data: {sources: {main: {path: churn.csv}, other: {path: other.csv}}, target: churned}"
    _write(_project(tmp_path, data) / "churn.csv", _rows())
    _write(tmp_path / "other.csv", _rows(120))

    document = json.loads(run("data", "check", "--all", "--format", "json", cwd=tmp_path).stdout)

    assert [(card["source"], card["rows"]) for card in document["data"]["scorecards"]] == [
        ("main", 200),
        ("other", 120),
    ]


def test_a_file_is_checked_without_a_project_and_nothing_is_left_behind(tmp_path: Path) -> None:
    _write(tmp_path / "churn.csv", _rows())

    result = run("data", "check", "--file", "churn.csv", "--target", "age", "--format", "json", cwd=tmp_path)

    card = json.loads(result.stdout)["data"]["scorecards"][0]
    assert (card["source"], card["task"], card["report"]) == ("churn.csv", "regression", None)
    assert [path.name for path in tmp_path.iterdir()] == ["churn.csv"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--file", "churn.csv"],
        ["main", "--file", "churn.csv", "--target", "a"],
        ["--all", "main"],
        ["--all", "--html", "x"],
    ],
)
def test_options_that_contradict_each_other_are_usage_errors(tmp_path: Path, arguments: list[str]) -> None:
    result = run("data", "check", *arguments, cwd=tmp_path)

    assert (result.returncode, result.stdout, result.stderr.startswith("error[USAGE]")) == (2, "", True)


@pytest.mark.parametrize(
    ("content", "problem"), [(b"", "is empty"), (b"a,b\n", "no rows"), (b"a\n\xff\n", "not UTF-8")]
)
def test_a_file_that_cannot_be_read_is_one_error(tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "bad.csv").write_bytes(content)

    result = run("data", "check", "--file", "bad.csv", "--target", "a", cwd=tmp_path)

    assert (result.returncode, result.stdout) == (2, "")
    assert problem in result.stderr
    assert "Traceback" not in result.stderr


def test_hostile_names_reach_neither_terminal_nor_page_as_they_are(tmp_path: Path) -> None:
    rows = [{**dict.fromkeys(HOSTILE, HOSTILE[row % 2]), "churned": row % 2} for row in range(120)]
    _write(tmp_path / "churn.csv", rows)

    result = run("data", "check", "--file", "churn.csv", "--target", "churned", "--html", "r.html", cwd=tmp_path)

    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert result.returncode == 11
    assert not {"\x07", "\x1b", "\u202e"} & set(result.stdout + page)
    assert ("<script" in page, "<img" in page, "n" * 61 in page, "&lt;script&gt;" in page) == (
        False,
        False,
        False,
        True,
    )
    assert "turn\\u202earound" in page


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)


def _card(columns: int) -> Scorecard:
    names = [f"column {index}" for index in range(columns)]
    return Scorecard(
        source="main",
        digest="sha256:00",
        rows=10,
        target="column 0",
        task="classification",
        findings=(
            Finding(id="missing", aspect="quality", status="fail", found="much", columns=dict.fromkeys(names, "gone")),
            Finding(id="volume", aspect="volume", status="pass", found="enough"),
        ),
        columns=tuple(ColumnSummary(name=name, kind="empty", missing=10, distinct=0) for name in names),
        classes={"yes": 9, "no": 1},
        notes=("sampled",),
    )


def test_the_page_makes_no_request_runs_no_script_and_names_its_tables() -> None:
    page = _Page(render(_card(3)))

    assert not {"script", "link", "img", "iframe", "object", "form"} & set(page.tags)
    assert [value for name, value in page.attributes if name in {"src", "href"}] == ["#checks"]
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert page.tags.count("table") == page.tags.count("caption") == 3
    assert ("lang", "en") in page.attributes


def test_a_page_of_very_many_columns_is_bounded_and_says_so() -> None:
    text = render(_card(MAX_COLUMNS + 100))

    assert text.count('<th scope="row" class="name"><bdi>column') == MAX_COLUMNS
    assert text.count("<li><bdi><b>") == MAX_LISTED
    assert f"and {MAX_COLUMNS + 100 - MAX_LISTED} more" in text
    assert f"The first {MAX_COLUMNS} of {MAX_COLUMNS + 100} columns are shown" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("é 漢", "é 漢"),
        ("a\nb", "a\\nb"),
        ("\u202e\ud800", "\\u202e\\ud800"),
        ("x" * 70, "x" * 59 + "…"),
    ],
)
def test_foreign_text_is_shown_without_what_cannot_be_seen(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (1234567.0, "1,234,567"),
        (0.123456, "0.1235"),
        (12345.678, "12345.7"),
        (1e300, "1e+300"),
        (-0.5, "-0.5"),
    ],
)
def test_numbers_are_written_for_people(value: float, expected: str) -> None:
    assert number(value) == expected


def test_a_million_rows_are_judged_whole(tmp_path: Path) -> None:
    rows = "".join(f"{row % 8191},{row % 977},{'ab'[row % 2]}\n" for row in range(1_000_000))
    (tmp_path / "rows.csv").write_text(f"x,y,label\n{rows}x,y\n")
    ragged = run("data", "check", "--file", "rows.csv", "--target", "label", "--format", "json", cwd=tmp_path)
    (tmp_path / "rows.csv").write_text(f"x,y,label\n{rows}1,1,a\n")
    whole = run("data", "check", "--file", "rows.csv", "--target", "label", "--format", "json", cwd=tmp_path)

    (error,) = json.loads(ragged.stdout)["errors"]
    assert (ragged.returncode, error["code"], "rows.csv:1000002:1" in error["where"]) == (2, "DATA", True)
    (card,) = json.loads(whole.stdout)["data"]["scorecards"]
    statuses = {finding["id"]: finding["status"] for finding in card["findings"]}
    assert (whole.returncode, card["rows"], statuses["duplicates"]) == (0, 1_000_001, "pass")
