"""A program: changes a registry, and looks at what a kill at any moment leaves, and what the next commands make of it.

    python kill_registry.py PROJECT FOLDER ACTION...

An ACTION is register, promote, reject or rollback. Prints one JSON object per kill; the last one of each action is of
the change that came to its end.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from groundplan.lifecycle.local import tracking

from kills import left_by_kills
from registry_kit import MODEL, Project


def main(template: Path, folder: Path, actions: list[str]) -> None:
    """Each action begins with the template's project."""
    tracking.open_store(Project(template).layout)  # imports MLflow once, before the forks
    for action in actions:
        for left in left_by_kills(partial(_act, action), template, folder / action):
            print(json.dumps({"action": action, "killed": left.killed, **_outcome(action, left.root)}))


def _act(action: str, root: Path) -> None:
    project = Project(root)
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
    _act(action, root)
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


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
