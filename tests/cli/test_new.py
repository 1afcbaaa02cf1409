"""`groundplan new`: whole or not at all, never over anything, and the project works as it stands."""

from __future__ import annotations

import csv
import hashlib
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli import main as entry
from groundplan.cli.scaffold import template, writing
from groundplan.cli.scaffold.manifest import NAME, base_of
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.pipeline import DataSource
from groundplan.lifecycle.local.data.sources import materialize

from terminal import end

PYTHON = sys.executable
TEMPLATES = template.names()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*arguments: str) -> int:
    return entry._run(["new", *arguments])  # pyright: ignore[reportPrivateUsage]


def errors_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return json.loads(capsys.readouterr().out)["errors"]


def messy_csv(path: Path) -> Path:
    draw = random.Random(1)
    lines = ['customer_id,größe,"plan, type",signup,notes,aktiv?,国,empty,const,churned,spend']
    for n in range(300):
        size = draw.gauss(170, 10)
        plan = draw.choice(["basic", "pro", "", '"with ""quotes"""'])
        spend = size + 8 * (plan == "pro") + draw.gauss(0, 5)
        lines.append(
            f"{1000 + n * 7},{'' if draw.random() < 0.1 else f'{size:.2f}'},{plan},2024-01-{n % 28 + 1:02d},"
            f'"note {n},\n{{{{ 7 * 7 }}}}",{draw.choice(["true", "false"])},{draw.choice(["日本", "España", "NA"])},,x,'
            f"{'yes' if spend > 173 else 'no'},{spend:.3f}"
        )
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path


