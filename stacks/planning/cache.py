"""Plans that are kept: when nothing that a plan depends on has changed, it is read instead of made.

Imports neither pulumi nor the config's reader, so that an answer from here takes as long as the start of the process.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ...core import digests, files
from ...core.errors import GroundplanError
from ...core.layout import Layout
from ..config.finding import find, name_of

if TYPE_CHECKING:
    from ..config.resolved import Resolved

_FORMAT = 1
_KEPT = 20
_IGNORE_ALL = "# Made by groundplan: its state is this machine's, not the repository's.\n*\n"
_ROOMS = ("core", "lifecycle", "modules", "stacks")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Where the plans of one config and one selection of stacks are kept; ``root`` is the project's folder."""

    root: Path
    key: str

    @property
    def path(self) -> Path:
        """The file."""
        return _folder(self.root) / f"{self.key}.json"

    def document(self) -> dict[str, object] | None:
        """The document as it was kept, or None when there is none, it is damaged, or a file behind it has changed."""
        try:
            value: object = json.loads(self.path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(value, dict):
            return None
        kept = cast("dict[str, Any]", value)
        if kept.get("digest") != digests.of_value([kept.get("files"), kept.get("document")]):
            return None
        return kept["document"] if kept["files"] == _states(self.root, kept["files"]) else None

    def keep(self, document: Mapping[str, object], configs: Mapping[str, Resolved]) -> None:
        """Keep a document for the next call; where that cannot be done, nothing is. Plans with secrets are not kept."""
        if any("${" in str(config.config.overrides) for config in configs.values()):
            return
        states = _states(self.root, sorted({name for config in configs.values() for name in _files(config)}))
        content = {"digest": digests.of_value([states, document]), "files": states, "document": document}
        with contextlib.suppress(GroundplanError, OSError):
            state = Layout(self.root).state
            if state.is_symlink():
                return
            if not (state / ".gitignore").exists():
                files.write_text(state / ".gitignore", _IGNORE_ALL)
            files.write_text(self.path, json.dumps(content, ensure_ascii=False))
            _forget_the_oldest(self.path.parent)


def entry(start: Path, selection: Sequence[str]) -> Entry:
    """The entry of the config that is found from ``start`` and of this selection. Raises NotFoundError, OSError."""
    path = find(start)
    parts = [
        _FORMAT,
        path.read_bytes().decode("utf-8", "replace"),
        name_of(path),
        list(selection),
        _versions(),
        _code(),
    ]
    return Entry(root=path.parent, key=digests.of_value(parts).rpartition(":")[2][:32])


def _folder(root: Path) -> Path:
    return Layout(root).cache / "plans"


def _files(config: Resolved) -> Iterator[str]:
    """The files of the project that a plan is made from, besides the config."""
    for source in config.config.data.sources.values():
        if source.path is not None:
            yield source.path
    for pipeline in config.config.pipelines.values():
        for step in pipeline.steps.values():
            yield from step.code
            if step.environment.requirements is not None:
                yield step.environment.requirements


def _states(root: Path, names: Sequence[str] | Mapping[str, object]) -> dict[str, str]:
    return {name: _state(root / name) for name in names}


def _state(path: Path) -> str:
    """What a path leads to: the digest of code, the time and size of what is larger."""
    try:
        found = path.stat()
        real = os.path.realpath(path)
        if path.is_dir():
            return f"{real} {digests.of_path(path)}"
        return f"{real} {found.st_size} {digests.of_file(path) if found.st_size < 1_000_000 else found.st_mtime_ns}"
    except (OSError, GroundplanError):
        return "missing"


def _versions() -> list[str]:
    """What is installed, with its versions: the names of the folders that say so, which is quicker than asking."""
    return sorted({path.name for folder in sys.path for path in Path(folder or ".").glob("*.dist-info")})


def _code() -> str:
    """A digest that changes with groundplan's own code: names, sizes and times of its files."""
    package = Path(__file__).parents[2]
    stats = [
        (str(path), (found := path.stat()).st_size, found.st_mtime_ns)
        for room in _ROOMS
        for path in sorted((package / room).rglob("*.py"))
    ]
    return digests.of_value(stats)


def _forget_the_oldest(folder: Path) -> None:
    kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in kept[_KEPT:]:
        path.unlink(missing_ok=True)
