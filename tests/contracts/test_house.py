"""The house itself: sizes, shapes, what is found by listing a folder, what a wheel holds, what the start may import."""

from __future__ import annotations

import ast
import importlib
import os
import pkgutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import click
import groundplan.modules
import pytest
from groundplan.cli.lazy import SECTIONS, entries
from groundplan.cli.main import groundplan as top
from groundplan.modules.contract import CAPABILITIES, NOUNS
from groundplan.stacks.platforms import CLOUDS

import imports
from terminal import GROUNDPLAN

ROOT = Path(__file__).parents[2]
ROOMS = ("cli", "core", "lifecycle", "modules", "policies", "stacks")
HEAVY = frozenset(
    {"alembic", "azure", "copier", "fairlearn", "fastapi", "google", "mlflow", "numpy", "pandas", "pulumi", "scipy",
     "sklearn", "skops", "sqlalchemy", "uvicorn"}
)  # fmt: skip
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60


def tracked(*folders: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--", *folders], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return sorted(name for name in listed.stdout.splitlines() if (ROOT / name).exists())


PYTHON_FILES = [name for name in tracked(*ROOMS, "tests", "tools") if name.endswith(".py") and "templates" not in name]


@pytest.mark.parametrize("name", PYTHON_FILES)
def test_a_file_is_short_says_what_it_holds_and_has_short_functions(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [one.name for one in functions if (one.end_lineno or 0) - one.lineno + 1 > MOST_LINES_OF_A_FUNCTION]

    assert (len(text.splitlines()) <= MOST_LINES, long, bool(ast.get_docstring(tree))) == (True, [], True)


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with the words that call it, those of groups too."""
    context = click.Context(top, info_name="groundplan")
    for entry in entries():
        command = top.get_command(context, entry.name)
        assert command is not None
        yield from _walk(entry.name, command)


def _walk(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from _walk(f"{path} {name}", child)


COMMANDS = dict(commands())


@pytest.mark.parametrize("path", COMMANDS)
def test_a_command_has_a_help_with_examples_that_name_it(path: str) -> None:
    text = COMMANDS[path].help or ""
    examples = text.partition("Examples:\n")[2].splitlines()

    assert text.partition("\n")[0].strip().endswith(".")
    assert examples
    assert [line for line in examples if line.strip() and "groundplan" not in line] == []


@pytest.mark.parametrize("path", COMMANDS)
def test_every_option_of_a_command_is_explained(path: str) -> None:
    options = [one for one in COMMANDS[path].params if isinstance(one, click.Option)]

    assert [option.name for option in options if not option.help] == []


def test_every_command_stands_in_a_section_and_in_the_documentation() -> None:
    documented = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")

    assert {entry.section for entry in entries()} <= set(SECTIONS)
    assert [path for path in COMMANDS if f"### groundplan {path}\n" not in documented] == []


def test_the_links_by_which_the_rooms_are_found_resolve() -> None:
    links = {path.name: path.resolve() for path in (ROOT / ".dev" / "groundplan").iterdir()}

    assert links == {name: ROOT / name for name in ROOMS}


def test_a_wheel_holds_the_rooms_files_and_no_other(tmp_path: Path) -> None:
    program = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr

    names = zipfile.ZipFile(tmp_path / built.stdout.split()[-1]).namelist()

    packed = sorted(name.removeprefix("groundplan/") for name in names if ".dist-info/" not in name)
    untracked = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "--", *ROOMS],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    assert [name for name in packed if name not in untracked] == tracked(*ROOMS)


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["doctor", "--help"], ["up", "--help"], ["config", "validate"], ["config", "show"], ["status"]],
)
def test_the_start_imports_nothing_heavy(tmp_path: Path, arguments: list[str]) -> None:
    assert loaded(tmp_path, arguments) & HEAVY == set()


def test_completion_imports_nothing_heavy(tmp_path: Path) -> None:
    completing = {"_GROUNDPLAN_COMPLETE": "bash_complete", "COMP_WORDS": "groundplan sta", "COMP_CWORD": "1"}

    assert loaded(tmp_path, [], **completing) & HEAVY == set()


def loaded(folder: Path, arguments: list[str], **environment: str) -> set[str]:
    """The top-level modules that a call of the command line has imported when it ends."""
    (folder / "groundplan.yaml").write_text("project: demo\nplatform: local\n")
    found = imports.loaded(folder, *arguments, told=folder / "told", **environment)
    return {name.partition(".")[0] for name in found}


PLATFORMS = [name for _, name, is_package in pkgutil.iter_modules(groundplan.modules.__path__) if is_package]


@pytest.mark.parametrize("platform", [name for name in PLATFORMS if name != "contract"])
def test_a_platform_provisions_each_capability_or_says_why_not(platform: str) -> None:
    package = importlib.import_module(f"groundplan.modules.{platform}")
    files = {name for _, name, _ in pkgutil.iter_modules(package.__path__)} & set(CAPABILITIES)
    reasons: dict[str, str] = package.UNSUPPORTED
    whole = {name for name in reasons if "." not in name}

    assert platform == package.PLATFORM
    assert files | whole == set(CAPABILITIES)
    assert files & whole == set()
    assert {name.partition(".")[0] for name in set(reasons) - whole} <= files
    assert [name for name, reason in reasons.items() if len(reason.split()) < 3] == []


def test_every_capability_has_a_contract_with_its_arguments_and_outputs() -> None:
    missing: list[str] = []
    for noun in (*CAPABILITIES, *NOUNS):
        module = importlib.import_module(f"groundplan.modules.contract.{noun}")
        missing += [
            f"{noun}: {wanted}"
            for wanted in (f"{noun.capitalize()}Arguments", f"{noun.capitalize()}Outputs")
            if not hasattr(module, wanted)
        ]

    assert missing == []


@pytest.mark.parametrize("platform", CLOUDS)
def test_a_cloud_has_a_component_for_every_noun_and_what_reads_a_plan_of_it(platform: str) -> None:
    package = importlib.import_module(f"groundplan.modules.{platform}")
    files = {name for _, name, _ in pkgutil.iter_modules(package.__path__)}
    expected = {*CAPABILITIES, *NOUNS, "provider", "grants", "quota", "rules", "catalogue"} - set(package.UNSUPPORTED)

    assert expected - files == set()


def test_the_program_is_installed_beside_its_python() -> None:
    assert os.access(GROUNDPLAN, os.X_OK)
