"""A program: begins a rollout, or turns it back, in the real store and the real registry, and looks at what a kill at
any moment leaves, and what the same command again makes of it. What is served stands in a file, which is changed whole.

    python kill_rollout.py PROJECT FOLDER

Prints one JSON object per kill; the last one of each action is of the change that came to its end.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from groundplan.core import files
from groundplan.lifecycle import rollouts
from groundplan.lifecycle.contract.rollout import Rollout
from groundplan.lifecycle.contract.traffic import Observation
from groundplan.lifecycle.local import tracking
from groundplan.lifecycle.local.models import LocalModels
from groundplan.lifecycle.local.rollouts import LocalRollouts

import registry_kit
from kills import left_by_kills
from registry_kit import Project
from rollout_kit import SETTINGS, Endpoints, World, make_plan, observed

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.platform import Platform

_AT_ONCE = tuple(replace(phase, bake_seconds=0) for phase in make_plan("blue-green").phases)
_PLAN = make_plan("blue-green", environment="dev", phases=_AT_ONCE)


def main(template: Path, folder: Path) -> None:
    """The rollout that is begun in the template is the one that is turned back."""
    tracking.open_store(Project(template).layout)  # imports MLflow once, before the forks
    LocalWithFile(template).write(_served())
    _play("start", template, folder)
    _start(LocalWithFile(template))
    _play("turn", template, folder)


def _play(action: str, template: Path, folder: Path) -> None:
    for left in left_by_kills(lambda root: _act(action, LocalWithFile(root)), template, folder / action):
        print(json.dumps({"action": action, "killed": left.killed, **_outcome(action, left.root)}))


@dataclass(frozen=True)
class LocalWithFile:
    """The laptop's registry and store below ``root``, and endpoints that are a file there."""

    root: Path

    @cached_property
    def models(self) -> LocalModels:
        return Project(self.root).models

    @property
    def rollouts(self) -> LocalRollouts:
        return LocalRollouts(Project(self.root).layout)

    @property
    def endpoints(self) -> LocalWithFile:
        return self

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return partial(self._call, name)

    def _call(self, name: str, *arguments: Any, **named: Any) -> Any:
        world = self.read()
        changes = world.changes
        answer = getattr(Endpoints(world), name)(*arguments, **named)
        if world.changes > changes:
            self.write(world)
        return answer

    def read(self) -> World:
        world: World = pickle.loads((self.root / "served.pickle").read_bytes())
        return world

    def write(self, world: World) -> None:
        files.write_bytes(self.root / "served.pickle", pickle.dumps(world))


def _served() -> World:
    world = World(told=_failing)
    world.serve(1)
    return world


def _failing(since: str) -> Sequence[Observation]:
    return [observed(2, mirrored=100, errors=90)]


def _act(action: str, platform: LocalWithFile) -> None:
    if action == "start":
        _start(platform)
        return
    state = _current(platform)
    if rollouts.is_left(state) or not state.is_final:
        rollouts.look(cast("Platform", platform), state, who="watch")


def _start(platform: LocalWithFile) -> None:
    settings = replace(SETTINGS, environment="dev")
    rollouts.start(cast("Platform", platform), registry_kit.make_plan(), settings, _PLAN, who="ada")


def _current(platform: LocalWithFile) -> Rollout:
    state = platform.rollouts.current("churn", "dev")
    assert state is not None
    return state


def _outcome(action: str, root: Path) -> dict[str, Any]:
    """How everything stands after the same command again."""
    platform = LocalWithFile(root)
    between = platform.read().split
    _act(action, platform)
    state, world = _current(platform), platform.read()
    assert between is not None
    assert world.split is not None
    logged = [one for one in platform.models.audit_log() if one.details.get("rollout") == state.id]
    return {
        "between": sum(between.shares.values()),
        "rollouts": len(platform.rollouts.history("churn", "dev")),
        "after": [state.status, state.phase, [one.kind for one in state.history], rollouts.is_left(state)],
        "answers": world.split.shares,
        "mirrored": world.split.mirrored,
        "there": sorted(world.there),
        "logged": [one.details["kind"] for one in logged],
        "stage": [one.version for one in platform.models.list("churn") if one.stage == "dev"],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
