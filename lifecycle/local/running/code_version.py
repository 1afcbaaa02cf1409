"""Which code a step runs: digests of its files, the git commit, the packages that are installed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ....core import digests, files
from ....core.layout import FOLDER, GENERATED
from ...contract.pipeline import Step
from ...contract.run import CodeVersion

_INSTALLED = re.compile(r"^(?P<name>[^-]+)-(?P<version>[^-]+)\.dist-info$")
_GIT_SECONDS = 5


def of_step(root: Path, step: Step) -> dict[str, str]:
    """The digest of each of the step's code paths, and of each file of the project that its command names."""
    named = {word for word in step.command if _is_project_file(root, word)}
    found: dict[str, str] = {}
    for relative in sorted(named.union(step.code)):
        path = files.inside(root, relative)
        found[relative] = _of_code(path) if path.exists() else "absent"
    return found


def of_steps(root: Path, codes: Mapping[str, Mapping[str, str]]) -> CodeVersion:
    """The code of a whole run; without git, or outside a repository, the commit is empty."""
    commit = _git(root, "rev-parse", "HEAD")
    changed = _git(root, "status", "--porcelain", "--", ".", f":(exclude){FOLDER}") if commit else ""
    # A tree whose state git did not tell counts as changed.
    return CodeVersion(commit=commit or "", dirty=commit is not None and changed != "", digest=digests.of_value(codes))


@cache
def packages() -> Mapping[str, str]:
    """The installed packages and their versions, read from the names of their folders."""
    found: dict[str, str] = {}
    for entry in sys.path:
        folder = Path(entry)
        if folder.is_dir():
            for child in folder.iterdir():
                match = _INSTALLED.match(child.name)
                if match:
                    found.setdefault(re.sub(r"[-_.]+", "-", match["name"]).lower(), match["version"])
    return dict(sorted(found.items()))


def _is_project_file(root: Path, word: str) -> bool:
    if not word or "{" in word or word.startswith("-") or Path(word).is_absolute():
        return False
    path = root / word
    try:
        return path.is_file() and path.resolve().is_relative_to(root.resolve())
    except OSError:
        return False


def _of_code(path: Path) -> str:
    if not path.is_dir():
        return digests.of_file(path)
    names = digests.names_below(path, leave_out=GENERATED)
    return digests.of_value([[name, digests.of_file(path / name)] for name in names])


def _git(root: Path, *words: str) -> str | None:
    """What git says, or None where it has nothing to say. The repository's own settings must not start programs."""
    try:
        answer = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", *words],
            cwd=root,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_GIT_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.decode(errors="replace").strip() if answer.returncode == 0 else None
