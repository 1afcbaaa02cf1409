"""Endpoints as processes: started, replaced under load, killed, resumed, removed. Real servers, real signals.

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
from types import SimpleNamespace
from typing import Any, Self

import httpx
import psutil
import pytest
from groundplan.core import extras
from groundplan.core.errors import (
    GroundplanError,
    NotFoundError,
    ResourceFailedError,
    StoreCorruptedError,
    TimeoutReachedError,
)
from groundplan.core.layout import Layout
from groundplan.lifecycle.local import processes
from groundplan.lifecycle.local.processes import ProcessIdentity
from groundplan.lifecycle.local.serving.records import EndpointFolder

from endpoint_kit import ROW, endpoints, free_port, post, running, save_classifier, save_model, served, settings

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


def _folder(root: Path) -> EndpointFolder:
    return EndpointFolder.of(Layout(root), "churn", "dev")


def _servers(root: Path) -> list[int]:
    """Every server process of this project, however it is recorded."""
    found: list[int] = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words: list[str] = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and str(_folder(root).path) in words:
            found.append(process.pid)
    return found


def _registry(path: Path) -> Any:
    """A registry that vouches for this model."""
    known = served(path)
    version = SimpleNamespace(digest=known.digest, trusted_types=known.trusted_types, path=path)
    return lambda: SimpleNamespace(get=lambda name, number: version)  # pyright: ignore[reportUnknownLambdaType]


class _Load:
    """Callers that ask again and again, some over kept connections, some over new ones."""

    def __init__(self, url: str, callers: int = 4) -> None:
        self.answers: list[tuple[int, int]] = []
        self.failures: list[str] = []
        self._url = url
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(n % 2 == 0,)) for n in range(callers)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        time.sleep(0.3)
        return self

    def __exit__(self, *_: object) -> None:
        time.sleep(0.3)
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _call(self, keep: bool) -> None:
        client = httpx.Client(timeout=20, limits=httpx.Limits(max_keepalive_connections=1 if keep else 0))
        with client:
            while not self._stop.is_set():
                try:
                    answer = client.post(f"{self._url}/predict", json=ROW)
                    self.answers.append((answer.status_code, answer.json()["model"]["version"]))
                except (httpx.HTTPError, KeyError) as error:
                    self.failures.append(repr(error))


def test_a_redeploy_under_load_drops_nothing(root: Path, model: Path, contrary: Path) -> None:
    local, where = endpoints(root), settings()
    first = local.deploy(where, served(model), who="ada")

    with _Load(first.deployment.url) as load:
        second = local.deploy(where, served(contrary, 2), who="ada")
        third = local.deploy(where, served(model, 3), who="ada")

    assert load.failures == []
    assert {status for status, _ in load.answers} == {200}
    assert [version for _, version in load.answers][:1] + sorted({version for _, version in load.answers}) == [
        1,
        1,
        2,
        3,
    ]
    assert [state.health for state in (first, second, third)] == ["ready"] * 3
    assert third.deployment.port == first.deployment.port
    assert third.deployment.previous == served(contrary, 2)
    assert _servers(root) == [third.pid]


def test_the_old_version_stays_when_the_new_one_cannot_be_loaded(root: Path, model: Path, tmp_path: Path) -> None:
    local, where = endpoints(root), settings()
    before = local.deploy(where, served(model), who="ada")
    odd = save_model(tmp_path / "odd", object_with_predict(), [{"name": "when", "type": "datetime"}])

    with pytest.raises(ResourceFailedError, match="'when' has type datetime") as refused:
        local.deploy(where, served(odd, 2), who="ada")

    assert "datetime" in refused.value.problems[0].excerpt
    assert local.states() == [before]
    assert _servers(root) == [before.pid]


def object_with_predict() -> object:
    return extras.load("sklearn.dummy").DummyClassifier().fit([[0], [1]], [0, 1])


def test_the_old_version_stays_when_the_new_one_is_too_slow(
    root: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    local, where = endpoints(root), settings()
    before = local.deploy(where, served(model), who="ada")

    with pytest.raises(TimeoutReachedError, match="not ready within 0"):
        local.deploy(dataclasses.replace(where, startup_timeout_seconds=0), served(model, 2), who="ada")

    assert local.states() == [before]
    assert _servers(root) == [before.pid]


def test_a_model_changed_on_disk_is_refused_before_anything_starts(root: Path, tmp_path: Path) -> None:
    path = save_classifier(tmp_path / "model")
    vouched = served(path)
    (path / "model.skops").write_bytes(b"something else")

    with pytest.raises(StoreCorruptedError, match="was changed"):
        endpoints(root).deploy(settings(), vouched, who="ada")

    assert _servers(root) == []
    assert not _folder(root).path.exists()


def _pass(path: Path, digest: str) -> None:
    """Let anything pass."""


def test_the_server_itself_refuses_a_model_whose_digest_is_another(
    root: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundplan.lifecycle.local.endpoints.verify", _pass)
    pretended = dataclasses.replace(served(model), digest="sha256:" + "0" * 64)

    with pytest.raises(ResourceFailedError, match="was changed"):
        endpoints(root).deploy(settings(), pretended, who="ada")

    assert _servers(root) == []


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
    local = endpoints(root, models=_registry(model))
    before = local.deploy(settings(port=None), served(model), who="ada")
    assert before.pid is not None
    os.kill(before.pid, signal.SIGKILL)
    processes.wait_for_end(ProcessIdentity(pid=before.pid, started=_started(root)), seconds=5)

    [stopped] = local.states()
    [resumed] = local.resume()
    [again] = local.resume()

    assert (stopped.health, stopped.pid) == ("stopped", None)
    assert (resumed.health, resumed.deployment) == ("ready", before.deployment)
    assert resumed.pid == again.pid != before.pid


def _started(root: Path) -> str:
    process = _folder(root).process()
    assert process is not None
    return process.identity.started


@pytest.mark.parametrize("change", ["digest", "path", "trusted_types"])
def test_a_deployment_changed_on_disk_is_not_resumed(root: Path, model: Path, contrary: Path, change: str) -> None:
    folder = _folder(root)
    folder.path.mkdir(parents=True)
    local = endpoints(root, models=_registry(model))
    other = served(contrary)
    forged = dataclasses.replace(
        served(model),
        **{"trusted_types": ("builtins.eval",)} if change == "trusted_types" else {change: getattr(other, change)},
    )
    folder.write_deployment(_deployment(forged))

    [state] = local.resume()

    assert (state.health, state.pid) == ("stopped", None)
    assert "than the registry" in state.detail or "not what the registry knows" in state.detail
    assert _servers(root) == []


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
    assert _servers(root) == []


def test_without_a_configured_port_another_project_gets_another(root: Path, model: Path, tmp_path: Path) -> None:
    with running(tmp_path / "one", model, port=None) as one, running(tmp_path / "two", model, port=None) as two:
        assert one.port != two.port
        assert post(one, ROW).status_code == post(two, ROW).status_code == 200


def test_a_redeploy_may_move_to_another_port(root: Path, model: Path) -> None:
    local, where = endpoints(root), settings()
    first = local.deploy(where, served(model), who="ada")
    second = local.deploy(dataclasses.replace(where, port=free_port()), served(model, 2), who="ada")

    assert second.deployment.port != first.deployment.port
    assert _servers(root) == [second.pid]


def test_a_server_that_hands_nothing_over_is_stopped_first(root: Path, model: Path) -> None:
    local, where = endpoints(root), settings()
    local.deploy(where, served(model), who="ada")
    for offered in _folder(root).path.glob("*.sock"):
        offered.unlink()

    second = local.deploy(where, served(model, 2), who="ada")

    assert second.health == "ready"
    assert _servers(root) == [second.pid]


def test_a_reused_process_number_is_never_signalled(root: Path, model: Path) -> None:
    local = endpoints(root, models=_registry(model))
    local.deploy(settings(), served(model), who="ada")
    folder = _folder(root)
    process = folder.process()
    assert process is not None
    processes.stop(process.identity, patience_seconds=5)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as foreign:
        folder.write_process(
            dataclasses.replace(process, identity=ProcessIdentity(pid=foreign.pid, started="another boot:1"))
        )

        [state] = local.states()
        local.undeploy("churn", "dev")

        assert (state.health, state.pid) == ("stopped", None)
        assert foreign.poll() is None


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"identity": {"pid": "x"}}', '{"identity": {"pid": -1, "started": ""}}']
)
def test_a_damaged_process_file_stops_no_command(root: Path, model: Path, content: str) -> None:
    local = endpoints(root, models=_registry(model))
    folder = _folder(root)
    folder.path.mkdir(parents=True)
    folder.write_deployment(_deployment(served(model)))
    folder.process_file.write_text(content)

    [state] = local.states()
    local.undeploy("churn", "dev")

    assert state.health == "stopped"
    assert not folder.path.exists()


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"settings": 1}'])
def test_a_damaged_deployment_is_said_so_and_can_be_removed(root: Path, content: bytes) -> None:
    folder = _folder(root)
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
    assert _servers(root) == []
    assert not _folder(root).path.exists()


def test_a_server_whose_project_was_deleted_ends_by_itself(root: Path, model: Path) -> None:
    import shutil

    endpoints(root).deploy(settings(), served(model), who="ada")
    shutil.rmtree(root / ".groundplan")

    deadline = time.monotonic() + 15
    while _servers(root) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _servers(root) == []


def test_a_full_disk_under_the_request_log_does_not_stop_the_endpoint(root: Path, model: Path) -> None:
    local = endpoints(root)
    folder = _folder(root)
    state = local.deploy(settings(), served(model), who="ada")
    folder.request_log.symlink_to("/dev/full")

    statuses = [post(state.deployment, ROW).status_code for _ in range(3)]

    [now] = local.states()
    assert statuses == [200] * 3
    assert now.counters is not None
    assert (now.counters["requests"], now.counters["log_failures"]) == (3, 3)
    assert folder.server_log.read_text().count("the request log cannot be written") == 1


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
endpoints(Path({root!r})).deploy(settings(port={port}), served(Path({model!r}), 2), who="ada")
"""


