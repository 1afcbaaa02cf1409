"""What an endpoint's folder holds: deployment.json, process.json, candidate.json, status.json, and its logs."""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ....core import files
from ....core.errors import StoreCorruptedError
from ....core.layout import Layout
from ...contract.deployment import Deployment, EndpointSettings, ServedModel
from ...contract.traffic import Traffic, VersionHealth
from .processes import ProcessIdentity

RELEASE = version("groundplan")
"""Which groundplan this is: a router of another one is replaced rather than asked for something new."""


@dataclass(frozen=True, kw_only=True)
class ServerProcess:
    """The process that serves; ``handover`` names the socket at which it gives its listener to a successor.

    ``release`` is the groundplan it runs. ``instance`` is "" for a version that is added to a process that serves.
    """

    identity: ProcessIdentity
    instance: str
    version: int
    port: int
    handover: str = ""
    release: str = ""


@dataclass(frozen=True, kw_only=True)
class WorkerState:
    """How the process of one version is."""

    version: int
    digest: str
    health: VersionHealth
    restarts: int
    detail: str
    pid: int | None


@dataclass(frozen=True, kw_only=True)
class RouterStatus:
    """What a router says of itself: which deployment.json it follows (``applied``, its digest), and its workers.

    ``problem`` says why it does not follow the one that is there.
    """

    instance: str
    applied: str
    workers: tuple[WorkerState, ...]
    problem: str = ""


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
    def status_file(self) -> Path:
        """How the router and its workers are."""
        return self.path / "status.json"

    @property
    def observations(self) -> Path:
        """What each version did, a line per second."""
        return self.path / "observations.jsonl"

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

    def status(self) -> RouterStatus | None:
        """What the router said last; a damaged file counts as none, as it is written anew."""
        try:
            data = files.read_json(self.status_file)
            fields: dict[str, Any] = {**data, "workers": tuple(WorkerState(**worker) for worker in data["workers"])}
            return RouterStatus(**fields)
        except (FileNotFoundError, StoreCorruptedError, KeyError, TypeError):
            return None

    def write_status(self, status: RouterStatus) -> None:
        """Keep what the router says."""
        files.write_json(self.status_file, dataclasses.asdict(status))

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


def digest_of(content: bytes) -> str:
    """Under which name a router says that it follows this deployment.json."""
    return hashlib.sha256(content).hexdigest()


def deployment_data(deployment: Deployment, *, root: Path) -> dict[str, Any]:
    """A deployment as JSON values."""
    data = dataclasses.asdict(deployment)
    for served in (data["served"], data["previous"], *data["beside"]):
        if served is not None:
            served["path"] = _relative(served["path"], root)
    data["beside"] = list(data["beside"])
    if deployment.traffic is not None:
        shares = {str(version): share for version, share in sorted(deployment.traffic.shares.items())}
        data["traffic"] = {**dataclasses.asdict(deployment.traffic), "shares": shares}
    return data


def deployment_from(data: dict[str, Any], *, root: Path, where: Path) -> Deployment:
    """The deployment that ``deployment_data`` made. Raises StoreCorruptedError that names ``where``."""
    try:
        settings = dict(data["settings"])
        settings["allowed_hosts"] = tuple(settings["allowed_hosts"])
        settings["redact"] = tuple(settings.get("redact", ()))
        previous = data["previous"]
        deployment = Deployment(
            settings=EndpointSettings(**settings),
            served=_served(data["served"], root),
            previous=None if previous is None else _served(previous, root),
            port=int(data["port"]),
            deployed=str(data["deployed"]),
            deployed_by=str(data["deployed_by"]),
            beside=tuple(_served(one, root) for one in data.get("beside", ())),
            traffic=_traffic(data.get("traffic")),
        )
        _demand_known(deployment)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StoreCorruptedError(
            f"{where} is damaged: it does not describe a deployment",
            where=str(where),
            hint="Remove that folder and run: groundplan deploy",
        ) from error
    return deployment


def _demand_known(deployment: Deployment) -> None:
    """Raises ValueError when shares name a version that is not there, or two versions have one number."""
    numbers = [served.version for served in deployment.versions]
    split = deployment.split
    named = {*split.shares, *(() if split.mirrored is None else (split.mirrored,))}
    if len(set(numbers)) < len(numbers) or not named <= set(numbers):
        raise ValueError(f"the shares are of {sorted(named)}, the versions {numbers}")


def _served(data: dict[str, Any], root: Path) -> ServedModel:
    fields: dict[str, Any] = {**data, "path": root / data["path"]}
    fields["trusted_types"] = tuple(data["trusted_types"])
    return ServedModel(**fields)


def _traffic(data: dict[str, Any] | None) -> Traffic | None:
    if data is None:
        return None
    shares = {int(version): int(share) for version, share in data["shares"].items()}
    fields: dict[str, Any] = {**data, "shares": shares}
    return Traffic(**fields)


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
            release=str(data.get("release", "")),
        )
    except (FileNotFoundError, StoreCorruptedError, KeyError, TypeError, ValueError):
        return None
