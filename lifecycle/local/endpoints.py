"""Endpoints on the laptop: one detached server process per deployment, replaced without losing a request."""

from __future__ import annotations

import contextlib
import dataclasses
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from ...core import clock, files
from ...core.errors import GroundplanError, NotFoundError, PolicyError, StoreCorruptedError
from ...core.files import explained
from ...core.layout import Layout
from ...core.suggestions import did_you_mean
from ..contract.deployment import PORTS, Deployment, EndpointHealth, EndpointSettings, EndpointState, ServedModel
from ..contract.platform import Models
from ..contract.traffic import Seen, Traffic, VersionState
from ..shares import gaining, routed, with_version, without
from . import changing
from .loading import verify
from .serving import channel, client
from .serving.channel import Specification
from .serving.launcher import Candidate, clean, wait_for_unrecorded
from .serving.observations import observations
from .serving.processes import is_alive, stop, wait_for_end
from .serving.records import RELEASE, EndpointFolder, ServerProcess, deployment_data
from .vouching import demand_registered

_TAKE_OVER_SECONDS = 30.0
_STOP_SECONDS = 13.0
"""A little longer than the server itself takes for the requests that are under way."""


class LocalEndpoints:
    """Implements the lifecycle's Endpoints Protocol below ``.groundplan/endpoints/``.

    ``value_of`` resolves the reference to an API key; ``models`` is asked before a server is started again from what
    is on disk. Whoever changes something at an endpoint holds its lock.
    """

    def __init__(self, layout: Layout, *, value_of: Callable[[str], str], models: Callable[[], Models]) -> None:
        """Nothing is read or started yet."""
        self._layout = layout
        self._value_of = value_of
        self._models = models

    def deploy(self, settings: EndpointSettings, served: ServedModel, *, who: str) -> EndpointState:
        """Serve this version alone; what was there keeps serving until it is ready, and stays if it never is.

        Raises StoreCorruptedError for a model that is not the one the registry knows, ResourceFailedError and
        TimeoutReachedError, with the server's last words, when it does not come to serve.
        """
        served = dataclasses.replace(served, path=served.path.absolute())
        verify(served.path, served.digest)
        folder = EndpointFolder.of(self._layout, settings.name, settings.environment)
        self._clean(folder)
        return self._start(folder, _successor(_readable(folder), settings, served, who))

    def add(self, settings: EndpointSettings, served: ServedModel, *, who: str) -> Sequence[VersionState]:
        """Start this version beside the others and wait until it is ready; it gets no traffic by that.

        A router that runs and is set like this goes on; otherwise a new one takes over with all versions. Raises
        StoreCorruptedError, ResourceFailedError, TimeoutReachedError as ``deploy`` does, PolicyError for a version that
        is there with traffic as another model.
        """
        served = dataclasses.replace(served, path=served.path.absolute())
        verify(served.path, served.digest)
        folder = EndpointFolder.of(self._layout, settings.name, settings.environment)
        self._clean(folder)
        before = folder.deployment()
        if before is None:
            self._begin(folder, settings, served, who)
        else:
            self._add(folder, before, with_version(before, settings, served), served.version)
        return self.versions(settings.name, settings.environment)

    def route(self, name: str, environment: str, traffic: Traffic) -> Sequence[VersionState]:
        """Put these shares in place, at once for every request that begins from then on.

        Versions that gain something must be ready, or become so within the startup timeout. Raises NotFoundError,
        ResourceFailedError, TimeoutReachedError; then nothing is changed.
        """
        before = self.deployment(name, environment)
        folder = EndpointFolder.of(self._layout, name, environment)
        after = routed(before, traffic)
        for version in gaining(before, after):
            changing.wait_until_ready(folder, before, version)
        changing.put(folder, after)
        return self.versions(name, environment)

    def versions(self, name: str, environment: str) -> Sequence[VersionState]:
        """Every version at the endpoint, oldest first. Raises NotFoundError."""
        deployment = self.deployment(name, environment)
        return changing.states(EndpointFolder.of(self._layout, name, environment), deployment)

    def traffic(self, name: str, environment: str) -> Traffic:
        """The shares that are in place. Raises NotFoundError."""
        return self.deployment(name, environment).split

    def remove(self, name: str, environment: str, version: int) -> None:
        """Stop a version once it has answered what it has begun, and forget it; the last one with the endpoint.

        Raises PolicyError for a version that still has a share or is mirrored to.
        """
        deployment = self.deployment(name, environment)
        known = [served.version for served in deployment.versions]
        split = deployment.split
        if version not in known:
            return
        if split.shares.get(version, 0) or split.mirrored == version:
            raise PolicyError(f"version {version} still gets requests at endpoint {name!r} in {environment!r}")
        if known == [version]:
            self.undeploy(name, environment)
            return
        folder = EndpointFolder.of(self._layout, name, environment)
        if _alive(folder) is None:
            folder.write_deployment(without(deployment, version))
        else:
            changing.take_away(folder, without(deployment, version), version)

    def seen(self, name: str, environment: str, since: str) -> Seen:
        """Every version, and what each did since a moment, up to a second ago. Raises NotFoundError."""
        versions = self.versions(name, environment)
        folder = EndpointFolder.of(self._layout, name, environment)
        return Seen(versions=versions, observed=observations(folder.observations, since))

    def places(self) -> Sequence[tuple[str, str]]:
        """Every endpoint with its environment, also one of which a killed command left only a part."""
        names = [folder.path.name for folder in self._folders() if "@" in folder.path.name]
        return [(endpoint, environment) for endpoint, _, environment in (name.partition("@") for name in names)]

    def resume(self, name: str, environment: str) -> EndpointState | None:
        """Start a deployment that should be served and is not, as after a restart of the machine.

        One that cannot be started is reported as stopped, with the reason; None where nothing should be served.
        """
        folder = EndpointFolder.of(self._layout, name, environment)
        self._clean(folder)
        deployment = folder.deployment()
        return None if deployment is None else self._resumed(folder, deployment)

    def states(self) -> Sequence[EndpointState]:
        """Every deployment and how it is."""
        return [self._state(folder, deployment) for folder, deployment in self._deployments()]

    def deployment(self, name: str, environment: str) -> Deployment:
        """What should be served there. Raises NotFoundError."""
        found = EndpointFolder.of(self._layout, name, environment).deployment()
        if found is None:
            known = [folder.path.name for folder in self._folders()]
            raise NotFoundError(
                f"nothing is deployed at endpoint {name!r} in {environment!r}",
                hint=did_you_mean(f"{name}@{environment}", known) or f"groundplan deploy {name} -e {environment}",
            )
        return found

    def predict(self, deployment: Deployment, rows: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        """Ask the endpoint over HTTP for predictions; the answer as the endpoint gave it."""
        return client.predict(deployment, rows, api_key=self._api_key(deployment.settings))

    def row_schema(self, deployment: Deployment) -> Mapping[str, object]:
        """The JSON schema of one row, as the endpoint publishes it."""
        return client.row_schema(deployment, api_key=self._api_key(deployment.settings))

    def log(self, name: str, environment: str) -> Path:
        """The server's log file. Raises NotFoundError."""
        _ = self.deployment(name, environment)
        return EndpointFolder.of(self._layout, name, environment).server_log

    def request_log(self, name: str, environment: str) -> Path:
        """The request log, which is there from the first request on. Raises NotFoundError."""
        _ = self.deployment(name, environment)
        return EndpointFolder.of(self._layout, name, environment).request_log

    def undeploy(self, name: str, environment: str) -> None:
        """Stop serving and forget the deployment. Raises NotFoundError."""
        folder = EndpointFolder.of(self._layout, name, environment)
        if not folder.path.is_dir():
            raise NotFoundError(f"nothing is deployed at endpoint {name!r} in {environment!r}")
        clean(folder)
        self._remove(folder)

    def _begin(self, folder: EndpointFolder, settings: EndpointSettings, served: ServedModel, who: str) -> None:
        """The first version of an endpoint, without traffic."""
        nobody = Traffic(shares={served.version: 0})
        self._start(folder, dataclasses.replace(_successor(None, settings, served, who), traffic=nobody))
        try:
            changing.wait_until_ready(folder, self.deployment(settings.name, settings.environment), served.version)
        except BaseException:
            self._remove(folder)
            raise

    def _add(self, folder: EndpointFolder, before: Deployment, after: Deployment, version: int) -> None:
        """Ask the router that runs, if it can; else a new one with all versions takes over."""
        router = _alive(folder)
        if router is not None and before.settings == after.settings and router.release == RELEASE:
            if before != after:
                changing.add(folder, before, after, version)
                return
            if not changing.is_hopeless(folder, version):
                changing.wait_until_ready(folder, after, version)
                return
        for one in before.versions:
            demand_registered(one, self._models())
        self._start(folder, after)
        try:
            changing.wait_until_ready(folder, after, version)
        except BaseException:
            self._start(folder, before)
            raise

    def _start(self, folder: EndpointFolder, deployment: Deployment) -> EndpointState:
        """Start a server and lead it to serving. On an error whatever served before serves on, or again."""
        with explained(folder.path):
            folder.path.mkdir(parents=True, exist_ok=True)
        predecessor = _alive(folder)
        if predecessor is None:
            wait_for_unrecorded(_readable(folder))
        candidate = Candidate(
            folder, self._specification(folder, deployment, predecessor), version=deployment.served.version
        )
        try:
            candidate.wait(channel.READY, seconds=deployment.settings.startup_timeout_seconds)
            candidate.commit()
            said = candidate.wait(channel.SERVING, channel.BLOCKED, seconds=_TAKE_OVER_SECONDS)
            if said["event"] == channel.BLOCKED and predecessor is not None:
                stop(predecessor.identity, patience_seconds=_STOP_SECONDS)
                candidate.commit()
                candidate.wait(channel.SERVING, seconds=_TAKE_OVER_SECONDS)
        except BaseException:
            candidate.give_up()
            self._restore(folder, predecessor)
            raise
        candidate.let_go()
        if predecessor is not None:
            self._see_off(predecessor, folder, deployment)
        now_serving = folder.deployment()
        assert now_serving is not None  # noqa: S101 written before the server said that it serves
        return self._state(folder, now_serving)

    def _specification(
        self, folder: EndpointFolder, deployment: Deployment, predecessor: ServerProcess | None
    ) -> Specification:
        settings = deployment.settings
        ports = self._ports(folder, settings, predecessor)
        same_port = predecessor is not None and ports[0] == predecessor.port
        before = _readable(folder)
        same_host = before is not None and before.settings.host == settings.host
        handover = predecessor.handover if predecessor is not None and same_host else ""
        return Specification(
            instance=uuid.uuid4().hex,
            deployment=deployment_data(deployment, root=folder.root),
            ports=ports,
            api_key=self._api_key(settings),
            predecessor=handover if same_port else None,
        )

    def _ports(
        self, folder: EndpointFolder, settings: EndpointSettings, predecessor: ServerProcess | None
    ) -> list[int]:
        """The configured port; else the one it has; else the first free one that no other deployment has."""
        if settings.port is not None:
            return [settings.port]
        if predecessor is not None:
            return [predecessor.port]
        others = {known.port for other in self._folders() if other != folder and (known := _readable(other))}
        free = [port for port in PORTS if port not in others]
        before = _readable(folder)
        return [before.port, *free] if before is not None and before.port not in others else free

    def _see_off(self, predecessor: ServerProcess, folder: EndpointFolder, deployment: Deployment) -> None:
        """Wait until the one before has ended by itself, or end it; another port means that it was not told yet."""
        process = folder.process()
        if process is not None and process.port != predecessor.port:
            stop(predecessor.identity, patience_seconds=_STOP_SECONDS)
        elif not wait_for_end(
            predecessor.identity, seconds=deployment.settings.request_timeout_seconds + _STOP_SECONDS
        ):
            stop(predecessor.identity, patience_seconds=1.0)

    def _restore(self, folder: EndpointFolder, predecessor: ServerProcess | None) -> None:
        """Start the one before again when it had to be stopped first; what serves on is left alone."""
        if predecessor is None or is_alive(predecessor.identity):
            return
        before = _readable(folder)
        if before is not None:
            with contextlib.suppress(GroundplanError):
                self._start(folder, before)

    def _resumed(self, folder: EndpointFolder, deployment: Deployment) -> EndpointState:
        if _alive(folder) is not None:
            return self._state(folder, deployment)
        try:
            for served in deployment.versions:
                demand_registered(served, self._models())
            return self._start(folder, deployment)
        except GroundplanError as error:
            return EndpointState(deployment=deployment, health="stopped", pid=None, detail=error.message)

    def _state(self, folder: EndpointFolder, deployment: Deployment) -> EndpointState:
        process = _alive(folder)
        if process is None:
            candidate = folder.candidate()
            if candidate is not None and is_alive(candidate.identity):
                return EndpointState(deployment=deployment, health="starting", pid=candidate.identity.pid)
            return EndpointState(
                deployment=deployment, health="stopped", pid=None, detail="no server runs; groundplan up starts it"
            )
        health, detail = _health(deployment)
        return EndpointState(
            deployment=deployment,
            health=health,
            pid=process.identity.pid,
            detail=detail,
            counters=self._counters(deployment) if health == "ready" else None,
        )

    def _counters(self, deployment: Deployment) -> Mapping[str, float] | None:
        """None when the key is not at hand: whoever looks at the state need not be able to call."""
        try:
            return client.counters(deployment, api_key=self._api_key(deployment.settings)) or None
        except GroundplanError:
            return None

    def _api_key(self, settings: EndpointSettings) -> str | None:
        return None if settings.api_key is None else self._value_of(settings.api_key)

    def _folders(self) -> Iterator[EndpointFolder]:
        if self._layout.endpoints.is_dir():
            yield from (EndpointFolder(path) for path in sorted(self._layout.endpoints.iterdir()) if path.is_dir())

    def _deployments(self) -> Iterator[tuple[EndpointFolder, Deployment]]:
        for folder in self._folders():
            deployment = folder.deployment()
            if deployment is not None:
                yield folder, deployment

    def _clean(self, folder: EndpointFolder) -> None:
        """Finish what a killed command left: a server that nobody wants, the folder of what was being undeployed."""
        if folder.path.is_dir():
            clean(folder)
            if not folder.deployment_file.exists():
                self._remove(folder)

    def _remove(self, folder: EndpointFolder) -> None:
        process, deployment = _alive(folder), _readable(folder)
        if process is not None:
            stop(process.identity, patience_seconds=_STOP_SECONDS)
        with explained(folder.path):
            files.remove(folder.deployment_file)
            files.remove(folder.path)
        if process is None:
            wait_for_unrecorded(deployment)


def _successor(before: Deployment | None, settings: EndpointSettings, served: ServedModel, who: str) -> Deployment:
    previous = None
    if before is not None:
        previous = before.served if before.served.version != served.version else before.previous
    return Deployment(
        settings=settings,
        served=served,
        previous=previous,
        port=settings.port or 0,
        deployed=clock.to_text(clock.now()),
        deployed_by=who,
    )


def _readable(folder: EndpointFolder) -> Deployment | None:
    """The deployment, or None where there is none or it is damaged: a new one replaces it."""
    try:
        return folder.deployment()
    except StoreCorruptedError:
        return None


def _alive(folder: EndpointFolder) -> ServerProcess | None:
    process = folder.process()
    return process if process is not None and is_alive(process.identity) else None


def _health(deployment: Deployment) -> tuple[EndpointHealth, str]:
    try:
        status, _ = client.ask(deployment, "GET", "/readyz", seconds=2.0)
    except GroundplanError as error:
        return "unhealthy", error.message
    if status == 200:
        return "ready", ""
    return ("starting", "the model is being loaded") if status == 503 else ("unhealthy", f"/readyz says {status}")
