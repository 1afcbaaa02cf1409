"""Endpoints over a cloud's: who gets what is the cloud's own truth, why and since when is on record."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ...core import clock, files
from ...core.errors import GroundplanError, NotFoundError, PolicyError, UsageError
from ...core.suggestions import did_you_mean
from ..contract.batch import BatchEndpoints, BatchPlace
from ..contract.deployment import Deployment, EndpointSettings, EndpointState, Machines, ServedModel
from ..contract.jobs import Jobs
from ..contract.managed_monitors import ManagedMonitors
from ..contract.records import Records
from ..contract.request_log import RequestLog
from ..contract.serving import DeployedModel, Stage, VersionedEndpoints
from ..contract.traffic import Seen, Traffic, VersionState
from ..shares import gaining, routed, with_version, without
from . import answers, living
from .deployments import DeploymentRecord
from .managed import ManagedEndpoint
from .request_mirror import mirror_of

LIMIT_SECONDS = 3600.0
"""How long a change of an endpoint may take where nobody gives a limit; a version takes minutes to start."""

_LOG_LINES = 1000


@dataclass(frozen=True, kw_only=True)
class Site:
    """An environment of a cloud: its records, its jobs, its endpoints, and the id of each by its name in the config.

    ``requests`` is the log of what the endpoints were asked; ``batch`` works at the ``batch_places``, which are named
    as in the config. ``managed`` are the cloud's own monitors.
    """

    records: Records
    endpoints: VersionedEndpoints
    ids: Mapping[str, str]
    jobs: Jobs
    requests: RequestLog
    batch: BatchEndpoints | None = None
    batch_places: Mapping[str, BatchPlace] = field(default_factory=dict[str, BatchPlace])
    managed: ManagedMonitors | None = None


@dataclass(frozen=True, kw_only=True)
class _At:
    """One endpoint: what is on record of it, and what is there."""

    site: Site
    id: str
    record: DeploymentRecord
    kept: Deployment | None
    tag: str | None
    there: Sequence[DeployedModel]

    @property
    def deployment(self) -> Deployment | None:
        """What is served; None where nothing of ours is there. Raises PolicyError for a stranger with traffic."""
        found = None if self.kept is None else living.merged(self.kept, self.there)
        return found if found is None or found.address else replace(found, address=self.id)

    def unwatch(self, keep: Collection[int]) -> None:
        """Remove the cloud's own monitors of other versions than these. Raises as every adapter does."""
        if self.site.managed is not None:
            ManagedEndpoint(
                records=self.site.records, monitors=self.site.managed, name=self.record.endpoint, id=self.id
            ).remove(keep)

    def write(self, deployment: Deployment | None) -> _At:
        """Put it on record. Raises LockedError when somebody else did meanwhile."""
        return replace(self, kept=deployment, tag=self.record.write(deployment, tag=self.tag))