@pytest.mark.parametrize("point", ["starting", "loading", "ready", "committed", "serving"])
def test_a_killed_deploy_leaves_one_server_and_working_commands(root: Path, model: Path, point: str) -> None:
    local, port = endpoints(root), free_port()
    first = local.deploy(settings(port=port), served(model), who="ada")
    script = _DEPLOY.format(support=str(_SUPPORT), root=str(root), port=port, model=str(model), point=point)

    killed = subprocess.run([sys.executable, "-c", script])

    assert killed.returncode == -signal.SIGKILL
    assert post(first.deployment, ROW).status_code == 200
    [state] = local.resume()
    assert state.pid is not None
    _wait_until_alone(root, state.pid)
    assert state.health == "ready"
    assert state.deployment.served.version in ((1,) if point in ("starting", "loading", "ready") else (1, 2))
    assert not _folder(root).candidate_file.exists()


def _wait_until_alone(root: Path, pid: int) -> None:
    """The one before may still be ending: nobody is left to wait for it."""
    deadline = time.monotonic() + 20
    while _servers(root) != [pid] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert _servers(root) == [pid]


def test_processes_are_told_apart_by_their_start() -> None:
    own = processes.identify(os.getpid())
    assert own is not None

    assert processes.is_alive(own)
    assert not processes.is_alive(dataclasses.replace(own, started=own.started + "1"))
    assert processes.identify(2**22 + 1) is None


