"""A user's CSV file is understood, and a bad one is named with its place. Only pandas' reading is not compared here."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from groundplan.cli.scaffold.profile import Task, profile
from groundplan.core.errors import DataError


def rows(header: str, *lines: str) -> bytes:
    return "\n".join([header, *lines, ""]).encode()


GOOD = [f"{n * 1.5},{n % 2}" for n in range(30)]

BAD: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "is empty", ""),
    "blank": (b" \n\n", "is empty", ""),
    "header only": (b"a,y\n", "a header and no rows", ":1:1"),
    "without the target": (rows("a,yy", *GOOD), "has no column 'y'", ":1:1"),
    "one class": (rows("a,y", "1,x", "2,x", "3,x"), "has one class, 'x'", ":1:1"),
    "a row without a target": (rows("a,y", "1,x", "2,", "3,z"), "no value in the target column", ":3:1"),
    "NaN as a target": (rows("a,y", "1,1", "2,0", "3,NaN"), "no value in the target column", ":4:1"),
    "latin-1": ("a,y\n1,x\n2,\xe9\n".encode("latin-1"), "not UTF-8", ":3:3"),
    "utf-16": ("a,y\n1,x\n".encode("utf-16"), "UTF-16", ":1:1"),
    "duplicate columns": (rows("a,a,y", "1,2,x"), "two columns are named 'a'", ":1:1"),
    "unnamed column": (rows(",a,y", "0,1,x"), "column 1 has no name", ":1:1"),
    "line break in a name": (b'"a\nb",y\n1,x\n', "line breaks or invisible", ":2:1"),
    "binary": (b"\x7fELF\0\0\1", "is not text", ""),
    "spreadsheet": (b"PK\x03\x04rest", "is not text", ""),
    "parquet": (b"PAR1rest", "is a Parquet file", ""),
    "semicolons": (rows("a;y", "1;x"), "separated by ';'", ":1:1"),
    "ragged": (rows("a,y", "1,x", "1,2,x"), "3 values where the header has 2", ":3:1"),
    "only constant features": (rows("a,y", "1,x", "1,z"), "no column to learn from", ":1:1"),
    "float target": (rows("a,y", *[f"{n * 1.5},{n * 0.37}" for n in range(40)]), "holds numbers", ":1:1"),
    "text target": (rows("a,y", *[f"{n * 3},word{n}" for n in range(60)]), "nearly every row", ":1:1"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_file_is_named_with_its_place(tmp_path: Path, name: str) -> None:
    content, message, place = BAD[name]
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        profile(path, "y", "classification")
    assert caught.value.where.endswith(f"bad.csv{place}")


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a folder"):
        profile(tmp_path, "y", "classification")
    with pytest.raises(DataError, match="there is no file"):
        profile(tmp_path / "none.csv", "y", "classification")


@pytest.mark.parametrize(
    ("task", "header", "hint"),
    [
        ("classification", "a,churned", "Did you mean 'churned'?"),
        ("regression", "a,churned", "Did you mean 'churned'?"),
    ],
)
def test_a_near_name_is_suggested_for_a_wrong_target(tmp_path: Path, task: Task, header: str, hint: str) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(rows(header, *GOOD))
    with pytest.raises(DataError) as caught:
        profile(path, "churn", task)
    assert caught.value.hint == hint


def test_the_other_template_is_named_when_the_task_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(rows("a,y,z", *[f"{n},{n * 0.37},{'pq'[n % 2]}" for n in range(40)]))
    with pytest.raises(DataError) as numbers:
        profile(path, "y", "classification")
    with pytest.raises(DataError) as classes:
        profile(path, "z", "regression")
    assert numbers.value.hint == "Use --template tabular-regression."
    assert classes.value.hint == "For classes use --template tabular-classification."
    assert classes.value.where == f"{path}:2:1"


def test_columns_are_sorted_into_numbers_categories_and_what_is_left_out(tmp_path: Path) -> None:
    draw = random.Random(1)
    lines = [
        f"{1000 + n * 7},{draw.random():.3f},{draw.choice(['a', 'b', ''])},2024-01-{n % 28 + 1:02d},"
        f"text number {n},x,,{draw.choice(['true', 'false'])},{'yes' if n % 3 else 'no'}"
        for n in range(100)
    ]
    path = tmp_path / "data.csv"
    path.write_bytes(b"\xef\xbb\xbf" + rows("customer_id,größe,plan,day,notes,const,empty,flag,churned", *lines))
    found = profile(path, "churned", "classification")
    assert [(column.name, column.kind) for column in found.columns] == [
        ("customer_id", "ignored"),
        ("größe", "numeric"),
        ("plan", "categorical"),
        ("day", "ignored"),
        ("notes", "ignored"),
        ("const", "ignored"),
        ("empty", "ignored"),
        ("flag", "categorical"),
    ]
    assert (found.positive_class, found.classes) == ("yes", {"yes": 66, "no": 34})


@pytest.mark.parametrize(
    ("labels", "positive"),
    [(["0", "1"], 1), (["true", "false"], True), (["stay", "leave", "stay"], "leave"), (["a", "b", "c"], None)],
)
def test_the_positive_class_has_the_type_that_the_data_has(tmp_path: Path, labels: list[str], positive: object) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(rows("a,y", *[f"{n * 1.5},{labels[n % len(labels)]}" for n in range(60)]))
    found = profile(path, "y", "classification").positive_class
    assert (found, type(found)) == (positive, type(positive))


def test_a_million_rows_sorted_by_class_are_sampled_from_all_over(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    block = "".join(f"{n * 0.5},{n % 7}\n" for n in range(1000))
    with path.open("w", encoding="utf-8") as stream:
        stream.write("a,b,y\n")
        for part in range(1000):
            stream.write(block.replace("\n", f",{part // 400}\n"))
    found = profile(path, "y", "classification")
    assert set(found.classes) == {"0", "1", "2"}
    assert sum(found.classes.values()) < 10_000


def test_a_large_file_of_one_class_is_refused_after_a_look_at_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(rows("a,y", *[f"{n * 1.5},x" for n in range(8000)]))
    with pytest.raises(DataError, match="has one class, 'x'"):
        profile(path, "y", "classification")
