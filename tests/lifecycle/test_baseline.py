"""The packaged steps, as the pipeline calls them: any table in, a model without pickle out, or one line of error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("sklearn")


def step(name: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", f"groundplan.lifecycle.baseline.{name}", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
    )


def prepare(folder: Path, target: str, task: str) -> subprocess.CompletedProcess[str]:
    words = ["--data", "data.csv", "--train", "train.csv", "--test", "test.csv", "--target", target, "--task", task]
    return step("prepare", folder, *words)


def messy(folder: Path) -> None:
    lines = ["größe,plan,day,notes,flag,empty,y,z"]
    for n in range(200):
        label = "yes" if n % 10 > 4 else "no"
        value = f"{n % 10 + n / 1000}" if n % 7 else ""
        lines.append(f"{value},{'ab'[n % 2]},2024-01-{n % 28 + 1:02d},text {n},{n % 2 == 0},,{label},{n % 10 * 3}")
    lines += ["1,a,2024-01-01,text,True,,,", "inf,a,2024-01-01,text,True,,no,1"]
    (folder / "data.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")


@pytest.mark.parametrize(
    ("target", "task", "metric"), [("y", "classification", "train_accuracy"), ("z", "regression", "train_r2")]
)
def test_a_messy_table_becomes_a_model_that_answers(tmp_path: Path, target: str, task: str, metric: str) -> None:
    messy(tmp_path)
    prepared = prepare(tmp_path, target, task)
    assert (prepared.returncode, prepared.stdout) == (0, "160 rows to learn from, 41 held out\n")
    assert "left out 1 of 202 rows: they have no target" in prepared.stderr
    words = [
        "--train",
        "train.csv",
        "--model",
        "model",
        "--metrics",
        "metrics.json",
        "--target",
        target,
        "--task",
        task,
    ]
    trained = step("train", tmp_path, *words)
    assert (trained.returncode, "Traceback" in trained.stderr) == (0, False)
    assert json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))[metric] > 0.7
    for column, reason in {"day": "dates", "notes": "a text of its own", "empty": "no values"}.items():
        assert any(column in line and reason in line for line in trained.stderr.splitlines())
    answers(tmp_path)


def answers(folder: Path) -> None:
    skops: Any = pytest.importorskip("skops.io")
    pandas: Any = pytest.importorskip("pandas")
    file = folder / "model" / "model.skops"
    assert skops.get_untrusted_types(file=file) == ["numpy.dtype"]
    test = pandas.read_csv(folder / "test.csv")
    assert len(skops.load(file, trusted=["numpy.dtype"]).predict(test)) == len(test) == 41


@pytest.mark.parametrize(
    ("content", "task", "message"),
    [
        (b"a,b\n1,2\n", "classification", "data.csv has no column 'y'"),
        (b"", "classification", "cannot read data.csv"),
        (b"a,y\n", "classification", "data.csv has no rows"),
        (b"a,y\n1,x\n2,x\n3,x\n4,x\n5,x\n", "classification", "fewer than two different values; one class"),
        (b"a,y\n1,\n2,\n", "classification", "fewer than two different values"),
        (b"a,y\n1,x\n2,z\n", "regression", "holds no numbers"),
        (b"a,y\n1,x\n2,z\n", "classification", "too few to split"),
        (b"a,y\n1,\xe9\n", "classification", "is not UTF-8"),
        (b"a,a,y\n1,2,x\n", "classification", "names a column more than once: 'a'"),
        (b",a,y\n1,2,x\n", "classification", "has a column without a name (column 1)"),
    ],
)
def test_data_that_cannot_be_used_ends_the_step_with_one_line(
    tmp_path: Path, content: bytes, task: str, message: str
) -> None:
    (tmp_path / "data.csv").write_bytes(content)
    done = prepare(tmp_path, "y", task)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert message in done.stderr.splitlines()[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]
