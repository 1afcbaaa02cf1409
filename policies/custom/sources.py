"""Where custom rules are: files of folders that were named, and modules of installed packages."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

from ...core.errors import Problem
from ..catalogue import ENTRY_POINTS


@dataclass(frozen=True, kw_only=True)
class Source:
    """One rule's file: ``module`` in ``folder``, or of an installed package when there is no folder.

    ``origin`` is the folder or the package, ``place`` what a person calls the file.
    """

    module: str
    folder: str
    origin: str
    place: str


def in_folder(folder: Path) -> tuple[list[Source], list[Problem]]:
    """The files of a folder, in the order of their names, but those that begin with an underscore."""
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "is not there"
        return [], [Problem(message=f"the folder of rules {folder} {what}", hint="Name a folder of rule files.")]
    names = sorted(one.name for one in pkgutil.iter_modules([str(folder.resolve())]) if not one.name.startswith("_"))
    found = [
        Source(module=name, folder=str(folder.resolve()), origin=str(folder), place=str(_file(folder, name)))
        for name in names
    ]
    if found:
        return found, []
    hint = "groundplan policies new writes the first; a file whose name begins with _ is none."
    return [], [Problem(message=f"the folder of rules {folder} holds no rule", hint=hint)]


def of_packages() -> Iterator[Source]:
    """The rules that installed packages bring, in the order of their names."""
    for one in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: (entry.value, entry.name)):
        package = one.dist.name if one.dist else one.module
        yield Source(module=one.module, folder="", origin=package, place=f"{package}: {one.module}")


def all_of(folders: Sequence[Path], *, packages: bool) -> tuple[list[Source], list[Problem]]:
    """Everything that was asked for, and what is wrong with the folders."""
    found: list[Source] = []
    problems: list[Problem] = []
    for folder in dict.fromkeys(folders):
        sources, wrong = in_folder(folder)
        found += sources
        problems += wrong
    return [*found, *(of_packages() if packages else ())], problems


def _file(folder: Path, name: str) -> Path:
    return folder / name / "__init__.py" if (folder / name).is_dir() else folder / f"{name}.py"
