"""Any config through the real engine: up, nothing more to do, no drift, down, whatever fails or dies on the way.

For each cloud one config meets blows at chosen resources. With GROUNDPLAN_TEST_EXAMPLES so many more are drawn by
Hypothesis, with blows at any call. The clouds are stand-ins. What repair cannot find, because no id can be worked out
or because the engine died while it wrote the state, is deleted here as a person would who looks for it by name.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from groundplan.core.layout import Layout
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.engine import installation, recovery_state
from groundplan.stacks.engine.command import Limits
from groundplan.stacks.engine.operations import Driver
from groundplan.stacks.engine.recovery import interruptions
from groundplan.stacks.engine.recovery_files import state_files
from groundplan.stacks.engine.recovery_repair import note_unanswered, repair
from groundplan.stacks.engine.steps import Outcome
from groundplan.stacks.engine.workspace import Program, Project
from groundplan.stacks.program import program
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import configs
from stand_in import StandIn, serving

EXAMPLES = int(os.environ.get("GROUNDPLAN_TEST_EXAMPLES", "0"))
METHODS = {"up": "Create", "destroy": "Delete"}

drawn = settings(
    max_examples=EXAMPLES or 1,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate] if EXAMPLES else [Phase.explicit],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Few, the same each time and not made smaller: one takes many starts of the engine."""


@dataclass(frozen=True, kw_only=True)
class Blow:
    """What goes wrong at the call ``after`` so many others; with ``done`` the cloud has done its work by then.

    Only calls for resources whose name holds ``name`` count.
    """

    during: str
    kind: str
    done: bool
    after: int = 0
    name: str = ""

    @property
    def message(self) -> str:
        """A cloud refuses what it does not do; where it did its work it broke off."""
        return "Status=503 the service broke off" if self.done else "Status=400 it does not want to"


BLOWS = st.lists(
    st.builds(
        Blow,
        during=st.sampled_from(sorted(METHODS)),
        kind=st.sampled_from(["error", "init-failed", "crash", "kill-engine"]),
        after=st.integers(0, 40),
        done=st.booleans(),
    ),
    max_size=3,
)


def chosen(platform: str) -> dict[str, Any]:
    """A config with a budget and alerts that tell the same person, in an environment next to the shared stack."""
    return {
        "project": "churn", "platform": platform, "region": configs.REGIONS[platform][0],
        "account": configs.ACCOUNTS[platform], "models": configs.MODELS, "environments": {"prod": None},
        "budget": {"amount": 100, **configs.TOLD} | ({"start": "2026-12-01"} if platform == "azureml" else {}),
        "monitoring": {"enabled": True, "alerts": configs.TOLD["contacts"]},
    }  # fmt: skip


@dataclass(frozen=True)
class World:
    """A project, the engine on it and the cloud that it works with."""

    cloud: StandIn
    driver: Driver
    programs: Mapping[str, Program]

    def work(self, operation: str, stack: str, blows: Sequence[Blow] = ()) -> Outcome:
        """Up or destroy while these blows fall; whatever came of it, the next command has a state to work with."""
        for one in blows:
            if one.during == operation and (one.kind != "init-failed" or operation == "up"):
                self.cloud.fault(
                    one.kind, method=METHODS[operation], name=one.name, after=one.after, done=one.done,
                    message=one.message,
                )  # fmt: skip
        outcome = self.driver.up(stack, self.programs[stack]) if operation == "up" else self.driver.destroy(stack)
        self.cloud.heal()
        if outcome.error is not None:
            assert blows, outcome.error.problems
            self.mend(stack, outcome)
        return outcome

    def mend(self, stack: str, outcome: Outcome) -> None:
        """What the commands say: restore a state that was cut off, then repair."""
        self.cloud.start()
        os.environ["PULUMI_DEBUG_PROVIDERS"] = self.cloud.environment()["PULUMI_DEBUG_PROVIDERS"]
        note_unanswered(self.driver, outcome)
        files = state_files(self.driver.project, stack)
        assert files is not None
        restored = any(one.damage for one in interruptions(self.driver.project, stack))
        if restored:
            recovery_state.restore(files, recovery_state.copies(files)[0])
        mended = repair(self.driver, stack, confirmed=False)
        lost = {one.urn for one in mended.unfinished if one.fate == "unknown"}
        for id in self.made(stack) - self.named(stack):
            if restored or self.cloud.store.resources[id]["urn"] in lost:
                self.cloud.store.delete(id)
        assert recovery_state.damage_of(files.state.read_bytes()) is None
        assert interruptions(self.driver.project, stack, self.driver.state(stack)) == ()

    def undeploy(self, stack: str) -> None:
        """Take the models off the endpoints, as the command does before the engine deletes (test_undeploying.py)."""
        for one in self.cloud.store.of_type(serving.DEPLOYMENT):
            if one["id"] in self.made(stack):
                self.cloud.store.delete(one["id"])

    def named(self, stack: str) -> set[str]:
        """The ids of what the stack's state names."""
        state = self.driver.state(stack)
        return {one.id for one in state.resources if one.id} if state else set()

    def made(self, stack: str) -> set[str]:
        """The ids of what the cloud holds of this stack."""
        prefix = f"urn:pulumi:{stack}::"
        return {one["id"] for one in self.cloud.store.resources.values() if one["urn"].startswith(prefix)}

    def kept(self, stack: str) -> set[str]:
        """The ids of what the program asked to stay when its stack goes."""
        exported = json.loads(self.driver.engine(stack, "stack", "export"))
        return {one["id"] for one in exported["deployment"]["resources"] if one.get("retainOnDelete")}


