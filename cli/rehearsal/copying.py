"""The copy that is rehearsed in: the project's files, and its config on this machine and in a hurry."""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from ...core.layout import GENERATED
from ...stacks.config.finding import find
from ...stacks.config.loading import load_text, text_of
from ...stacks.config.resolved import Resolved
from ...stacks.config.tree import Source
from . import leftovers

ROLLOUT = {
    "strategy": "canary", "shadow": "1s", "steps": [{"traffic": 20, "bake": "1s"}, {"traffic": 60, "bake": "1s"}],
    "stand_by": "1s",
}  # fmt: skip
"""How versions take over in a rehearsal: every tier of evaluation, each for a moment."""

DRIFT = {"min_rows": 50, "alert_windows": 1, "of_windows": 1}
"""When drift is told of in a rehearsal: in the first window that has it. By which statistic, the config says."""

REQUEST_TIMEOUT = "2s"
"""How long callers wait for a version that hangs."""


@contextmanager
def copied(config: Resolved) -> Generator[Path]:
    """A copy of the project below a temporary folder, which is gone afterwards whatever happened."""
    with (
        TemporaryDirectory(prefix=leftovers.PREFIX, ignore_cleanup_errors=True) as folder,
        leftovers.marked(Path(folder)),
    ):
        root = Path(folder) / leftovers.PROJECT
        shutil.copytree(config.root, root, symlinks=True, ignore=shutil.ignore_patterns(*GENERATED))
        path = find(root)
        path.unlink()
        path.write_text(json.dumps(hurried(_plain(config), list(config.config.endpoints)), indent=1), encoding="utf-8")
        yield root


def hurried(plain: dict[str, Any], endpoints: list[str]) -> dict[str, Any]:
    """The config on this machine: free ports without keys, rollouts and windows that last seconds, nobody told.

    No cloud's monitors watch, and no model is asked what it goes by: that takes longer than a window.
    """
    given = _section(plain, "endpoints")
    environments = _section(plain, "environments")
    changed = {
        **plain,
        "platform": "local",
        "endpoints": {name: _endpoint(_section(given, name)) for name in endpoints},
        "monitoring": _monitoring(_section(plain, "monitoring")),
        "retraining": {**_section(plain, "retraining"), "on_drift": True, "cool_down": "1s"},
    }
    if environments:
        changed["environments"] = {
            name: {key: value for key, value in _section(environments, name).items() if key not in _HURRIED}
            for name in environments
        }
    return changed


_HURRIED = ("endpoints", "monitoring", "retraining")


def _endpoint(section: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in section.items() if key not in ("host", "port", "api_key", "allowed_hosts")}
    rollback = _section(_section(section, "rollout"), "rollback")
    rollout = {**ROLLOUT, "rollback": {**rollback, "min_requests": 20}}
    return {**kept, "log_sample": 1.0, "request_timeout": REQUEST_TIMEOUT, "rollout": rollout}


def _monitoring(section: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in section.items() if key not in ("notify", "managed", "attribution")}
    return {**kept, "enabled": True, "window": "3s", "drift": {**_section(section, "drift"), **DRIFT}}


def _section(plain: dict[str, Any], name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", plain.get(name) or {})


def _plain(config: Resolved) -> dict[str, Any]:
    tree = load_text(Source(name=config.path.name, text=text_of(config.path, config.path.name)))
    return cast("dict[str, Any]", tree.plain())
