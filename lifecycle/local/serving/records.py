"""What an endpoint's folder holds: deployment.json, process.json, candidate.json, server.log, requests.jsonl."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....core import files
from ....core.errors import StoreCorruptedError
from ....core.layout import Layout
from ...contract.deployment import Deployment, EndpointSettings, ServedModel
from .processes import ProcessIdentity


@dataclass(frozen=True, kw_only=True)
class ServerProcess:
    """The process that serves; ``handover`` names the socket at which it gives its listener to a successor."""

    identity: ProcessIdentity
    instance: str
    version: int
    port: int
    handover: str = ""


@dataclass(frozen=True)
class EndpointFolder:
    """One deployment's folder, ``<endpoint>@<environment>``."""

    path: Path

    @classmethod
    def of(cls, layout: Layout, name: str, environment: str) -> EndpointFolder:
        """The folder of this endpoint in this environment, whether it is there or not."""
        return cls(layout.endpoints / f"{name}@{environment}")

    @property
    def root(self) -> Path:
        """The project's folder: paths in deployment.json are relative to it, so that a project can be moved."""
        return self.path.parents[2]

    @property
    def deployment_file(self) -> Path:
        """What should be served."""
        return self.path / "deployment.json"

    @property
    def process_file(self) -> Path:
        """Which process serves."""
        return self.path / "process.json"

    @property
    def candidate_file(self) -> Path:
        """Written before a server is started and removed when it serves: a kill in between shows."""
        return self.path / "candidate.json"

    @property
    def server_log(self) -> Path:
        """What the server says."""
        return self.path / "server.log"

    @property
    def request_log(self) -> Path:
        """One JSON object per request."""
        return self.path / "requests.jsonl"

    def deployment(self) -> Deployment | None:
        """What should be served, or None. Raises StoreCorruptedError."""
        try:
            data = files.read_json(self.deployment_file)
        except FileNotFoundError:
            return None
        return deployment_from(data, root=self.root, where=self.deployment_file)

    def write_deployment(self, deployment: Deployment) -> None:
        """Keep what should be served."""
        files.write_json(self.deployment_file, deployment_data(deployment, root=self.root))

    def process(self) -> ServerProcess | None:
        """The process that served last, alive or not; a damaged file counts as none."""
        return _process(self.process_file)

    def write_process(self, process: ServerProcess) -> None:
        """Keep which process serves."""
        files.write_json(self.process_file, dataclasses.asdict(process))

    def candidate(self) -> ServerProcess | None:
        """The server that is being started, if a command is at it or was killed while it was."""
        return _process(self.candidate_file)

    def write_candidate(self, process: ServerProcess) -> None:
        """Keep which server is being started."""
        files.write_json(self.candidate_file, dataclasses.asdict(process))


def deployment_data(deployment: Deployment, *, root: Path) -> dict[str, Any]:
    """A deployment as JSON values."""
    data = dataclasses.asdict(deployment)
    for key in ("served", "previous"):
        if data[key] is not None:
            data[key]["path"] = _relative(data[key]["path"], root)
    return data


def deployment_from(data: dict[str, Any], *, root: Path, where: Path) -> Deployment:
    """The deployment that ``deployment_data`` made. Raises StoreCorruptedError that names ``where``."""
    try:
        settings = dict(data["settings"])
        settings["allowed_hosts"] = tuple(settings["allowed_hosts"])
        previous = data["previous"]
        return Deployment(
            settings=EndpointSettings(**settings),
            served=_served(data["served"], root),
            previous=None if previous is None else _served(previous, root),
            port=int(data["port"]),
            deployed=str(data["deployed"]),
            deployed_by=str(data["deployed_by"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreCorruptedError(
            f"{where} is damaged: it does not describe a deployment",
            where=str(where),
            hint="Remove that folder and run: groundplan deploy",
        ) from error


def _served(data: dict[str, Any], root: Path) -> ServedModel:
    fields: dict[str, Any] = {**data, "path": root / data["path"]}
    fields["trusted_types"] = tuple(data["trusted_types"])
    return ServedModel(**fields)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _process(path: Path) -> ServerProcess | None:
    try:
        data = files.read_json(path)
        identity = ProcessIdentity(pid=int(data["identity"]["pid"]), started=str(data["identity"]["started"]))
        return ServerProcess(
            identity=identity,
            instance=str(data["instance"]),
            version=int(data["version"]),
            port=int(data["port"]),
            handover=Path(str(data["handover"])).name,
        )
    except (FileNotFoundError, StoreCorruptedError, KeyError, TypeError, ValueError):
        return None
