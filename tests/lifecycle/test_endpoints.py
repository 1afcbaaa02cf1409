"""Endpoints as processes: started, killed, resumed, removed, and what is on disk. Real servers, real signals.

How one version replaces another is in test_endpoints_replacing.py.

A restart of the machine is played by killing the server; that process numbers do not mislead after a real one rests on
the boot's id, which a test cannot change.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from groundplan.core.errors import (
    NotFoundError,
    ResourceFailedError,
    StoreCorruptedError,
)
from groundplan.lifecycle.local.serving import processes
from groundplan.lifecycle.local.serving.processes import ProcessIdentity
from groundplan.lifecycle.local.serving.records import ServerProcess

from endpoint_kit import (
    ROW,
    endpoints,
    folder_of,
    post,
    registry,
    resume,
    running,
    save_classifier,
    served,
    servers,
    settings,
)

_SUPPORT = Path(__file__).parent.parent / "support"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("model") / "model")


@pytest.fixture(scope="module")
def contrary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("contrary") / "model", flipped=True)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A project whose servers do not outlive the test."""
    yield tmp_path
    with contextlib.suppress(NotFoundError):
        endpoints(tmp_path).undeploy("churn", "dev")


def test_a_model_changed_on_disk_is_refused_before_anything_starts(root: Path, tmp_path: Path) -> None:
    path = save_classifier(tmp_path / "model")
    vouched = served(path)
    (path / "model.skops").write_bytes(b"something else")

    with pytest.raises(StoreCorruptedError, match="was changed"):
        endpoints(root).deploy(settings(), vouched, who="ada")

    assert servers(root) == []
    assert not folder_of(root).path.exists()


def _pass(path: Path, digest: str) -> None:
    """Let anything pass."""


def test_the_server_itself_refuses_a_model_whose_digest_is_another(
    root: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundplan.lifecycle.local.endpoints.verify", _pass)
    pretended = dataclasses.replace(served(model), digest="sha256:" + "0" * 64)

    with pytest.raises(ResourceFailedError, match="was changed"):
        endpoints(root).deploy(settings(), pretended, who="ada")

    assert servers(root) == []


def test_it_is_not_ready_while_it_loads(root: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = root / "shim"
    slow.mkdir()
    (slow / "sitecustomize.py").write_text(_SLOW_LOADING)
    monkeypatch.setenv("PYTHONPATH", str(slow))
    where = settings()
    seen: list[tuple[int, int, int, str]] = []

    def watch() -> None:
        url = f"http://127.0.0.1:{where.port}"
        while not seen:
            with contextlib.suppress(httpx.TransportError):
                ready = httpx.get(f"{url}/readyz").status_code
                alive = httpx.get(f"{url}/healthz").status_code
                predicted = httpx.post(f"{url}/predict", json=ROW)
                seen.append((ready, alive, predicted.status_code, predicted.headers["retry-after"]))
            time.sleep(0.05)

    watching = threading.Thread(target=watch)
    watching.start()
    state = endpoints(root).deploy(where, served(model), who="ada")
    watching.join()

    assert seen == [(503, 200, 503, "1")]
    assert state.health == "ready"


_SLOW_LOADING = textwrap.dedent(
    """
    import importlib.abc, sys, time

    class Slow(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path, target=None):
            if name == "skops.io":
                time.sleep(1.5)

    sys.meta_path.insert(0, Slow())
    """
)


def test_a_killed_server_is_started_again_on_its_port(root: Path, model: Path) -> None:
    local = endpoints(root, models=registry(model))
    before = local.deploy(settings(port=None), served(model), who="ada")
    assert before.pid is not None
    os.kill(before.pid, signal.SIGKILL)
    assert processes.wait_for_end(ProcessIdentity(pid=before.pid, started=_started(root)), seconds=60)

    [stopped] = local.states()
    resumed, again = resume(local), resume(local)

    assert (stopped.health, stopped.pid) == ("stopped", None)
    assert (resumed.health, resumed.deployment) == ("ready", before.deployment)
    assert resumed.pid == again.pid != before.pid


def _started(root: Path) -> str:
    process = folder_of(root).process()
    assert process is not None
    return process.identity.started


@pytest.mark.parametrize("change", ["digest", "path", "trusted_types"])
def test_a_deployment_changed_on_disk_is_not_resumed(root: Path, model: Path, contrary: Path, change: str) -> None:
    folder = folder_of(root)
    folder.path.mkdir(parents=True)
    local = endpoints(root, models=registry(model))
    other = served(contrary)
    forged = dataclasses.replace(
        served(model),
        **{"trusted_types": ("builtins.eval",)} if change == "trusted_types" else {change: getattr(other, change)},
    )
    folder.write_deployment(_deployment(forged))

    state = resume(local)

    assert (state.health, state.pid) == ("stopped", None)
    assert "than the registry" in state.detail or "not what the registry knows" in state.detail
    assert servers(root) == []


def _deployment(known: Any) -> Any:
    from groundplan.lifecycle.contract.deployment import Deployment

    return Deployment(
        settings=settings(), served=known, previous=None, port=1, deployed="2026-11-21T00:00:00.000Z", deployed_by="ada"
    )


def test_a_configured_port_that_is_taken_is_named_with_the_way_out(root: Path, model: Path) -> None:
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        port = foreign.getsockname()[1]

        with pytest.raises(ResourceFailedError, match=f"port {port} of 127.0.0.1") as refused:
            endpoints(root).deploy(settings(port=port), served(model), who="ada")

    assert "endpoints.churn.port" in refused.value.hint
    assert servers(root) == []


def test_without_a_configured_port_another_project_gets_another(root: Path, model: Path, tmp_path: Path) -> None:
    with running(tmp_path / "one", model, port=None) as one, running(tmp_path / "two", model, port=None) as two:
        assert one.port != two.port
        assert post(one, ROW).status_code == post(two, ROW).status_code == 200


def test_a_reused_process_number_is_never_signalled(root: Path, model: Path) -> None:
    local, folder = endpoints(root), folder_of(root)
    folder.path.mkdir(parents=True)
    folder.write_deployment(_deployment(served(model)))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as foreign:
        reused = ProcessIdentity(pid=foreign.pid, started="another boot:1")
        folder.write_process(ServerProcess(identity=reused, instance="0", version=1, port=1))

        [state] = local.states()
        local.undeploy("churn", "dev")

        assert (state.health, state.pid) == ("stopped", None)
        assert foreign.poll() is None


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"identity": {"pid": "x"}}', '{"identity": {"pid": -1, "started": ""}}']
)
def test_a_damaged_process_file_stops_no_command(root: Path, model: Path, content: str) -> None:
    local = endpoints(root, models=registry(model))
    folder = folder_of(root)
    folder.path.mkdir(parents=True)
    folder.write_deployment(_deployment(served(model)))
    folder.process_file.write_text(content)

    [state] = local.states()
    local.undeploy("churn", "dev")

    assert state.health == "stopped"
    assert not folder.path.exists()


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"settings": 1}'])
def test_a_damaged_deployment_is_said_so_and_can_be_removed(root: Path, content: bytes) -> None:
    folder = folder_of(root)
    folder.path.mkdir(parents=True)
    folder.deployment_file.write_bytes(content)
    local = endpoints(root)

    with pytest.raises(StoreCorruptedError, match="is damaged"):
        local.states()
    local.undeploy("churn", "dev")

    assert list(local.states()) == []


