"""Writes a Pulumi project into a folder, and leaves alone what is the user's or Pulumi's there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...core.errors import Problem, UsageError
from ...core.files import explained, write_text
from .project import MARK, ExportedFile

Outcome = Literal["created", "updated", "unchanged", "kept"]

_ENCRYPTION = re.compile(r"^(encryptionsalt|encryptedkey):", re.MULTILINE)
_PROVIDER = re.compile(r"^secretsprovider:\s*(\S+)", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Written:
    """What became of a file; ``warning`` says what a person should do about one that was kept."""

    path: str
    outcome: Outcome
    warning: str = ""


def write(folder: Path, files: Iterable[ExportedFile]) -> tuple[Written, ...]:
    """Write the files, all or none. Raises UsageError that names every file of the user's that is in the way."""
    planned = [(file, *_planned(folder, file)) for file in files]
    in_the_way = [file.path for file, outcome, _ in planned if outcome is None]
    if in_the_way:
        raise _refusal(folder, in_the_way)
    for file, outcome, _ in planned:
        if outcome in ("created", "updated"):
            write_text(folder / file.path, file.text)
    return tuple(
        Written(path=file.path, outcome=outcome, warning=warning)
        for file, outcome, warning in planned
        if outcome is not None
    )


def _planned(folder: Path, file: ExportedFile) -> tuple[Outcome | None, str]:
    """What would become of a file, and a warning; no outcome when the user's own is in the way."""
    path = folder / file.path
    before = _text(path)
    if before is None:
        return "created", ""
    if before == file.text:
        return "unchanged", ""
    if file.kind == "settings" and _ENCRYPTION.search(before):
        return "kept", _other_provider(file, before)
    return ("updated", "") if MARK in before.partition("\n")[0] else (None, "")


def _text(path: Path) -> str | None:
    """What is there: None for nothing, and for what holds no text a line that is not groundplan's."""
    with explained(path):
        if not path.exists() and not path.is_symlink():
            return None
        if path.is_symlink() or not path.is_file():
            return ""
        return path.read_text(encoding="utf-8", errors="replace")


def _other_provider(file: ExportedFile, before: str) -> str:
    """A warning when a stack is encrypted otherwise than the config says."""
    wanted, there = (_PROVIDER.search(text) for text in (file.text, before))
    if wanted is None or (there is not None and there[1].strip("\"'") == wanted[1].strip("\"'")):
        return ""
    stack = file.path.removeprefix("Pulumi.").removesuffix(".yaml")
    return (
        f"{file.path} keeps what encrypts the stack now; to change it: "
        f"pulumi stack change-secrets-provider --stack {stack} {wanted[1]}"
    )


def _refusal(folder: Path, names: list[str]) -> UsageError:
    hint = "Choose another folder with --out, or move the file away; groundplan replaces only what it generated."
    problems = [
        Problem(message=f"{name} is there and is not groundplan's", where=str(folder / name), hint=hint)
        for name in names
    ]
    return UsageError(problems[0].message, where=problems[0].where, hint=hint, problems=problems)
