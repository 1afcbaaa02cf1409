"""One version replaces another: under load, when the new one fails, on another port, and when the command is killed.

The tests share one project and go on from what the one before left serving; each holds for any version.
"""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from groundplan.core import extras
from groundplan.core.errors import NotFoundError, ResourceFailedError, TimeoutReachedError

from endpoint_kit import (
    ROW,
    Load,
    endpoints,
    folder_of,
    free_port,
    post,
    ready,
    registry,
    resume,
    save_classifier,
    save_model,
    served,
    servers,
    wait_until_alone,
)

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.deployment import EndpointState

_SUPPORT = Path(__file__).parent.parent / "support"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture(scope="module")
def contrary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("contrary") / "model", flipped=True)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    project = tmp_path_factory.mktemp("project")
    yield project
    with contextlib.suppress(NotFoundError):
        endpoints(project).undeploy("churn", "dev")


@pytest.fixture
def before(root: Path, model: Path) -> EndpointState:
    """What serves when the test begins."""
    return ready(root, model)


def test_a_redeploy_under_load_drops_nothing(root: Path, before: EndpointState, model: Path, contrary: Path) -> None:
    local, where, number = endpoints(root), before.deployment.settings, before.deployment.served.version

    with Load(before.deployment.url) as load:
        second = local.deploy(where, served(contrary, number + 1), who="ada")
        third = local.deploy(where, served(model, number + 2), who="ada")

    versions = [version for _, version in load.answers]
    assert load.failures == []
    assert {status for status, _ in load.answers} == {200}
    assert (versions[0], sorted(set(versions))) == (number, [number, number + 1, number + 2])
    assert [state.health for state in (before, second, third)] == ["ready"] * 3
    assert third.deployment.port == before.deployment.port
    assert third.deployment.previous == served(contrary, number + 1)
    assert servers(root) == [third.pid]


def test_the_old_version_stays_when_the_new_one_cannot_be_loaded(
    root: Path, before: EndpointState, tmp_path: Path
) -> None:
    local = endpoints(root)
    odd = save_model(tmp_path / "odd", object_with_predict(), [{"name": "when", "type": "datetime"}])

    with pytest.raises(ResourceFailedError, match="'when' has type datetime") as refused:
        local.deploy(before.deployment.settings, served(odd, 99), who="ada")

    assert "datetime" in refused.value.problems[0].excerpt
    assert local.states() == [before]
    assert servers(root) == [before.pid]


def object_with_predict() -> object:
    return extras.load("sklearn.dummy").DummyClassifier().fit([[0], [1]], [0, 1])


def test_the_old_version_stays_when_the_new_one_is_too_slow(root: Path, before: EndpointState, model: Path) -> None:
    local = endpoints(root)
    hasty = dataclasses.replace(before.deployment.settings, startup_timeout_seconds=0)

    with pytest.raises(TimeoutReachedError, match="not ready within 0"):
        local.deploy(hasty, served(model, 99), who="ada")

    assert local.states() == [before]
    assert servers(root) == [before.pid]


def test_a_redeploy_may_move_to_another_port(root: Path, before: EndpointState, model: Path) -> None:
    where = dataclasses.replace(before.deployment.settings, port=free_port())

    after = endpoints(root).deploy(where, served(model, 2), who="ada")

    assert after.deployment.port == where.port != before.deployment.port
    assert servers(root) == [after.pid]


def test_a_server_that_hands_nothing_over_is_stopped_first(root: Path, before: EndpointState, model: Path) -> None:
    for offered in folder_of(root).path.glob("*.sock"):
        offered.unlink()

    after = endpoints(root).deploy(before.deployment.settings, served(model, 2), who="ada")

    assert (after.health, after.deployment.port) == ("ready", before.deployment.port)
    assert servers(root) == [after.pid]


@pytest.mark.parametrize("damage", ["gone", "damaged", "of another"])
def test_a_server_whose_record_was_lost_ends_and_its_port_is_served_again(
    root: Path, before: EndpointState, model: Path, damage: str
) -> None:
    folder = folder_of(root)
    process = folder.process()
    assert process is not None
    if damage == "gone":
        folder.process_file.unlink()
    elif damage == "damaged":
        folder.process_file.write_text("{")
    else:
        identity = dataclasses.replace(process.identity, started="another boot:1")
        folder.write_process(dataclasses.replace(process, instance="0", identity=identity))

    after = endpoints(root).deploy(before.deployment.settings, served(model, 2), who="ada")

    assert (after.health, after.deployment.port) == ("ready", before.deployment.port)
    assert after.pid is not None
    wait_until_alone(root, after.pid)


def test_undeploy_ends_a_server_whose_record_was_lost(root: Path, before: EndpointState) -> None:
    folder_of(root).process_file.unlink()

    endpoints(root).undeploy("churn", "dev")

    with pytest.raises(ResourceFailedError, match="does not answer"):
        endpoints(root).predict(before.deployment, [ROW])
    wait_until_alone(root)
    assert not folder_of(root).path.exists()


_DEPLOY = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {support!r})
from endpoint_kit import endpoints, served, settings
from groundplan.lifecycle.local.serving.launcher import Candidate

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def dying(method):
    def first(*given, **named):
        method(*given, **named)
        die()
    return first

point = {point!r}
if point == "starting":
    Candidate._say = die
elif point == "loading":
    Candidate.wait = die
elif point == "ready":
    Candidate.commit = die
elif point == "committed":
    Candidate.commit = dying(Candidate.commit)
else:
    Candidate.let_go = die
endpoints(Path({root!r})).deploy(settings(port={port}), served(Path({model!r}), {version}), who="ada")
"""


@pytest.mark.parametrize("point", ["starting", "loading", "ready", "committed", "serving"])
def test_a_killed_deploy_leaves_one_server_and_working_commands(
    root: Path, before: EndpointState, model: Path, point: str
) -> None:
    old, new, port = before.deployment.served.version, before.deployment.served.version + 1, before.deployment.port
    script = _DEPLOY.format(
        support=str(_SUPPORT), root=str(root), port=port, model=str(model), version=new, point=point
    )

    killed = subprocess.run([sys.executable, "-c", script])

    assert killed.returncode == -signal.SIGKILL
    assert post(before.deployment, ROW).status_code == 200
    state = resume(endpoints(root, models=registry(model)))
    assert state.pid is not None
    wait_until_alone(root, state.pid)
    assert state.health == "ready"
    assert state.deployment.served.version in ((old,) if point in ("starting", "loading", "ready") else (old, new))
    assert not folder_of(root).candidate_file.exists()