def test_undeploy_leaves_neither_process_nor_folder_and_once_is_enough(root: Path, model: Path) -> None:
    local = endpoints(root)
    state = local.deploy(settings(), served(model), who="ada")
    local.undeploy("churn", "dev")

    with pytest.raises(NotFoundError, match="nothing is deployed"):
        local.undeploy("churn", "dev")
    with pytest.raises(NotFoundError, match="nothing is deployed"):
        local.log("churn", "dev")
    with pytest.raises(ResourceFailedError, match="does not answer"):
        local.predict(state.deployment, [ROW])
    assert servers(root) == []
    assert not folder_of(root).path.exists()


def test_a_server_whose_project_was_deleted_ends_by_itself(root: Path, model: Path) -> None:
    import shutil

    endpoints(root).deploy(settings(), served(model), who="ada")
    shutil.rmtree(root / ".groundplan")

    deadline = time.monotonic() + 60
    while servers(root) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert servers(root) == []


def test_a_full_disk_under_the_request_log_does_not_stop_the_endpoint(root: Path, model: Path) -> None:
    local = endpoints(root)
    folder = folder_of(root)
    state = local.deploy(settings(), served(model), who="ada")
    folder.request_log.symlink_to("/dev/full")

    statuses = [post(state.deployment, ROW).status_code for _ in range(3)]

    [now] = local.states()
    assert statuses == [200] * 3
    assert now.counters is not None
    assert (now.counters["requests"], now.counters["log_failures"]) == (3, 3)
    assert folder.server_log.read_text().count("the request log cannot be written") == 1


def test_a_moved_project_resumes(root: Path, tmp_path: Path) -> None:
    before = tmp_path / "before"
    path = save_classifier(before / ".groundplan" / "tracking" / "artifacts" / "model")
    endpoints(before).deploy(settings(), served(path), who="ada")
    _stop(before)
    after = before.rename(tmp_path / "after")
    moved = after / ".groundplan" / "tracking" / "artifacts" / "model"
    local = endpoints(after, models=registry(moved))

    resumed = resume(local)
    local.undeploy("churn", "dev")

    assert (resumed.health, resumed.deployment.served.path) == ("ready", moved)


def _stop(root: Path) -> None:
    process = folder_of(root).process()
    assert process is not None
    processes.stop(process.identity, patience_seconds=5)


def test_what_is_kept_on_disk_is_read_back_as_it_was(root: Path, model: Path) -> None:
    folder = folder_of(root)
    folder.path.mkdir(parents=True)
    deployment = dataclasses.replace(_deployment(served(model)), previous=served(model, 7))

    folder.write_deployment(deployment)

    assert folder.deployment() == deployment
    assert json.loads(folder.deployment_file.read_text())["settings"]["api_key"] is None