class RecordedEndpoints:
    """Implements the lifecycle's Endpoints Protocol; ``sites`` by environment.

    What is about to be done is put on record first, so that a kill leaves no version that nobody knows. ``row_schema``
    reads it from a model's folder, which ``folder_of`` fetches; ``folder`` is this machine's, for logs.
    """

    def __init__(
        self,
        sites: Mapping[str, Site],
        *,
        folder_of: Callable[[ServedModel], Path],
        row_schema: Callable[[Path], Mapping[str, object]],
        folder: Path,
        seconds: float = LIMIT_SECONDS,
    ) -> None:
        """Nothing is asked yet."""
        self._sites = sites
        self._folder_of = folder_of
        self._row_schema = row_schema
        self._folder = folder
        self._seconds = seconds

    def deploy(self, settings: EndpointSettings, served: ServedModel, *, who: str) -> EndpointState:
        """Serve this version alone; what was there keeps serving until it is ready, and stays if it never is."""
        name, environment = settings.name, settings.environment
        at = self._at(name, environment)
        before = at.deployment
        at = self._start(at, before, settings, served, who)
        at.site.endpoints.route(at.id, Traffic(shares={served.version: 100}), seconds=self._seconds)
        others = [one for one in living.ours(at.there, served.name) if int(one.version) != served.version]
        self._take_off(at, others)
        previous = None
        if before is not None:
            previous = before.served if before.served.version != served.version else before.previous
        at.write(_begun(settings, served, who, previous=previous, address=_address(at)))
        return self._state(name, environment)

    def add(self, settings: EndpointSettings, served: ServedModel, *, who: str) -> Sequence[VersionState]:
        """Start this version beside the others and wait until it is ready; it gets no traffic by that."""
        at = self._at(settings.name, settings.environment)
        self._start(at, at.deployment, settings, served, who)
        return self.versions(settings.name, settings.environment)

    def route(self, name: str, environment: str, traffic: Traffic) -> Sequence[VersionState]:
        """Put these shares in place, at once for every request that begins from then on.

        Raises NotFoundError for a version that is not there, PolicyError for one that is not ready, UsageError for a
        split that the cloud cannot do; then nothing is changed.
        """
        read = self._on_record(name, environment)
        looked: list[tuple[_At, Deployment]] = []

        def demand(there: Sequence[DeployedModel]) -> None:
            at = replace(read, there=there)
            before = self._served(at, name, environment)
            after = routed(before, traffic)
            _demand_ready(there, gaining(before, after), before.served.name)
            looked[:] = [(at, after)]

        read.site.endpoints.route(read.id, traffic, seconds=self._seconds, demand=demand)
        ((at, after),) = looked
        at.write(after)
        return living.states(living.sharing(at.there, after.served.name, traffic), after.served.name)

    def versions(self, name: str, environment: str) -> Sequence[VersionState]:
        """Every version at the endpoint, oldest first. Raises NotFoundError."""
        at, deployment = self._deployed(name, environment)
        return living.states(at.there, deployment.served.name)

    def traffic(self, name: str, environment: str) -> Traffic:
        """The shares that are in place. Raises NotFoundError."""
        return self._deployed(name, environment)[1].split

    def remove(self, name: str, environment: str, version: int) -> None:
        """Take a version off, the last one with all that is on record of the endpoint.

        Raises PolicyError for a version that still has a share or is mirrored to.
        """
        at, deployment = self._deployed(name, environment)
        split = deployment.split
        if version not in [served.version for served in deployment.versions]:
            return
        if split.shares.get(version, 0) or split.mirrored == version:
            raise PolicyError(f"version {version} still gets requests at endpoint {name!r} in {environment!r}")
        going = [one for one in living.ours(at.there, deployment.served.name) if int(one.version) == version]
        self._take_off(at, going)
        at.write(None if len(deployment.versions) == 1 else without(deployment, version))

    def seen(self, name: str, environment: str, since: str) -> Seen:
        """Every version, and what each did since a moment, as the cloud's own metrics have it. Raises NotFoundError."""
        at, deployment = self._deployed(name, environment)
        observed = at.site.endpoints.observe(at.id, since, there=at.there)
        return Seen(versions=living.states(at.there, deployment.served.name), observed=observed)

    def places(self) -> Sequence[tuple[str, str]]:
        """Every endpoint at which something is deployed, with its environment."""
        return [(one.deployment.settings.name, one.deployment.settings.environment) for one in self._states()]

    def resume(self, name: str, environment: str) -> EndpointState | None:
        """How a deployment is, None where there is none: a cloud keeps them running by itself."""
        found = {(one.deployment.settings.name, one.deployment.settings.environment): one for one in self._states()}
        return found.get((name, environment))

    def states(self) -> Sequence[EndpointState]:
        """Every deployment and how it is; an environment that is not provisioned has none."""
        return list(self._states())

    def deployment(self, name: str, environment: str) -> Deployment:
        """What is served there. Raises NotFoundError."""
        return self._deployed(name, environment)[1]

    def predict(self, deployment: Deployment, rows: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        """Ask the endpoint over HTTP for predictions; the answer in the words of ``answers.told``."""
        settings = deployment.settings
        site, id = self._place(settings.name, settings.environment)
        return answers.told(site.endpoints.predict(id, rows), deployment)

    def row_schema(self, deployment: Deployment) -> Mapping[str, object]:
        """The JSON schema of one row, as the model's own signature says it."""
        return self._row_schema(self._folder_of(deployment.served))

    def log(self, name: str, environment: str) -> Path:
        """The last lines that the containers of each version wrote, fetched to a file. Raises NotFoundError."""
        at, deployment = self._deployed(name, environment)
        parts = [
            f"--- version {one.version}\n{at.site.endpoints.log(at.id, one.version, lines=_LOG_LINES)}"
            for one in deployment.versions
        ]
        path = self._folder / "logs" / f"{name}@{environment}.log"
        files.write_text(path, "\n".join(part.rstrip("\n") for part in parts) + "\n")
        return path

    def request_log(self, name: str, environment: str) -> Path:
        """What the cloud has logged of the requests of the last day, fetched to a file. Raises NotFoundError."""
        at, _ = self._deployed(name, environment)
        mirror = mirror_of(at.site.requests, at.id, self._folder, f"{name}@{environment}")
        path = self._folder / "logs" / f"{name}@{environment}-requests.jsonl"
        incoming = path.with_suffix(".incoming")
        with files.explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with incoming.open("wb") as stream:
                stream.writelines(mirror.last_day(clock.now()))
            incoming.replace(path)
        return path

    def undeploy(self, name: str, environment: str) -> None:
        """Take every version off and forget the deployment; the endpoint itself stays. Raises NotFoundError.

        The cloud's own monitors go first: nobody would look after them any more.
        """
        at = self._at(name, environment)
        if at.kept is None:
            raise NotFoundError(f"nothing is deployed at endpoint {name!r} in {environment!r}")
        at.unwatch(())
        self._take_off(at, living.ours(at.there, at.kept.served.name))
        at.write(None)

    def _start(
        self, at: _At, before: Deployment | None, settings: EndpointSettings, served: ServedModel, who: str
    ) -> _At:
        """The version ready beside the others; on record before it is started."""
        machines = _machines(settings)
        nobody = Traffic(shares={served.version: 0})
        begun = replace(_begun(settings, served, who, previous=None), traffic=nobody)
        at = at.write(begun if before is None else with_version(before, settings, served))
        at.site.endpoints.deploy(at.id, served, machines, seconds=self._seconds)
        return at

    def _take_off(self, at: _At, going: Sequence[DeployedModel]) -> None:
        if going:
            with contextlib.suppress(GroundplanError):  # the next look at its monitors removes what is left
                at.unwatch([int(one.version) for one in at.there if one not in going and one.version.isdecimal()])
            at.site.endpoints.undeploy(going, seconds=self._seconds, watcher=_told_nobody)

    def _states(self) -> Iterator[EndpointState]:
        for environment, site in self._sites.items():
            for name in site.ids:
                try:
                    yield self._state(name, environment)
                except NotFoundError:
                    continue

    def _state(self, name: str, environment: str) -> EndpointState:
        at = self._at(name, environment)
        try:
            deployment = at.deployment
        except PolicyError as error:
            assert at.kept is not None  # noqa: S101 otherwise nothing is complained of
            return EndpointState(deployment=at.kept, health="unhealthy", pid=None, detail=error.message)
        if deployment is None:
            raise _nothing(name, environment, [])
        health, detail = living.health(living.states(at.there, deployment.served.name))
        return EndpointState(deployment=deployment, health=health, pid=None, detail=detail)

    def _deployed(self, name: str, environment: str) -> tuple[_At, Deployment]:
        """Raises NotFoundError where nothing of ours is there."""
        at = self._at(name, environment)
        return at, self._served(at, name, environment)

    def _served(self, at: _At, name: str, environment: str) -> Deployment:
        deployment = at.deployment
        if deployment is None:
            known = [f"{one}@{where}" for where, site in self._sites.items() for one in site.ids]
            raise _nothing(name, environment, known)
        return deployment

    def _at(self, name: str, environment: str) -> _At:
        read = self._on_record(name, environment)
        return replace(read, there=read.site.endpoints.deployed(read.id))

    def _on_record(self, name: str, environment: str) -> _At:
        """What is on record of an endpoint; what is there is not looked at yet."""
        site, id = self._place(name, environment)
        record = DeploymentRecord(records=site.records, endpoint=name, folder=self._folder)
        read = record.read()
        return _At(site=site, id=id, record=record, kept=read.value, tag=read.tag, there=())

    def _place(self, name: str, environment: str) -> tuple[Site, str]:
        site = self._sites.get(environment)
        if site is None or name not in site.ids:
            known = [f"{one}@{where}" for where, other in self._sites.items() for one in other.ids]
            raise _nothing(name, environment, known)
        return site, site.ids[name]


def _nothing(name: str, environment: str, known: Sequence[str]) -> NotFoundError:
    return NotFoundError(
        f"nothing is deployed at endpoint {name!r} in {environment!r}",
        hint=did_you_mean(f"{name}@{environment}", [one for one in known if one != f"{name}@{environment}"])
        or f"groundplan deploy {name} -e {environment}",
    )


def _address(at: _At) -> str:
    """Where it answers; the endpoint's id where only the network that it is in knows that."""
    try:
        return at.site.endpoints.address(at.id)
    except UsageError:
        return at.id


def _machines(settings: EndpointSettings) -> Machines:
    if settings.machines is None:
        raise UsageError(f"endpoint {settings.name!r} does not say on which machines it runs")
    return settings.machines


def _begun(
    settings: EndpointSettings, served: ServedModel, who: str, *, previous: ServedModel | None, address: str = ""
) -> Deployment:
    return Deployment(
        settings=settings, served=served, previous=previous, port=0, deployed=clock.to_text(clock.now()),
        deployed_by=who, address=address,
    )  # fmt: skip


def _demand_ready(there: Sequence[DeployedModel], versions: Sequence[int], model: str) -> None:
    """Raises PolicyError for a version that would be asked and is not ready."""
    known = {state.version: state for state in living.states(there, model)}
    for version in versions:
        if known[version].health != "ready":
            detail = f": {known[version].detail}" if known[version].detail else ""
            raise PolicyError(f"version {version} is {known[version].health}, not ready{detail}")


def _told_nobody(model: DeployedModel, stage: Stage) -> None:
    """Whoever rolls out is told by the rollout's own history."""