def works(project: Path, data: Path | None) -> dict[str, Any]:
    """Run the project's tests, linter and steps as a user would; the metrics of its training."""
    run: dict[str, Any] = {"cwd": project, "check": True, "capture_output": True, "text": True}
    subprocess.run([PYTHON, "-m", "pytest", "-q", "-p", "no:cacheprovider"], **run)
    ruff = shutil.which("ruff", path=str(Path(PYTHON).parent))
    assert ruff is not None
    subprocess.run([ruff, "check", "--no-cache", "."], **run)
    subprocess.run([ruff, "format", "--no-cache", "--check", "."], **run)
    if data is None:
        return {}
    out = project.parent / "out"
    out.mkdir()
    train = ["--train", str(out / "train.csv")]
    subprocess.run([PYTHON, "src/prepare.py", "--data", str(data), *train, "--test", str(out / "test.csv")], **run)
    results = ["--model", str(out / "model"), "--metrics", str(out / "metrics.json")]
    subprocess.run([PYTHON, "src/train.py", *train, *results], **run)
    assert sorted(path.name for path in (out / "model").glob("*model*")) == ["MLmodel", "model.skops"]
    return json.loads((out / "metrics.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_project_on_shipped_data_passes_its_own_tests(name: str, folder: Path) -> None:
    assert new("churn", "--template", name) == 0
    works(folder / "churn", None)


@pytest.mark.parametrize(
    ("name", "target", "metric"),
    [("tabular-classification", "churned", "train_accuracy"), ("tabular-regression", "spend", "train_r2")],
)
def test_a_project_on_messy_data_works_from_test_to_model(name: str, target: str, metric: str, folder: Path) -> None:
    messy_csv(folder / "messy.csv")
    assert new("churn", "--template", name, "--data", "messy.csv", "--target", target) == 0
    assert works(folder / "churn", folder / "churn" / "data" / "messy.csv")[metric] > 0.7


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_sample_is_the_data_set_that_the_pipeline_will_read(name: str, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    sample = template.load(name).sample
    path, _ = materialize(DataSource(name="main", sklearn=sample["sklearn"]), Layout(tmp_path))
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [*sample["numeric"], sample["target"]] == list(rows[0])
    assert sample.get("positive_class") in {None, *(row[sample["target"]] for row in rows)}


def test_the_manifest_describes_every_file_and_keeps_the_base_of_a_merge(folder: Path) -> None:
    assert new("churn", "--set", "seed=7", "--set", "owner={{ 7 * 7 }}") == 0
    project = folder / "churn"
    manifest = json.loads((project / NAME).read_text(encoding="utf-8"))
    written = {path.relative_to(project).as_posix(): path for path in project.rglob("*") if path.is_file()}
    assert {path: entry["sha256"] for path, entry in manifest["files"].items()} == {
        path: hashlib.sha256(file.read_bytes()).hexdigest() for path, file in written.items() if path != NAME
    }
    assert (manifest["answers"]["seed"], manifest["answers"]["owner"]) == (7, "{{ 7 * 7 }}")
    assert base_of(project) == {
        path: file.read_bytes() for path, file in written.items() if path not in {NAME, ".groundplan.schema.json"}
    }


def test_the_same_answers_give_the_same_bytes(folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    for place in ("a", "b"):
        assert entry._run(["new", "churn", "-C", str(folder / place)]) == 0  # pyright: ignore[reportPrivateUsage]
    a, b = ({p.relative_to(folder / x): p.read_bytes() for p in (folder / x).rglob("*") if p.is_file()} for x in "ab")
    assert a == b


def test_nothing_outside_the_new_folder_changes_in_somebodys_repository(folder: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / ".gitignore").write_text("mine\n", encoding="utf-8")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert new("churn") == 0
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert {path: after[path] for path in before} == before
    assert {path.relative_to(folder).parts[0] for path in after.keys() - before.keys()} == {"churn"}
    assert not (folder / "churn" / ".git").exists()


def test_what_is_there_is_never_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "churn").mkdir()
    (folder / "churn" / "mine").write_text("mine", encoding="utf-8")
    assert new("churn") == 2
    assert "exists already" in capsys.readouterr().err
    assert [path.name for path in folder.rglob("*")] == ["churn", "mine"]


def test_an_empty_folder_is_filled_and_a_link_is_not_followed(folder: Path) -> None:
    (folder / "churn").mkdir()
    assert new("churn") == 0
    (folder / "elsewhere").mkdir()
    (folder / "link").symlink_to("elsewhere")
    assert new("link") == 2
    assert list((folder / "elsewhere").iterdir()) == []


@pytest.mark.parametrize("step", range(0, 40, 3))
def test_an_interrupt_at_any_file_leaves_nothing(step: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps beyond the last file interrupt nothing, and then the project is whole."""
    flush, seen = writing._flush, [0]  # pyright: ignore[reportPrivateUsage]

    def interrupted(path: Path) -> None:
        if seen[0] == step:
            raise KeyboardInterrupt
        seen[0] += 1
        flush(path)

    monkeypatch.setattr(writing, "_flush", interrupted)
    code = new("churn")
    left = [path.name for path in folder.iterdir()]
    assert (code, left) == ((130, []) if seen[0] == step else (0, ["churn"]))


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new("churn", "--dry-run", "--format", "json") == 0
    assert "src/train.py" in json.loads(capsys.readouterr().out)["data"]["files"]
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["../x", "a/b", "a b", "$(id)", "{{7*7}}", "a\nb", "\u202echurn", "\U0001f600", "a" * 300, "con",
     "it's", 'a"b', "Churn", "..", "x"],
)  # fmt: skip
def test_a_name_that_cannot_be_used_everywhere_is_refused(name: str, folder: Path) -> None:
    assert new("--", name) == 2
    assert list(folder.iterdir()) == []


def test_everything_missing_or_wrong_is_said_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert new("--data", "x.csv", "--format", "json") == 2
    assert [(error["message"], error["hint"]) for error in errors_of(capsys)] == [
        ("the project has no name", "groundplan new NAME"),
        ("which column of x.csv to predict is not said", "--target COLUMN"),
    ]
    assert new("churn", "--format", "json", "--set", "sed=1", "--set", "seed=x", "--set", "test_share=2") == 2
    assert [error["message"] for error in errors_of(capsys)] == [
        "the template takes no answer 'sed'",
        "test_share is '2', which is not a number from 0.05 to 0.5",
        "seed is 'x', which is not a whole number from 0 to 4.29497e+09",
    ]
    assert list(folder.iterdir()) == []


def test_a_bad_data_file_leaves_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.csv").write_bytes(b"a,y\n1,x\n2,\n")
    assert new("churn", "--data", "bad.csv", "--target", "y") == 2
    assert "bad.csv:3:1" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["bad.csv"]


def test_an_answers_file_is_read_and_flags_win_over_it(folder: Path) -> None:
    (folder / "answers.yaml").write_text("seed: 3\ntest_share: 0.3\ntemplate: tabular-regression\n", encoding="utf-8")
    assert new("churn", "--answers", "answers.yaml", "--set", "seed=5") == 0
    manifest = json.loads((folder / "churn" / NAME).read_text(encoding="utf-8"))
    assert (manifest["answers"]["seed"], manifest["answers"]["test_share"]) == (5, 0.3)
    assert manifest["template"]["name"] == "tabular-regression"


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", "!!python/object:os.system x\n", "\udc80"])
def test_an_answers_file_that_holds_no_answers_is_named(text: str, folder: Path) -> None:
    (folder / "answers.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert new("churn", "--answers", "answers.yaml") == 2
    assert [path.name for path in folder.iterdir()] == ["answers.yaml"]


def test_two_at_once_make_one_project(folder: Path) -> None:
    start = [PYTHON, "-m", "groundplan.cli.main", "new", "churn"]
    processes = [subprocess.Popen(start, cwd=folder, stdout=-3, stderr=-3) for _ in range(2)]
    assert sorted(process.wait() for process in processes) in ([0, 1], [0, 2])
    assert [path.name for path in folder.iterdir()] == ["churn"]


def test_questions_are_asked_on_a_terminal_and_an_interrupt_leaves_nothing(folder: Path) -> None:
    pexpect: Any = pytest.importorskip("pexpect")
    child = pexpect.spawn(
        PYTHON,
        ["-m", "groundplan.cli.main", "new"],
        cwd=str(folder),
        env={"CI": "", "PATH": "", "TERM": "dumb"},
        timeout=120,
    )
    child.expect("Name of the project")
    child.sendline("churn")
    child.expect("Template")
    child.sendline("")
    child.expect("CSV file to learn from")
    end(child, "\x03")
    child.close()
    assert (child.exitstatus, list(folder.iterdir())) == (130, [])
