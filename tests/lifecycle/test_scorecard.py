"""The readiness scorecard: each check with data that passes and data that does not, and what holds for any data.

It cannot prove that the thresholds suit a given project; they are the config's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from groundplan.core.extras import load
from groundplan.lifecycle.contract.data import Finding, Scorecard, ScorecardRules
from groundplan.lifecycle.scorecard import assess, catalogue, guess_task
from hypothesis import given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.rubric import Task

np, pd = load("numpy"), load("pandas")

RULES = ScorecardRules(
    min_rows=100,
    max_missing=0.3,
    max_duplicates=0.05,
    min_class_share=0.01,
    max_leakage=0.99,
    max_label_conflicts=0.01,
    max_outliers=0.1,
    allow_constant=True,
)
ROWS = 400


def _frame() -> Any:
    """Data with which every check is content."""
    random = np.random.default_rng(0)
    score = random.normal(size=ROWS)
    return pd.DataFrame(
        {
            "age": random.integers(18, 90, ROWS),
            "score": score,
            "plan": random.choice(["basic", "plus", "pro"], ROWS),
            "member": random.random(ROWS) < 0.5,
            "target": np.where(score + random.normal(size=ROWS) > 0, "yes", "no"),
        }
    )


def _card(frame: Any, *, task: Task = "classification", rules: ScorecardRules = RULES) -> Scorecard:
    return assess(frame, source="main", target="target", task=task, rules=rules)


def _finding(id: str, frame: Any, *, task: Task = "classification", rules: ScorecardRules = RULES) -> Finding:
    return next(finding for finding in _card(frame, task=task, rules=rules).findings if finding.id == id)


def _with(**columns: Any) -> Any:
    return _frame().assign(**columns)


def _regression(**columns: Any) -> Any:
    return _with(target=np.random.default_rng(1).normal(size=ROWS), **columns)


def test_sound_data_is_ready_and_every_check_is_content() -> None:
    card = _card(_frame())

    assert card.ready
    assert {finding.id: finding.status for finding in card.findings} == dict.fromkeys(catalogue(), "pass")


def test_sound_numbers_to_predict_are_ready() -> None:
    card = _card(_regression(), task="regression")

    judged = {"class-balance", "label-conflicts", "label-names"}
    assert {finding.id: finding.status for finding in card.findings} == {
        id: "not-applicable" if id in judged else "pass" for id in catalogue()
    }


EVERY_OTHER = np.arange(ROWS) % 2 == 0
LABELS = _frame()["target"]
CASES: list[tuple[str, Callable[[], Any], str, dict[str, str]]] = [
    ("volume", lambda: _frame().head(99), "fail", {}),
    ("missing", lambda: _with(age=np.where(EVERY_OTHER, np.nan, 1.0)), "fail", {"age": "50 % missing"}),
    ("missing", lambda: _with(age=np.nan), "fail", {"age": "100 % missing"}),
    ("duplicates", lambda: pd.concat([_frame(), _frame().head(50)]), "fail", {}),
    ("types", lambda: _with(age=[f"{row * 1.5:,.2f} €" for row in range(ROWS)]), "warn",
     {"age": "numbers kept as text, such as '0.00 €'"}),
    ("types", lambda: _with(age=[str(row % 70) for row in range(ROWS)]), "warn",
     {"age": "numbers kept as text, such as '0'"}),
    ("types", lambda: _with(age=["unknown" if row < 8 else str(row % 70) for row in range(ROWS)]), "warn",
     {"age": "mixed: 98 % numbers, and text such as 'unknown'"}),
    ("types", lambda: _with(age=[f"2024-01-{row % 28 + 1:02d}" for row in range(ROWS)]), "warn",
     {"age": "dates; turn them into numbers, such as days since an event"}),
    ("types", lambda: _with(age=pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(ROWS) % 50, unit="D")), "warn",
     {"age": "dates; turn them into numbers, such as days since an event"}),
    ("constant", lambda: _with(plan="basic"), "warn", {"plan": "always basic"}),
    ("constant", lambda: _with(plan=None), "warn", {"plan": "no value at all"}),
    ("constant", lambda: _with(plan=np.where(EVERY_OTHER, None, "basic")), "warn", {"plan": "always basic or missing"}),
    ("identifiers", lambda: _with(number=np.random.default_rng(2).permutation(ROWS) + 1), "warn",
     {"number": "counts the rows from 1 to 400"}),
    ("identifiers", lambda: _with(user_id=np.random.default_rng(2).permutation(ROWS) * 37), "warn",
     {"user_id": "hardly a value repeats, and its name is an identifier's"}),
    ("identifiers", lambda: _with(user=[f"u{row}" for row in range(ROWS)]), "warn",
     {"user": "100 % of its texts are unique"}),
    ("infinite", lambda: _with(score=np.where(np.arange(ROWS) < 2, -np.inf, 1.5)), "fail",
     {"score": "2 infinite values"}),
    ("outliers", lambda: _with(score=np.where(np.arange(ROWS) < 60, 1e6, np.arange(ROWS))), "fail",
     {"score": "15 % outliers"}),
    ("leakage", lambda: _with(copy=LABELS.map({"yes": 1.0, "no": 0.0})), "fail", {"copy": "AUC 1.000 alone"}),
    ("leakage", lambda: _with(copy=LABELS.str.upper()), "fail", {"copy": "AUC 1.000 alone"}),
    ("leakage", lambda: _with(copy=np.where(LABELS == "yes", 1.5, np.nan)), "fail", {"copy": "AUC 1.000 alone"}),
    ("label-missing", lambda: _with(target=LABELS.mask(np.arange(ROWS) < 3)), "fail", {"target": "3 missing"}),
    ("label-type", lambda: _with(target="yes"), "fail", {"target": "only one class: yes"}),
    ("label-type", lambda: _with(target=None), "fail", {"target": "no label at all"}),
    ("label-type", lambda: _with(target=np.arange(ROWS) * 1.5), "fail", {"target": "400 classes in 400 rows"}),
    ("label-names", lambda: _with(target=np.where(np.arange(ROWS) < 99, "Yes ", LABELS)), "warn",
     {"target": "'Yes ' = 'yes'"}),
    ("label-conflicts", lambda: _frame()[["plan", "member", "target"]], "fail", {}),
    ("class-balance", lambda: _with(target=np.where(np.arange(ROWS) < 3, "rare", LABELS)), "fail",
     {"target": "1 class below 1 %"}),
    ("diversity", lambda: _with(plan=[f"plan {row % 120}" for row in range(ROWS)]), "warn",
     {"plan": "120 categories, 100 % of the rows in categories of fewer than 5"}),
]  # fmt: skip


@pytest.mark.parametrize(("id", "make", "status", "columns"), CASES)
def test_a_problem_is_found_with_its_columns_and_advice(
    id: str, make: Callable[[], Any], status: str, columns: dict[str, str]
) -> None:
    finding = _finding(id, make())

    assert (finding.status, dict(finding.columns)) == (status, columns)
    assert finding.advice


def test_every_check_has_a_case_that_does_not_pass() -> None:
    assert {id for id, *_ in CASES} == set(catalogue())


def test_every_check_has_its_paragraph_in_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "scorecard.md").read_text(encoding="utf-8")

    assert [line.removeprefix("### ") for line in manual.splitlines() if line.startswith("### ")] == [
        finding.id for finding in _card(_frame()).findings
    ]


def test_a_constant_column_fails_where_the_config_does_not_allow_it() -> None:
    assert _finding("constant", _with(plan="basic"), rules=replace(RULES, allow_constant=False)).status == "fail"


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        (["many"] * ROWS, "the target holds texts, not numbers, such as 'many'"),
        ([2.5] * ROWS, "the target is always 2.5"),
        ([None] * ROWS, "no label at all"),
    ],
)
def test_what_is_no_number_that_varies_cannot_be_predicted_by_regression(target: list[Any], problem: str) -> None:
    finding = _finding("label-type", _with(target=target), task="regression")

    assert (finding.status, finding.found) == ("fail", problem)


@pytest.mark.parametrize(("scale", "power"), [(1, 1), (-3, 1), (1, 3)])
def test_a_column_that_gives_a_number_away_leaks(scale: int, power: int) -> None:
    frame = _regression()
    finding = _finding("leakage", frame.assign(copy=2 + scale * frame["target"] ** power), task="regression",
                       rules=replace(RULES, max_leakage=0.9))  # fmt: skip

    assert (finding.status, list(finding.columns)) == ("fail", ["copy"])


def test_every_class_of_three_is_judged_for_leakage() -> None:
    kinds = np.random.default_rng(3).choice(["a", "b", "c"], ROWS)
    middle = pd.Series(kinds).map({"a": 2.0, "b": 1.0, "c": 3.0}) + np.random.default_rng(4).uniform(0, 0.5, ROWS)

    assert list(_finding("leakage", _with(target=kinds, copy=middle)).columns) == ["copy"]


@pytest.mark.parametrize("values", ["text", "number"])
def test_values_that_occur_once_do_not_look_leaking(values: str) -> None:
    unique = np.random.default_rng(5).permutation(ROWS)
    column = [f"u{value}" for value in unique] if values == "text" else unique

    strength = {column.name: column.strength for column in _card(_with(unique=column)).columns}["unique"]

    assert strength is not None
    assert strength == pytest.approx(0.5, abs=0.1)


def test_pure_chance_does_not_look_like_strength() -> None:
    random = np.random.default_rng(6)
    frame = pd.DataFrame({f"n{i}": random.integers(0, 10**i, 2000) for i in range(1, 6)})
    frame["target"] = random.choice(["yes", "no"], 2000)

    strengths = [column.strength for column in _card(frame).columns if column.strength is not None]

    assert strengths == pytest.approx([0.5] * 5, abs=0.05)


def test_ignored_columns_are_left_out_and_noted() -> None:
    card = _card(_with(copy=LABELS), rules=replace(RULES, ignore=("copy", "gone")))

    assert card.ready
    assert [column.name for column in card.columns] == ["target", "age", "score", "plan", "member"]
    assert card.notes == (
        "left out as the config says: copy",
        "data.scorecard.ignore names columns that the data does not have: gone",
    )


def test_a_column_is_summarized_in_figures() -> None:
    frame = pd.DataFrame({"n": [1.0, 2.0, 3.0, 4.0, np.nan, np.inf], "t": [*"aabbb", None], "target": list("xyxyxy")})

    numbers, texts = (next(c for c in _card(frame).columns if c.name == name) for name in ("n", "t"))

    assert (numbers.kind, numbers.missing, numbers.distinct, texts.top) == ("number", 1, 5, (("b", 3), ("a", 2)))
    assert numbers.numbers is not None
    assert asdict(numbers.numbers) == {
        "minimum": 1.0, "lower_quartile": 1.0, "median": 2.0, "mean": 2.5, "upper_quartile": 3.0, "maximum": 4.0,
        "histogram": (1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1),
    }  # fmt: skip


@pytest.mark.parametrize("rows", [0, 1, 2])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_hardly_any_rows_are_not_ready_and_no_crash(rows: int, task: Task) -> None:
    card = _card(_regression().head(rows) if task == "regression" else _frame().head(rows), task=task)

    assert (card.rows, card.ready) == (rows, False)
    json.dumps(asdict(card), allow_nan=False)


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_nothing_but_missing_values_is_not_ready_and_no_crash(task: Task) -> None:
    card = _card(pd.DataFrame({"a": [None] * 200, "b": [np.nan] * 200, "target": [np.nan] * 200}), task=task)

    assert {finding.id for finding in card.findings if finding.status == "fail"} >= {
        "missing",
        "label-missing",
        "label-type",
    }


def test_whole_numbers_too_long_for_a_float_stay_apart() -> None:
    frame = _with(number=[2**62 + row for row in range(ROWS)])

    assert next(column.distinct for column in _card(frame).columns if column.name == "number") == ROWS


def test_the_task_is_guessed_by_the_target() -> None:
    frame = pd.DataFrame({"class": [0, 1] * 50, "text": list("ab") * 50, "number": np.arange(100) / 3})

    assert [guess_task(frame, name) for name in frame.columns] == ["classification", "classification", "regression"]


_CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["a", "b"]),
)
_COLUMN = st.one_of(
    st.lists(_CELLS, min_size=12, max_size=12),
    st.lists(st.floats(), min_size=12, max_size=12),
    st.lists(st.integers(0, 3), min_size=12, max_size=12),
    st.lists(st.sampled_from(["x", "X ", "1", "2024-01-01"]), min_size=12, max_size=12),
)
_FRAMES = st.dictionaries(st.text(min_size=1, max_size=4), _COLUMN, max_size=4).map(dict[str, Any])


@settings(max_examples=60, deadline=None)
@given(
    columns=_FRAMES, target=_COLUMN, repeats=st.sampled_from([1, 4]), regression=st.booleans(), seed=st.integers(0, 99)
)
def test_any_table_gives_a_scorecard_that_json_carries_and_that_row_order_does_not_change(
    columns: dict[str, Any], target: list[Any], repeats: int, regression: bool, seed: int
) -> None:
    frame = pd.DataFrame({**columns, "target": target})
    frame = pd.concat([frame] * repeats, ignore_index=True)
    task: Task = "regression" if regression else "classification"

    card = _card(frame, task=task)
    shuffled = _card(frame.sample(frac=1, random_state=seed), task=task)

    text = json.dumps(asdict(card), allow_nan=False)
    assert json.loads(text)["rows"] == len(frame)
    assert [(found.id, found.status, found.found) for found in card.findings] == [
        (found.id, found.status, found.found) for found in shuffled.findings
    ]
