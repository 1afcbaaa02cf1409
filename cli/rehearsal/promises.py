"""The promises that a rehearsal tries, in the order of a model's life. Each says what it saw, or raises what broke."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import GateFailedError, GroundplanError, NotFoundError, PolicyError, ResourceFailedError
from ...core.layout import Layout
from ...lifecycle import promotion, rollouts
from ...lifecycle.local.platform import LocalPlatform
from ...lifecycle.local.serving.processes import stop
from ...lifecycle.local.serving.records import EndpointFolder
from .living import drifted, retrained
from .stage import PATIENCE_SECONDS, REASON, WHO, SkippedError, Stage, shuffled, thinned


@dataclass(frozen=True, kw_only=True)
class Promise:
    """``keep`` tries it and says what it saw. Where a ``needed`` one is broken, those after it are not reached."""

    name: str
    keep: Callable[[Stage], str]
    needed: bool = False


def trained(stage: Stage) -> str:
    """The pipeline makes a model that meets its gate."""
    judgement = stage.judge(run := stage.train())
    if judgement.version is None:
        failures = ", ".join(check.name for check in judgement.verdict.failures)
        raise GateFailedError(f"the model does not pass the gate of {stage.environment}: {failures}")
    stage.version(judgement.version)
    stage.start()
    stage.keep_rows(run)
    stage.answers()
    return f"version {judgement.version} passed the gate of {stage.environment}, is registered and answers"


def resumed(stage: Stage) -> str:
    """A run that was killed is gone on with."""
    before = len(stage.platform.runs.list())
    command = [sys.executable, "-m", "groundplan.cli.main", "run", "--force", "--no-register", "--quiet"]
    process = subprocess.Popen(command, cwd=stage.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(stage.platform.runs.list()) == before:
            if process.poll() is not None or time.monotonic() > deadline:
                raise ResourceFailedError("the run that was to be killed never began")
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    run = stage.train()
    return f"a run was killed at its first step; the next one is {run.status}"


def refused(stage: Stage) -> str:
    """A model that learned nothing does not pass the gate."""
    judgement = stage.judge(stage.train(shuffled))
    if judgement.version is not None:
        raise GateFailedError(
            "a model that learned from shuffled answers passed the gate: its thresholds in 'evaluation' ask too little"
        )
    return f"learned from shuffled answers, it misses {', '.join(one.name for one in judgement.verdict.failures)}"


def approved(stage: Stage) -> str:
    """Nobody gets into an environment that asks for a yes without one."""
    gated = [name for name in stage.plan.environments if name in stage.plan.approvals]
    if not gated:
        raise SkippedError("no environment asks for an approval")
    before = stage.plan.environments.index(gated[0]) - 1
    if before != 0:
        raise SkippedError(f"{gated[0]}, which asks for an approval, does not come right after {stage.environment}")
    version = promotion.in_stage(stage.platform, stage.plan.name, stage.environment)
    assert version is not None  # noqa: S101 put there first
    try:
        promotion.promote(stage.platform, stage.plan, version, to=gated[0], request=promotion.Request(who=WHO))
    except PolicyError as error:
        return error.message
    raise PolicyError(f"a version came into {gated[0]} without the approval that it asks for")


def worker_died(stage: Stage) -> str:
    """A killed worker is started again by its router."""
    serving = stage.serving()
    stage.kill_worker(serving)
    began = time.monotonic()
    stage.answers()
    return f"answers again {time.monotonic() - began:.1f} s after the worker of version {serving} was killed"


def router_died(stage: Stage) -> str:
    """A killed router is found and started again, as watch does it."""
    process = EndpointFolder.of(stage.layout, stage.endpoint, stage.environment).process()
    if process is None:
        raise ResourceFailedError("the endpoint has no process that could be killed")
    os.kill(process.identity.pid, signal.SIGKILL)
    stop(process.identity, patience_seconds=5.0)
    began = time.monotonic()
    stage.platform.endpoints.resume(stage.endpoint, stage.environment)
    stage.answers()
    return f"answers again {time.monotonic() - began:.1f} s after its router was killed"


def taken_over(stage: Stage) -> str:
    """A canary takes over under load and no request is lost."""
    judgement = stage.judge(stage.train(lambda frame, _: thinned(frame, 1)), insist=True)
    version = stage.version(judgement.version)
    with stage.load() as load:
        stage.start()
        state = stage.follow()
    if state.status != "completed":
        raise ResourceFailedError(f"the canary was turned back: {state.history[-1].reason}")
    if load.lost:
        raise ResourceFailedError(f"{len(load.lost)} of {load.total + len(load.lost)} requests lost: {load.lost[0]}")
    return f"version {version.version} took over step by step, {load.total} requests, none lost"


def turned_back(stage: Stage) -> str:
    """A version that lives and answers with errors is turned back by itself."""
    before = stage.serving()
    judgement = stage.judge(stage.train(lambda frame, _: thinned(frame, 2)), insist=True)
    version = stage.version(judgement.version).version
    with stage.load():
        stage.start()
        stage.follow(lambda _: stage.shares().get(version, 0) > 0)
        with stage.hung(version):
            state = stage.follow()
    if state.status != "rolled-back":
        raise ResourceFailedError(f"version {version} took over although it hung: {state.history[-1].reason}")
    stage.answers()
    if (shares := stage.shares()).get(before) != 100:
        raise ResourceFailedError(f"after the rollback the traffic is {shares}")
    return (
        f"version {version} hung and was turned back ({state.history[-1].reason}); version {before} answers all again"
    )


def rolled_back(stage: Stage) -> str:
    """The last good version is back with one command, at once."""
    began = time.monotonic()
    before = stage.serving()
    state = rollouts.roll_back(
        stage.platform, stage.endpoint, stage.environment, who=WHO, reason=REASON, to=_before(stage, before)
    )
    stage.answers()
    after = stage.serving()
    if after == before:
        raise ResourceFailedError(f"version {before} answers still: {state.history[-1].reason}")
    return f"from version {before} to version {after} in {time.monotonic() - began:.1f} s"


def disk_full(stage: Stage) -> str:
    """On a full disk a change is refused whole, and works once there is space."""
    place = stage.root.parent / "full"
    size = sum(path.stat().st_size for path in stage.layout.state.rglob("*") if path.is_file()) + 2_000_000
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True, check=False
    ) if os.geteuid() == 0 and shutil.which("mount") else None  # fmt: skip
    if mounted is None or mounted.returncode != 0:
        raise SkippedError("this user may not mount a small file system")
    try:
        return _change_on(stage, place)
    finally:
        subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


def _change_on(stage: Stage, place: Path) -> str:
    layout = Layout(place)
    shutil.copytree(stage.layout.registry, layout.registry)
    shutil.copytree(stage.layout.tracking_database.parent, layout.tracking_database.parent)
    versions = LocalPlatform(layout).models.list(stage.plan.name)
    before = [(one.version, one.stage, one.status) for one in versions]
    filler = place / "filler"
    with filler.open("wb", buffering=0) as stream:
        try:
            while stream.write(b"0" * 4096):
                pass
        except OSError:
            pass
    try:
        LocalPlatform(layout).models.reject(versions[0], who=WHO, reason=REASON)
    except GroundplanError as error:
        told = error.message
    else:
        raise ResourceFailedError("a change on a full disk was not refused")
    filler.unlink()
    again = LocalPlatform(layout).models
    if [(one.version, one.stage, one.status) for one in again.list(stage.plan.name)] != before:
        raise ResourceFailedError("a change on a full disk was half made")
    again.reject(versions[0], who=WHO, reason=REASON)
    return f"refused ({told.partition(':')[0]}), nothing half made, done once there was space"


def _before(stage: Stage, version: int) -> int | None:
    """The version that answered before this one; None leaves it to the rollout under way."""
    history = stage.platform.rollouts.history(stage.endpoint, stage.environment)
    done = [one for one in history if one.status == "completed" and one.challenger == version]
    if not done or done[-1].champion is None:
        raise NotFoundError(f"nothing answered before version {version}")
    return done[-1].champion


ALL: Sequence[Promise] = (
    Promise(name="a model is trained, meets its gate, is registered and served", keep=trained, needed=True),
    Promise(name="a training that is killed is gone on with", keep=resumed),
    Promise(name="a bad model does not pass the gate", keep=refused),
    Promise(name="without the approval that it asks for, nothing comes into an environment", keep=approved),
    Promise(name="a worker that dies is started again", keep=worker_died),
    Promise(name="a router that dies is started again", keep=router_died),
    Promise(name="a new version takes over under load without a lost request", keep=taken_over, needed=True),
    Promise(name="callers who ask about other rows are found by the monitors", keep=drifted),
    Promise(name="drift trains a challenger, and only a winner takes over", keep=retrained),
    Promise(name="a version that answers with errors is turned back by itself", keep=turned_back),
    Promise(name="the version before is back at once", keep=rolled_back),
    Promise(name="a full disk leaves the registry whole", keep=disk_full),
)
