"""A program: changes a registry again and again, each time killed (SIGKILL) one write later; looks at what is left.

    python kill_registry.py register|promote|reject|rollback PROJECT FOLDER

A write is a change of a file below the project, half a line of the audit log, or a commit that changes MLflow's store;
the kill comes right before it. Prints one JSON object per kill; the last one is of the change that came to its end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from groundplan.core import files
from groundplan.lifecycle.local import tracking
from sqlalchemy import event
from sqlalchemy.engine import Engine

from registry_kit import MODEL, Project

_CHANGES = frozenset({"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree"})


def main(action: str, template: Path, folder: Path) -> None:
    """Kill after the first write, after the second, and so on until one time no write is left."""
    tracking.open_store(Project(template).layout)  # imports MLflow once, before the forks
    finished = False
    number = 0
    while not finished:
        number += 1
        root = folder / str(number)
        shutil.copytree(template, root)
        finished = _survived(action, root, number)
        print(json.dumps({"killed": not finished, **_outcome(action, root)}))


def _act(action: str, project: Project) -> None:
    if action == "register":
        project.register("c")
        return
    version = next(one for one in project.models.list(MODEL) if one.version == 2)
    if action == "promote":
        project.move(version, "staging")
    elif action == "reject":
        project.models.reject(version, who="ada", reason="bad data")
    elif version.stage is not None:
        project.models.rollback(MODEL, "dev", who="ada", reason="errors")


def _outcome(action: str, root: Path) -> dict[str, Any]:
    """How the registry stands after the next command, after the same command again, and whether all of it is whole."""
    project = Project(root)
    stages = [version.stage for version in project.models.list(MODEL) if version.stage is not None]
    _act(action, project)
    versions = project.models.list(MODEL)
    for version in versions:
        project.models.verify(version)
    return {
        "between": max((stages.count(stage) for stage in stages), default=0),
        "after": {str(version.version): [version.stage, version.status] for version in versions},
        "entries": len(project.models.audit_log()),
        "journal": project.layout.journal.exists(),
        "left_over": len([*project.layout.artifacts.rglob(".incoming-*")]),
    }


def _survived(action: str, root: Path, number: int) -> bool:
    child = os.fork()
    if child == 0:
        Killer(root, number).lie_in_wait()
        _act(action, Project(root))
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit("the child failed instead of being killed")
    return os.WIFEXITED(status)


class Killer:
    """Ends this process, without warning, when it is about to write for the ``number``-th time."""

    def __init__(self, root: Path, number: int) -> None:
        self._root = str(root)
        self._left = number
        self._append_line = files.append_line

    def lie_in_wait(self) -> None:
        """Watch every write from here on."""
        files.append_line = self._append
        event.listen(Engine, "before_cursor_execute", self._execute)
        event.listen(Engine, "commit", self._commit)
        sys.addaudithook(self._change_file)

    def _write(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def _change_file(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in _CHANGES and str(arguments[0]).startswith(self._root) and "registry.lock" not in str(arguments[0]):
            self._write()

    def _append(self, path: Path, line: str) -> None:
        if self._left == 1:
            with path.open("a") as stream:
                stream.write(line[: len(line) // 2])
        self._write()
        self._append_line(path, line)
        self._write()

    def _execute(self, connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            connection.info["written"] = True

    def _commit(self, connection: Any) -> None:
        if connection.info.pop("written", False):
            self._write()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
