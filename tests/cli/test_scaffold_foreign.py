"""Templates of others: refused without trust, rendered whole through copier with it. No network is used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from groundplan.cli import main as entry
from groundplan.cli.scaffold import foreign
from groundplan.core.errors import MissingExtraError

DESCRIPTION = """\
_tasks:
  - touch ../ran
  - [python, evil.py]
_migrations:
  - {version: v2, command: rm -rf x}
_jinja_extensions: [evil.Extension]
project_name: {type: str}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(*arguments: str) -> int:
    return entry._run(["new", *arguments])  # pyright: ignore[reportPrivateUsage]


def template(folder: Path, description: str, content: str = "# {{ project_name }}\n") -> Path:
    path = folder / "template"
    path.mkdir()
    (path / "copier.yml").write_text(description, encoding="utf-8")
    (path / "README.md.jinja").write_text(content, encoding="utf-8")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(path)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"], ["tag", "v1"]):
        subprocess.run([*git, *words], check=True)
    return path


def test_without_trust_it_is_refused_and_what_it_would_run_is_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template(folder, DESCRIPTION)
    assert new("churn", "--template", "./template") == 5
    shown = capsys.readouterr().err
    for part in (
        "runs 'touch ../ran'",
        "runs 'python evil.py'",
        "runs on updates 'rm -rf x'",
        "loads 'evil.Extension'",
    ):
        assert part in shown
    assert sorted(path.name for path in folder.iterdir()) == ["template"]


@pytest.mark.parametrize("description", ["a: [", "x: !!python/object:os.system 1", "- a", "a" * 300_000])
def test_a_description_that_cannot_be_read_does_not_get_in_the_way_of_the_refusal(
    description: str, folder: Path
) -> None:
    template(folder, description)
    assert new("churn", "--template", "./template") == 5


@pytest.mark.parametrize("place", ["gh:someone/x", "https://example.org/x.git", "git@example.org:x"])
def test_a_template_elsewhere_is_refused_before_it_is_fetched(
    place: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert new("churn", "--template", place) == 5
    assert "nothing was fetched" in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_with_trust_it_is_rendered_through_copier(folder: Path) -> None:
    pytest.importorskip("copier")
    template(folder, "project_name: {type: str}\n")
    assert new("churn", "--template", "./template", "--trust") == 0
    assert (folder / "churn" / "README.md").read_text(encoding="utf-8") == "# churn\n"
    assert sorted(path.name for path in folder.iterdir()) == ["churn", "template"]


# copier leaves a folder listing open when a template fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    ("description", "content"),
    [("project_name: {type: str}\n", "{{ nope.x.y }}"), ("_tasks: ['exit 3']\n", ""), ("needed: {type: str}\n", "x")],
)
def test_a_template_that_fails_leaves_nothing_and_no_traceback(
    description: str, content: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("copier")
    template(folder, description, content)
    assert new("churn", "--template", "./template", "--trust") == 1
    assert "error[TEMPLATE]: copier could not render ./template" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["template"]


def test_without_copier_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "copier", None)
    with pytest.raises(MissingExtraError, match="extra 'copier'"):
        foreign.render_foreign("gh:someone/x", folder / "churn", {})
    assert list(folder.iterdir()) == []


def test_a_packaged_template_that_is_not_there_is_no_foreign_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert new("churn", "--template", "tabular-clasification") == 2
    assert "Did you mean 'tabular-classification'?" in capsys.readouterr().err
