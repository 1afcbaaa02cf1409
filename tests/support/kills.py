"""What a kill leaves, at every moment at which it can come: right before each write of a change to a project.

A kill (SIGKILL) leaves the files as they are; nothing of the process is cleaned up. So one run of the change is
watched, and before each of its writes the project is copied as it is then. A few real kills show that this is the same.

A write is a change of a file below the project, half a line of the audit log, or a commit that changes MLflow's store.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundplan.core import files
from sqlalchemy import event
from sqlalchemy.engine import Engine

_CHANGES = frozenset({"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree"})

Act = Callable[[Path], None]
"""Makes the change in the project of this folder."""

Torn = tuple[Path, str]
"""A file, and what of the line that is being written stands in it already."""


@dataclass(frozen=True, kw_only=True)
class Left:
    """A project as it was left: before a write by a kill, real or not, or at the end."""

    root: Path
    killed: bool
    files: int


def left_by_kills(act: Act, template: Path, folder: Path) -> Iterator[Left]:
    """The template's project after a kill before the first write of ``act``, before the second, and so on; after real
    kills at the beginning, in the middle and before the last one; and, at the end, after all of it.
    """
    copies: list[Path] = []
    acted = folder / "acted"
    shutil.copytree(template, acted)

    def copy(torn: Torn | None) -> None:
        copies.append(folder / f"copy-{len(copies) + 1}")
        shutil.copytree(acted, copies[-1], symlinks=True)
        if torn is not None:
            _write_torn(copies[-1] / torn[0].relative_to(acted), torn[1])

    with _before_each_write(acted, copy):
        act(acted)
    counts = [_count(one) for one in copies]
    for number in sorted({1, len(copies) // 2, len(copies)}):
        root = folder / f"killed-{number}"
        shutil.copytree(template, root)
        _kill(act, root, number)
        assert _count(root) == counts[number - 1]
        yield Left(root=root, killed=True, files=_count(root))
    yield from (Left(root=one, killed=True, files=count) for one, count in zip(copies, counts, strict=True))
    yield Left(root=acted, killed=False, files=_count(acted))


def _kill(act: Act, root: Path, number: int) -> None:
    """Make the change in a process that is killed right before its write of this number."""
    left = number

    def kill(torn: Torn | None) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            if torn is not None:
                _write_torn(*torn)
            os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if child == 0:
        with _before_each_write(root, kill):
            act(root)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if not os.WIFSIGNALED(status):
        raise SystemExit(f"the child ended with {status} instead of being killed")


@contextmanager
def _before_each_write(root: Path, tell: Callable[[Torn | None], None]) -> Generator[None]:
    watch = _Watch(str(root), tell)
    append_line = files.append_line

    def append(path: Path, line: str) -> None:
        tell((path, line[: len(line) // 2]))
        append_line(path, line)
        tell(None)

    listeners = (("before_cursor_execute", watch.executed), ("commit", watch.committed))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    files.append_line = append
    sys.addaudithook(watch.changed)
    try:
        yield
    finally:
        watch.over = True
        files.append_line = append_line
        for name, listener in listeners:
            event.remove(Engine, name, listener)


class _Watch:
    """What audit hooks and SQLAlchemy tell of; an audit hook stays for the life of its process."""

    def __init__(self, root: str, tell: Callable[[Torn | None], None]) -> None:
        self._root = root
        self._tell = tell
        self.over = False

    def changed(self, name: str, arguments: tuple[Any, ...]) -> None:
        if self.over or name not in _CHANGES:
            return
        path = str(arguments[0])
        if path.startswith(f"{self._root}{os.sep}") and "registry.lock" not in path:
            self._tell(None)

    def executed(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            connection.info["written"] = True

    def committed(self, connection: Any) -> None:
        if connection.info.pop("written", False):
            self._tell(None)


def _write_torn(path: Path, part: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        stream.write(part)


def _count(root: Path) -> int:
    return sum(1 for _ in root.rglob("*"))
