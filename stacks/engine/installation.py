"""Finds the engine and says whether it fits: its version, its processor, its right to be run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...core.errors import UsageError

OLDEST = (3, 250, 0)
NEXT_MAJOR = 4
NEWEST_TESTED = "3.250.0"
"""The version that the Python packages are pinned to and that the tests run with."""

Source = Literal["PATH", "project", "user", "pulumi's own folder"]

_PATIENCE_SECONDS = 20.0
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)\S*")


@dataclass(frozen=True, kw_only=True)
class Engine:
    """An engine that was found; ``problem`` says why it cannot be used, and is empty where it can."""

    path: Path
    version: str
    source: Source
    problem: str = ""


def user_folder() -> Path:
    """Where ``groundplan engine install`` puts an engine for this user."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "groundplan" / "engine"


def project_folder(root: Path) -> Path:
    """Where ``make engine`` puts an engine for one project."""
    return root / ".tools" / "engine"


def look(root: Path | None) -> Engine | None:
    """The first engine that fits, else the first that was found, else None; ``root`` is the project's folder."""
    found = [_judged(path, source) for source, path in _places(root)]
    fitting = [one for one in found if not one.problem]
    return next(iter([*fitting, *found]), None)


def find(root: Path | None) -> Engine:
    """The engine to work with. Raises UsageError that says what is wrong and how to get it; writes nothing."""
    engine = look(root)
    if engine is None:
        raise UsageError("the Pulumi engine was not found: no 'pulumi' on the PATH", hint=install_lines())
    if engine.problem:
        raise UsageError(engine.problem, where=str(engine.path), hint=install_lines())
    return engine


def fits(path: Path) -> bool:
    """Whether the program there is an engine of a version that groundplan works with."""
    return path.exists() and not _judged(path, "project").problem


def install_lines() -> str:
    """What to type to get an engine, on this operating system."""
    ways = ["groundplan engine install"]
    if sys.platform == "darwin":
        ways.append("brew install pulumi/tap/pulumi")
    elif sys.platform == "win32":
        ways.append("winget install pulumi")
    else:
        ways.append(f"curl -fsSL https://get.pulumi.com | sh -s -- --version {NEWEST_TESTED}")
    return f"{', or '.join(ways)}  (a version from {_text(OLDEST)}, below {NEXT_MAJOR})"


def _places(root: Path | None) -> Iterator[tuple[Source, Path]]:
    """Existing programs, the likeliest first. One that is not executable is found too, to be told of."""
    folders: list[tuple[Source, Path]] = [
        *(("PATH", Path(folder)) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder),
        *([("project", project_folder(root) / "bin")] if root is not None else []),
        ("user", user_folder() / "bin"),
        ("pulumi's own folder", Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi") / "bin"),
    ]  # fmt: skip
    seen: set[Path] = set()
    for source, folder in folders:
        found = shutil.which("pulumi", path=str(folder))
        path = (Path(found) if found else folder / "pulumi").absolute()
        if path not in seen and path.is_file():
            seen.add(path)
            yield source, path


def _judged(path: Path, source: Source) -> Engine:
    version, problem = _version(path)
    return Engine(path=path, version=version, source=source, problem=problem or _version_problem(version))


def _version(path: Path) -> tuple[str, str]:
    """The version that the program names itself, or what keeps it from doing so."""
    if not os.access(path, os.X_OK):
        return "", f"{path} cannot be run: it is not executable"
    try:
        answer = subprocess.run(
            [str(path), "version"],
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"},
            capture_output=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return "", f"{path} does not answer"
    except OSError as error:
        # Exec format error: made for another processor or operating system.
        return "", f"{path} cannot be run here: {error.strerror}"
    text = answer.stdout.decode(errors="replace").strip()
    if answer.returncode != 0 or not _VERSION.fullmatch(text):
        return "", f"{path} does not say its version, so it is no Pulumi engine"
    return text.removeprefix("v"), ""


def _version_problem(version: str) -> str:
    found = _VERSION.fullmatch(version)
    assert found is not None  # noqa: S101 checked before
    numbers = tuple(int(number) for number in found.groups())
    if numbers < OLDEST:
        return f"pulumi {version} is too old; groundplan needs {_text(OLDEST)} or newer"
    if numbers[0] >= NEXT_MAJOR:
        return f"pulumi {version} is newer than this groundplan knows; it works with {_text(OLDEST)} up to {NEXT_MAJOR}"
    return ""


def _text(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)