@contextmanager
def world(folder: Path, config: Mapping[str, Any]) -> Generator[World]:
    root = Path(tempfile.mkdtemp(dir=folder))
    (root / "groundplan.yaml").write_text(json.dumps(config), encoding="utf-8")
    stacks = read_stacks(root)
    project = Project(
        layout=Layout(root), name=config["project"], platform=config["platform"], engine=installation.find(None)
    )
    with StandIn(root / "stand-in") as cloud, mock.patch.dict(os.environ, cloud.environment()):
        driver = Driver(project=project, limits=Limits(tell=lambda _: None))
        yield World(cloud, driver, {stack: program(stacks, stack) for stack in [*stacks][:2]})


def hold(folder: Path, config: Mapping[str, Any], blows: Sequence[Blow]) -> None:
    """Up and down again, with what goes wrong in the environment's stack, and nothing is left undone or unnamed."""
    with world(folder, config) as here:
        shared, stack = here.programs
        here.work("up", shared)
        here.work("up", stack, blows)
        again, unchanged, drift = here.work("up", stack), here.work("up", stack), here.driver.drift(stack)

        assert again.error is None
        assert [(one.error, one.changes) for one in (unchanged, drift)] == [(None, ())] * 2
        assert here.made(stack) <= here.named(stack)

        kept = here.kept(stack)
        here.driver.engine(stack, "state", "unprotect", "--all", "--yes")
        here.undeploy(stack)
        here.work("destroy", stack, blows)
        gone, nothing = here.work("destroy", stack), here.work("destroy", stack)

        assert (gone.error, nothing.error, nothing.steps) == (None, None, ())
        assert here.named(stack) == set()
        assert here.made(stack) <= kept
        assert sum(bool(one["fault"]) for one in here.cloud.calls) >= sum(bool(one.name) for one in blows)


@drawn
@given(config=configs.configs("azureml"), blows=BLOWS)
@example(config=chosen("azureml"), blows=[
    Blow(during="up", kind="error", name="storage-account-diagnostics", done=True),
    Blow(during="destroy", kind="error", name="storage-data", done=False),
])  # fmt: skip
def test_any_config_of_azure_ml_goes_up_and_comes_down(
    config: dict[str, Any], blows: list[Blow], tmp_path: Path
) -> None:
    hold(tmp_path, config, blows)


@drawn
@given(config=configs.configs("vertex"), blows=BLOWS)
@example(config=chosen("vertex"), blows=[
    Blow(during="up", kind="init-failed", name="budget-email", done=True),
    Blow(during="destroy", kind="error", name="storage-requests", done=True),
])  # fmt: skip
def test_any_config_of_vertex_ai_goes_up_and_comes_down(
    config: dict[str, Any], blows: list[Blow], tmp_path: Path
) -> None:
    hold(tmp_path, config, blows)