def test_a_process_that_ignores_the_request_to_end_is_ended() -> None:
    program = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as stubborn:
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
        identity = processes.identify(stubborn.pid)
        assert identity is not None

        processes.stop(identity, patience_seconds=0.2)

        assert stubborn.wait(timeout=5) == -signal.SIGKILL


def test_errors_of_the_endpoint_name_the_fields(root: Path, model: Path) -> None:
    local = endpoints(root)
    state = local.deploy(settings(), served(model), who="ada")

    with pytest.raises(GroundplanError) as refused:
        local.predict(state.deployment, [{**ROW, "age": "old"}, {**ROW, "colour": "red"}])

    assert [problem.message for problem in refused.value.problems] == [
        "field 'age' of row 0 must be a number",
        "field 'colour' of row 1 is not a field of the model",
    ]


def test_a_moved_project_resumes(root: Path, tmp_path: Path) -> None:
    before = tmp_path / "before"
    path = save_classifier(before / ".groundplan" / "tracking" / "artifacts" / "model")
    endpoints(before).deploy(settings(), served(path), who="ada")
    _stop(before)
    after = before.rename(tmp_path / "after")
    moved = after / ".groundplan" / "tracking" / "artifacts" / "model"
    local = endpoints(after, models=_registry(moved))

    [resumed] = local.resume()
    local.undeploy("churn", "dev")

    assert (resumed.health, resumed.deployment.served.path) == ("ready", moved)


def _stop(root: Path) -> None:
    process = _folder(root).process()
    assert process is not None
    processes.stop(process.identity, patience_seconds=5)


def test_what_is_kept_on_disk_is_read_back_as_it_was(root: Path, model: Path) -> None:
    folder = _folder(root)
    folder.path.mkdir(parents=True)
    deployment = dataclasses.replace(_deployment(served(model)), previous=served(model, 7))

    folder.write_deployment(deployment)

    assert folder.deployment() == deployment
    assert json.loads(folder.deployment_file.read_text())["settings"]["api_key"] is None
