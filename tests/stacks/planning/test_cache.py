"""Kept plans: one is used exactly while nothing that it was made from has changed.

That the cached answer comes without importing pulumi is shown in tests/cli/test_plan.py; how fast it is, by the bench.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.planning import cache

from planning_kit import CONFIG

DOCUMENT: dict[str, object] = {"plan": {"stacks": []}, "stacks": ["shared", "dev"]}
TEXT = f"""{CONFIG}models: {{}}
endpoints: {{}}
pipelines:
  train:
    steps:
      fit:
        command: python src/fit.py {{outputs.score}}
        code: [src]
        environment: {{requirements: requirements.txt}}
        outputs: {{score: value}}
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "groundplan.yaml").write_text(TEXT)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "fit.py").write_text("one")
    (tmp_path / "requirements.txt").write_text("pandas")
    cache.entry(tmp_path, []).keep(DOCUMENT, read_stacks(tmp_path))
    return tmp_path


def test_a_kept_plan_is_found_again_and_git_does_not_see_it(project: Path) -> None:
    assert cache.entry(project, []).document() == DOCUMENT
    assert (project / ".groundplan" / ".gitignore").read_text().endswith("*\n")


CHANGES: dict[str, Callable[[Path], object]] = {
    "the config": lambda root: (root / "groundplan.yaml").write_text(f"{TEXT}\n# a comment moves lines\n"),
    "code": lambda root: (root / "src" / "fit.py").write_text("two"),
    "new code": lambda root: (root / "src" / "more.py").write_text(""),
    "requirements": lambda root: (root / "requirements.txt").write_text("polars"),
    "requirements that are gone": lambda root: (root / "requirements.txt").unlink(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_makes_it_stale(project: Path, what: str) -> None:
    CHANGES[what](project)

    assert cache.entry(project, []).document() is None


def test_so_does_another_selection_another_version_and_other_code(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache.entry(project, ["prod"]).document() is None
    with monkeypatch.context() as patch:
        (project / "site" / "pulumi_gcp-99.dist-info").mkdir(parents=True)
        patch.setattr(sys, "path", [*sys.path, str(project / "site")])
        assert cache.entry(project, []).document() is None
    with monkeypatch.context() as patch:
        patch.setattr(cache, "_code", lambda: "other")
        assert cache.entry(project, []).document() is None
    assert cache.entry(project, []).document() == DOCUMENT


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b'{"digest": "x", "files": {}, "document": {}}'])
def test_a_damaged_entry_is_no_entry(project: Path, content: bytes) -> None:
    cache.entry(project, []).path.write_bytes(content)

    assert cache.entry(project, []).document() is None


def test_an_entry_that_was_changed_is_no_entry(project: Path) -> None:
    path = cache.entry(project, []).path
    kept = json.loads(path.read_text())
    kept["document"]["stacks"] = []
    path.write_text(json.dumps(kept))

    assert cache.entry(project, []).document() is None


def test_only_the_newest_are_kept(project: Path) -> None:
    configs = read_stacks(project)
    for number in range(30):
        cache.entry(project, [str(number)]).keep(DOCUMENT, configs)

    assert len(list((project / ".groundplan" / "cache" / "plans").iterdir())) == 20
    assert cache.entry(project, ["29"]).document() == DOCUMENT


def test_a_link_in_the_place_of_the_state_and_plans_with_secrets_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    linked, secret = tmp_path / "linked", tmp_path / "secret"
    for folder, text in ((linked, CONFIG), (secret, f"{CONFIG}overrides: {{a: {{b: '${{env:HOME}}'}}}}\n")):
        folder.mkdir()
        (folder / "groundplan.yaml").write_text(text)
    (tmp_path / "outside").mkdir()
    (linked / ".groundplan").symlink_to(tmp_path / "outside")

    for folder in (linked, secret):
        cache.entry(folder, []).keep(DOCUMENT, read_stacks(folder))
        assert cache.entry(folder, []).document() is None
    assert list((tmp_path / "outside").iterdir()) == []
    assert not (secret / ".groundplan").exists()
