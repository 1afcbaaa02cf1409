"""A program: does something again and again, each time killed (SIGKILL) one step later, and then lets it finish.

    python kill_everywhere.py provision|remove FOLDER DATABASE

A step is whatever changes files below FOLDER, as Python's audit hooks tell it. SQLite writes from C and is not among
them, so making MLflow's tables is replaced by copying DATABASE. Prints one JSON object per kill.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from groundplan.core.layout import Layout
from groundplan.modules.local import database, platform, removal

_CHANGES = frozenset({"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "sqlite3.connect", "shutil.rmtree"})


def main(action: str, folder: Path, template: Path) -> None:
    """Kill after the first step, after the second, and so on until one time no step is left."""

    def copy(new: Path, _: str) -> None:
        shutil.copyfile(template, new)

    setattr(database, "_make", copy)  # noqa: B010 private
    database.newest_revision()  # imports MLflow once, before the forks
    number = 0
    finished = False
    while not finished:
        number += 1
        root = folder / str(number)
        root.mkdir(parents=True)
        layout = Layout(root)
        if action == "remove":
            _fill(layout, folder)
        finished = not _killed(lambda layout=layout: _act(action, layout), layout.state, number)
        _act(action, layout)
        print(json.dumps({"killed": not finished, **_outcome(layout)}))


def _act(action: str, layout: Layout) -> None:
    if action == "provision":
        platform.provision(layout, project="demo")
    else:
        removal.remove(layout)


def _outcome(layout: Layout) -> dict[str, Any]:
    below = sorted(path.relative_to(layout.root).as_posix() for path in layout.root.rglob("*"))
    planned = {one.outcome for one in platform.plan(layout, project="demo")}
    return {"files": below, "planned": sorted(planned)}


def _fill(layout: Layout, folder: Path) -> None:
    platform.provision(layout, project="demo")
    kept = folder / "kept"
    kept.mkdir(exist_ok=True)
    (kept / "file.txt").write_text("somebody's own")
    closed = layout.cache / "step"
    closed.mkdir()
    (closed / "output.csv").write_text("a,b\n")
    (layout.cache / "link").symlink_to(kept)
    closed.chmod(0o500)


def _killed(act: Callable[[], None], state: Path, number: int) -> bool:
    """Run ``act`` in a child that is killed at its ``number``-th change; False when it came to its end."""
    child = os.fork()
    if child == 0:
        _kill_at(state, number)
        act()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit("the child failed instead of being killed")
    return os.WIFSIGNALED(status)


def _kill_at(state: Path, number: int) -> None:
    seen = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if not _changes(event, arguments, str(state)):
            return
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _changes(event: str, arguments: tuple[Any, ...], state: str) -> bool:
    if event == "open":
        flags = arguments[2]
        return str(arguments[0]).startswith(state) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    # Deletions below a folder name only the entry and the folder's descriptor.
    return event in _CHANGES and (str(arguments[0]).startswith(state) or not os.path.isabs(str(arguments[0])))  # noqa: PTH117


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
