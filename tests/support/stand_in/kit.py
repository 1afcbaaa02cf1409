"""A stand-in cloud for a test: servers for both providers, their store, faults to order, the engine's environment."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from pulumi.runtime.proto import provider_pb2_grpc

from .faults import Fault, Orders
from .provider import VERSIONS, Provider
from .store import Store

ROOT = Path(__file__).parents[3]
PASSPHRASE = "stand-in"


class Servers:
    """One gRPC server per provider package on free ports of the loopback."""

    def __init__(self, folder: Path, ports: Mapping[str, int] | None = None) -> None:
        store, orders = Store(folder), Orders(folder)
        self._servers: list[Any] = []
        self.ports: dict[str, int] = {}
        for package in VERSIONS:
            server = grpc.server(ThreadPoolExecutor(max_workers=64))
            provider_pb2_grpc.add_ResourceProviderServicer_to_server(
                Provider(package, store, orders, crash=self.crash), server
            )
            self.ports[package] = server.add_insecure_port(f"127.0.0.1:{(ports or {}).get(package, 0)}")
            server.start()
            self._servers.append(server)

    def crash(self) -> None:
        """Cut every connection without an answer."""
        for server in self._servers:
            server.stop(grace=None)


class StandIn:
    """A stand-in cloud below ``folder``; with ``process`` its providers run in a process of their own, which can die.

    ``store`` is what the cloud holds, ``calls`` what it was asked.
    """

    def __init__(self, folder: Path, *, process: bool = False) -> None:
        self.folder = folder
        self.store = Store(folder / "cloud")
        self._orders = Orders(folder / "cloud")
        self._process = process
        self._child: subprocess.Popen[bytes] | None = None
        self._servers: Servers | None = None
        self.ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        logging.getLogger("grpc").setLevel(logging.CRITICAL)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the providers; after a crash again, on new ports."""
        self.stop()
        if not self._process:
            self._servers = Servers(self.folder / "cloud")
            self.ports = self._servers.ports
            return
        told = self.folder / "ports"
        told.unlink(missing_ok=True)
        support = str(Path(__file__).parents[1])
        self._child = subprocess.Popen(
            [sys.executable, "-m", "stand_in", str(self.folder / "cloud"), str(told)],
            env={**os.environ, "PYTHONPATH": support},
            start_new_session=True,
        )
        end = time.monotonic() + 60
        while not told.exists():
            if self._child.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the stand-in providers did not start")
            time.sleep(0.02)
        self.ports = {name: int(port) for name, port in (line.split() for line in told.read_text().splitlines())}

    def stop(self) -> None:
        """Stop the providers; the store stays."""
        if self._servers is not None:
            self._servers.crash()
        if self._child is not None:
            if self._child.poll() is None:
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
            self._child = None

    def environment(self, **more: str) -> dict[str, str]:
        """What the engine needs in its environment to work with this cloud and nothing else."""
        return {
            "PATH": os.pathsep.join([str(engine_folder()), os.environ["PATH"]]),
            "PULUMI_BACKEND_URL": f"file://{self.backend}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_DEBUG_PROVIDERS": ",".join(f"{name}:{port}" for name, port in self.ports.items()),
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
            "PULUMI_HOME": str(self.folder / "pulumi-home"),
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            **more,
        }

    @property
    def backend(self) -> Path:
        """The folder of the engine's file backend."""
        folder = self.folder / "backend"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls received, in order."""
        return self.store.calls

    def called(self, method: str) -> list[str]:
        """The names of the resources for which the engine called this method in earnest, sorted."""
        return sorted(one["name"] for one in self.calls if one["method"] == method and not one["preview"])

    def fault(self, kind: Any, **order: Any) -> Fault:
        """Order a fault: see ``Fault``."""
        fault = Fault(kind=kind, **order)
        self._orders.add(fault)
        return fault

    def heal(self) -> None:
        """Take back every fault."""
        self._orders.clear()


def engine_folder() -> Path:
    """The folder that holds the engine: on PATH, else where ``make engine`` puts it. Raises RuntimeError."""
    found = shutil.which("pulumi") or shutil.which("pulumi", path=str(ROOT / ".tools" / "engine" / "bin"))
    if found is None:
        raise RuntimeError("no Pulumi engine: run 'make engine'")
    return Path(found).parent
