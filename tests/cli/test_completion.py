"""Shell completion, asked in click's own protocol; the shells themselves are not started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from groundplan.cli import completing
from groundplan.cli import main as entry


def complete(words: str, folder: Path) -> list[str]:
    position = len(words.split()) - (0 if words.endswith(" ") else 1)
    environment = {
        **os.environ,
        "_GROUNDPLAN_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(position),
    }
    done = subprocess.run(
        [sys.executable, "-m", "groundplan.cli.main"], cwd=folder, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stderr == ""
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_commands_options_and_choices_are_completed(tmp_path: Path) -> None:
    assert complete("groundplan ne", tmp_path) == ["new"]
    assert complete("groundplan new --plat", tmp_path) == ["--platform"]
    assert complete("groundplan new --platform v", tmp_path) == ["vertex"]
    assert complete("groundplan completion ", tmp_path) == ["bash", "zsh", "fish"]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("project: x\nenvironments:\n  test: {}\n  prod: {}\n", ["test", "prod"]),
        ("project: x\n", ["dev", "staging", "prod"]),
        ("project: [\n", []),
        ("- 1\n", []),
        (None, []),
    ],
)
def test_environments_come_from_the_config_around_and_never_raise(
    config: str | None, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if config is not None:
        (tmp_path / "groundplan.yaml").write_text(config, encoding="utf-8")
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path / "src")
    context = click.Context(click.Command("deploy"))
    found = completing.environments(context, click.Option(["--environment"]), "")
    assert [item.value for item in found] == expected


def test_commands_of_clouds_complete_the_shared_stack_too(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: x\nenvironments: {test: {}}\n", encoding="utf-8")

    completed = [complete(f"groundplan {words} -e ", tmp_path) for words in ("up", "plan", "state restore", "deploy")]

    assert completed == [["shared", "test"], ["shared", "test"], ["shared", "test"], ["test"]]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed_or_installed_once(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    run = entry._run  # pyright: ignore[reportPrivateUsage]
    assert run(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "_GROUNDPLAN_COMPLETE" in script
    assert run(["completion", shell, "--install"]) == 0
    assert run(["completion", shell, "--install"]) == 0
    wrote, unchanged = capsys.readouterr().out.splitlines()
    (installed,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert (wrote, unchanged) == (f"wrote {installed}", f"unchanged {installed}")
    assert installed.read_text(encoding="utf-8").rstrip("\n") == script.rstrip("\n")


def test_an_unknown_shell_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert entry._run(["completion"]) == 2  # pyright: ignore[reportPrivateUsage]
