"""What earlier releases brought up, this one keeps: it replaces nothing, deletes nothing and makes nothing anew.

``releases/`` holds, for each release and cloud, a config and the states that the engine wrote for it, without the lines
of the program that asked for each resource. A resource that gets another name needs an alias. Until a release is out
its states may be written again, with ``--update-plans``.
Aliases are the engine's, and the clouds are stand-ins: what a newer provider does to an older state is not proved.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pytest
from groundplan.core.layout import Layout
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.config.resolved import Resolved
from groundplan.stacks.engine import installation
from groundplan.stacks.engine.command import Limits
from groundplan.stacks.engine.operations import Driver
from groundplan.stacks.engine.recovery_files import state_files
from groundplan.stacks.engine.workspace import Project
from groundplan.stacks.program import program

from stand_in import StandIn

RELEASES = Path(__file__).parent / "releases"
FOLDERS = sorted(RELEASES.glob("*/*"))
STACKS = ("shared", "prod")


def driver(root: Path, stacks: Mapping[str, Resolved]) -> Driver:
    config = stacks[STACKS[0]].config
    project = Project(
        layout=Layout(root), name=config.project, platform=config.platform, engine=installation.find(None)
    )
    return Driver(project=project, limits=Limits(tell=lambda _: None))


def state_of(driver: Driver, stack: str) -> Path:
    files = state_files(driver.project, stack)
    assert files is not None
    return files.state


def record(folder: Path, engine: Driver, stacks: Mapping[str, Resolved]) -> None:
    """Write the states of this release."""
    for stack in STACKS:
        assert engine.up(stack, program(stacks, stack)).error is None
        content = json.loads(state_of(engine, stack).read_text(encoding="utf-8"))
        for resource in content["checkpoint"]["latest"]["resources"]:
            for place in ("sourcePosition", "stackTrace"):
                resource.pop(place, None)
        (folder / f"{stack}.json.gz").write_bytes(gzip.compress(json.dumps(content).encode(), mtime=0))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_an_upgrade_keeps_what_a_release_brought_up(
    cloud: StandIn, tmp_path: Path, folder: Path, request: pytest.FixtureRequest
) -> None:
    shutil.copy(folder / "groundplan.yaml", tmp_path)
    stacks = read_stacks(tmp_path)
    engine = driver(tmp_path, stacks)
    if request.config.getoption("--update-plans") and folder.parent.name == version("groundplan"):
        record(folder, engine, stacks)
    for stack in STACKS:
        path = state_of(engine, stack)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.decompress((folder / f"{stack}.json.gz").read_bytes()))

    before = {stack: engine.state(stack) for stack in STACKS}
    after = {stack: engine.preview(stack, program(stacks, stack)) for stack in STACKS}

    assert {stack: one.error for stack, one in after.items()} == dict.fromkeys(STACKS)
    for stack, state in before.items():
        assert state is not None
        kept = {step.urn for step in after[stack].steps if step.change in ("same", "update", "read")}
        assert {one.urn for one in state.resources} - kept == set()
