"""Data sources: bringing them to files, their digests, and every way in which a table cannot be read.

Damaged Parquet files are read only where pyarrow is installed; without it the message about that is what is tested.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from groundplan.core import digests
from groundplan.core.errors import DataError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.pipeline import DataSource
from groundplan.lifecycle.local.data import sources
from groundplan.lifecycle.local.data.sources import materialize, read_frame


def _failure(path: Path) -> DataError:
    with pytest.raises(DataError) as caught:
        read_frame(path)
    return caught.value


def test_a_file_of_the_project_is_used_where_it_is(tmp_path: Path) -> None:
    data = tmp_path / "churn.csv"
    data.write_text("age,target\n1,0\n", encoding="utf-8")

    path, digest = materialize(DataSource(name="main", path=data), Layout(tmp_path))

    assert (path, digest) == (data, digests.of_bytes(b"age,target\n1,0\n"))
    assert [found.name for found in tmp_path.iterdir()] == ["churn.csv"]


@pytest.mark.parametrize(
    ("name", "columns", "label"),
    [("breast_cancer", 31, "malignant"), ("iris", 5, "setosa"), ("wine", 14, "class_0"), ("digits", 65, 0),
     ("diabetes", 11, 151.0)],
)  # fmt: skip
def test_a_data_set_of_scikit_learn_becomes_a_csv_with_readable_names(
    tmp_path: Path, name: str, columns: int, label: object
) -> None:
    path, digest = materialize(DataSource(name="main", sklearn=name), Layout(tmp_path))

    frame = read_frame(path)
    assert (len(frame.columns), frame.columns[-1], frame["target"].iloc[0]) == (columns, "target", label)
    assert all(column.replace("_", "").isalnum() and column.islower() for column in frame.columns)
    assert digest == digests.of_file(path)


def test_a_data_set_that_is_there_is_used_without_scikit_learn_or_pandas(tmp_path: Path) -> None:
    source, layout = DataSource(name="main", sklearn="iris"), Layout(tmp_path)
    first = materialize(source, layout)
    code = (
        "import sys; from pathlib import Path; from groundplan.core.layout import Layout;"
        "from groundplan.lifecycle.contract.pipeline import DataSource;"
        "from groundplan.lifecycle.local.data import sources;"
        "print(*sources.materialize(DataSource(name='main', sklearn='iris'), Layout(Path(sys.argv[1]))));"
        "print(sorted({'pandas', 'numpy', 'sklearn'} & set(sys.modules)))"
    )

    again = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True)

    assert again.stdout.splitlines() == [f"{first[0]} {first[1]}", "[]"]


def test_the_digest_of_a_big_file_is_remembered_until_the_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_BIG_BYTES", 1)
    data = tmp_path / "big.csv"
    data.write_text("old", encoding="utf-8")
    os.utime(data, (1_000_000_000, 1_000_000_000))
    read: list[Path] = []
    of_file = digests.of_file

    def counted(path: Path) -> str:
        read.append(path)
        return of_file(path)

    monkeypatch.setattr(digests, "of_file", counted)

    first = [sources.digest(data, Layout(tmp_path)) for _ in range(3)]
    data.write_text("new", encoding="utf-8")
    os.utime(data, (1_000_000_001, 1_000_000_001))
    second = [sources.digest(data, Layout(tmp_path)) for _ in range(3)]

    assert (first, second) == ([digests.of_bytes(b"old")] * 3, [digests.of_bytes(b"new")] * 3)
    assert read == [data, data]


def test_the_digest_of_a_file_written_this_moment_is_not_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_BIG_BYTES", 1)
    data = tmp_path / "big.csv"
    data.write_text("new", encoding="utf-8")

    sources.digest(data, Layout(tmp_path))

    assert not (Layout(tmp_path).data / "digests.json").exists()


@pytest.mark.parametrize("damage", ["", "[]", "{", '{"x": 1}'])
def test_a_damaged_memory_of_digests_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    monkeypatch.setattr(sources, "_BIG_BYTES", 1)
    data = tmp_path / "big.csv"
    data.write_text("old", encoding="utf-8")
    os.utime(data, (1_000_000_000, 1_000_000_000))
    memory = Layout(tmp_path).data / "digests.json"
    memory.parent.mkdir(parents=True)
    memory.write_text(damage, encoding="utf-8")

    assert sources.digest(data, Layout(tmp_path)) == digests.of_bytes(b"old")
    assert digests.of_bytes(b"old") in memory.read_text(encoding="utf-8")


def test_a_link_out_of_the_project_is_refused(tmp_path: Path) -> None:
    outside, project = tmp_path / "outside.csv", tmp_path / "project"
    project.mkdir()
    outside.write_text("a\n1\n", encoding="utf-8")
    (project / "data.csv").symlink_to(outside)

    with pytest.raises(DataError, match="leaves the project"):
        materialize(DataSource(name="main", path=project / "data.csv"), Layout(project))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "churn.csv"
    error = _failure(path)

    assert (error.message, error.where) == (f"there is no data file {path}", str(path))


def test_a_folder_and_a_pipe_are_no_data(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert [_failure(path).message for path in (tmp_path, tmp_path / "pipe")] == [
        f"{tmp_path} is a folder",
        f"{tmp_path / 'pipe'} is a pipe or a device",
    ]


@pytest.mark.parametrize(
    ("content", "problem", "line"),
    [
        (b"", "is empty", None),
        (b"a,b\n", "has a header and no rows", None),
        (b"\n\na,b\n1,2\n", "starts with an empty line", 1),
        (b"a,b,a\n1,2,3\n", "names a column more than once: 'a'", 1),
        (b",b\n1,2\n", "has a column without a name (column 1)", 1),
        (b"a, \n1,2\n", "has a column without a name (column 2)", 1),
        (b"a;b\n1;2\n", "separates its columns by semicolons, not by commas", 1),
        (b"a\tb\n1\t2\n", "separates its columns by tabs, not by commas", 1),
        (b"a,b\n1,2\n3\n", "has a row of 1 fields below a header of 2", 3),
        (b"a,b\n1,2\n3,4,5\n", "has a row of 3 fields below a header of 2", 3),
        (b"a,b\n1,2,3\n4,5,6\n", "has a row of 3 fields below a header of 2", 2),
        (b"a,b\n\n0,2,3\n1,5,6\n", "has a row of 3 fields below a header of 2", 2),
        (b'a,b\n1,"x\ny"\n2\n', "has a row of 1 fields below a header of 2", 4),
        (b'a,b\n1,"x\n2,3\n', "is no CSV that can be read: EOF inside string starting at row 1", None),
        (b"a,b\n1,\xe9\n", "is not UTF-8: byte 6 belongs to another encoding", 2),
        ("a,b\n1,é".encode()[:-1], "is not UTF-8: byte 6 belongs to another encoding", 2),
        ("a,b\n1,é\n".encode("utf-16"), "is UTF-16, not CSV in UTF-8", None),
        (b"PK\x03\x04rest", "is a ZIP archive or a spreadsheet, not CSV in UTF-8", None),
        (b"a,b\n1,2\n3,\x00\n", "holds a NUL byte at byte 10", 3),
        (b'"a,b\n1,' + b"x" * 200_000, "has a field of more than 131,072 characters", 1),
    ],
)
def test_a_table_that_cannot_be_read_says_what_is_wrong_and_where(
    tmp_path: Path, content: bytes, problem: str, line: int | None
) -> None:
    path = tmp_path / "churn.csv"
    path.write_bytes(content)

    error = _failure(path)

    assert (error.message, error.where) == (f"{path} {problem}", f"{path}:{line}:1" if line else str(path))
    assert error.hint


def test_the_command_that_puts_commas_in_keeps_every_value_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "it's.csv"
    path.write_text("a;b\n007;NA\n;1.50\n")
    words = shlex.split(_failure(path).hint.removeprefix("Convert it: "))

    subprocess.run([sys.executable, *words[1:]], cwd=tmp_path, check=True)

    assert (tmp_path / "commas.csv").read_text() == "a,b\n007,NA\n,1.50\n"


def test_a_character_across_two_chunks_is_text_and_a_late_foreign_byte_is_found(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    rows = "é,1\n" * 300_000
    path.write_text("a,b\nx" + rows, encoding="utf-8")
    assert len(read_frame(path)) == 300_000

    path.write_bytes(b"a,b\nx" + rows.encode() + b"\xff,1\n")
    assert (_failure(path).where) == f"{path}:300002:1"


@pytest.mark.parametrize("content", ["\ufeffa,b\n1,x\n", "a,b\r\n1,x\r\n", "a,b\n\n1,x\n\n", '"a","b"\n1,"x"'])
def test_marks_line_ends_empty_lines_and_quotes_are_read(tmp_path: Path, content: str) -> None:
    path = tmp_path / "churn.csv"
    path.write_bytes(content.encode())

    assert read_frame(path).to_dict("records") == [{"a": 1, "b": "x"}]


def test_only_the_columns_asked_for_are_read(tmp_path: Path) -> None:
    path = tmp_path / "churn.csv"
    path.write_text("a,b,c\n1,2,3\n", encoding="utf-8")

    assert read_frame(path, columns=["c"]).to_dict("records") == [{"c": 3}]


def test_text_that_repeats_is_read_as_categories(tmp_path: Path) -> None:
    path = tmp_path / "churn.csv"
    path.write_text("plan,id\n" + "".join(f"{'basic' if row % 2 else 'plus'},u{row}\n" for row in range(100)), "utf-8")

    frame = read_frame(path, text_as_categories=True)

    assert list(frame["plan"].cat.categories) == ["basic", "plus"]
    assert frame["id"].tolist() == [f"u{row}" for row in range(100)]


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is not None, reason="pyarrow is installed")
def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path) -> None:
    path = tmp_path / "churn.parquet"
    path.write_bytes(b"PAR1 and so on PAR1")

    error = _failure(path)

    assert (error.message, error.hint) == (
        f"{path} is a Parquet file, and pyarrow, which reads it, is not installed",
        "pip install pyarrow, or save the data as CSV.",
    )
