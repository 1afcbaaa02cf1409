"""A cloud in memory that keeps the contracts of records, registry and versioned endpoints to the letter, and can be
killed before or after any change that lasts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from groundplan.core import clock, digests
from groundplan.core.errors import (
    LockedError,
    NotFoundError,
    ResourceFailedError,
    StoreCorruptedError,
    UsageError,
)
from groundplan.lifecycle.contract.deployment import Machines, ServedModel
from groundplan.lifecycle.contract.records import Record
from groundplan.lifecycle.contract.registry import RegisteredVersion
from groundplan.lifecycle.contract.serving import Demand, DeployedModel, Watcher
from groundplan.lifecycle.contract.traffic import Observation, Traffic

from memory_jobs import MemoryJobs
from memory_monitors import MemoryMonitors

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*(/[A-Za-z0-9][A-Za-z0-9._@-]*)*")


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Fuse:
    """How many lasting changes happen before the process is killed; ``done``: the last one still does its work."""

    left: int | None = None
    done: bool = False
    changes: int = 0

    def burn(self, change: Callable[[], None]) -> None:
        """Make a change that lasts, or be killed before or after it."""
        last = self.left == 0
        if last:
            self.left = None
            if not self.done:
                raise Killed
        self.left = None if self.left is None else self.left - 1
        self.changes += 1
        change()
        if last:
            raise Killed


@dataclass
class MemoryRecords:
    """Documents with tags that are never used twice; ``gone``: the store itself is not there."""

    fuse: Fuse
    documents: dict[str, Record] = field(default_factory=dict[str, Record])
    writes: int = 0
    reads: int = 0
    gone: bool = False
    meanwhile: Callable[[str], None] | None = None

    def read(self, name: str) -> Record | None:
        self._demand(name)
        self.reads += 1
        return self.documents.get(name)

    def write(self, name: str, text: str, *, tag: str | None) -> Record:
        self._demand(name)
        if self.meanwhile is not None:
            act, self.meanwhile = self.meanwhile, None
            act(name)
        there = self.documents.get(name)
        if (None if there is None else there.tag) != tag:
            if there is not None and there.text == text:
                return there
            raise LockedError(f"{name} was changed meanwhile")
        self.fuse.burn(lambda: self.put(name, text))
        return self.documents[name]

    def names(self, prefix: str) -> Sequence[str]:
        if self.gone:
            raise NotFoundError("the store is not there", hint="groundplan up makes it.")
        return sorted(name for name in self.documents if name.startswith(prefix))

    def put(self, name: str, text: str) -> None:
        """Somebody writes a document, whatever was there."""
        self.writes += 1
        self.documents[name] = Record(text=text, tag=f'"{self.writes:x}"')

    def _demand(self, name: str) -> None:
        if self.gone:
            raise NotFoundError("the store is not there", hint="groundplan up makes it.")
        assert _NAME.fullmatch(name), name
        assert len(name) <= 200, name


@dataclass
class MemoryRegistry:
    """Model folders below ``folder``; ``shared`` says which environment may load which version."""

    fuse: Fuse
    folder: Path
    known: dict[tuple[str, int], RegisteredVersion] = field(default_factory=dict[tuple[str, int], RegisteredVersion])
    shared: set[tuple[str, int, str]] = field(default_factory=set[tuple[str, int, str]])

    def register(self, name: str, source: Path, *, digest: str, labels: Mapping[str, str]) -> RegisteredVersion:
        for one in self.versions(name):
            if one.digest == digest:
                return one
        number = max((version for model, version in self.known if model == name), default=0) + 1
        made = RegisteredVersion(
            name=name, version=number, digest=digest, created=clock.to_text(clock.now()), labels=dict(labels)
        )

        def change() -> None:
            shutil.copytree(source, self.folder / name / str(number))
            self.known[name, number] = made

        self.fuse.burn(change)
        return made

    def occupy(self, name: str) -> None:
        """Somebody else registers a version under this name."""
        number = max((version for model, version in self.known if model == name), default=0) + 1
        (self.folder / name / str(number)).mkdir(parents=True)
        self.known[name, number] = RegisteredVersion(name=name, version=number, digest="", created="2026-01-01")

    def versions(self, name: str | None = None) -> Sequence[RegisteredVersion]:
        found = [one for (model, _), one in self.known.items() if name in (None, model)]
        return sorted(found, key=lambda one: (one.created, one.version), reverse=True)

    def share(self, name: str, version: int, environment: str) -> None:
        self._demand(name, version)
        if (name, version, environment) not in self.shared:
            self.fuse.burn(lambda: self.shared.add((name, version, environment)))

    def mark(self, name: str, version: int, *, stages: Sequence[str], labels: Mapping[str, str]) -> None:
        one = self._demand(name, version)
        marked = replace(one, stages=tuple(stages), labels={**(one.labels or {}), **labels})
        if marked != one:
            self.fuse.burn(lambda: self.known.update({(name, version): marked}))

    def fetch(self, name: str, version: int, into: Path) -> Path:
        one = self._demand(name, version)
        if not into.exists():
            shutil.copytree(self.folder / name / str(version), into)
        found = digests.of_path(into)
        if found != one.digest:
            shutil.rmtree(into)
            raise StoreCorruptedError(f"{name} v{version} was changed: expected {one.digest}, found {found}")
        return into

    def _demand(self, name: str, version: int) -> RegisteredVersion:
        if (name, version) not in self.known:
            raise NotFoundError(f"{name} has no version {version}")
        return self.known[name, version]


@dataclass
class MemoryEndpoints:
    """Endpoints by id, each in an environment; ``most_mirrored`` is the largest share that can be mirrored, in percent.

    ``told`` is what each version did; ``unfit`` are versions that never become healthy.
    """

    fuse: Fuse
    registry: MemoryRegistry
    environments: dict[str, str]
    most_mirrored: int = 50
    there: dict[str, dict[int, DeployedModel]] = field(default_factory=dict[str, dict[int, DeployedModel]])
    told: Mapping[int, Observation] = field(default_factory=dict[int, Observation])
    unfit: set[int] = field(default_factory=set[int])
    busy: bool = False

    def serves(self, resource: str) -> bool:
        return resource in self.environments

    def deployed(self, resource: str) -> Sequence[DeployedModel]:
        return list(self.there.get(resource, {}).values())

    def undeploy(self, models: Sequence[DeployedModel], *, seconds: float, watcher: Watcher) -> None:
        for one in models:
            watcher(one, "undeploying")
            there = self.there.get(one.endpoint, {})
            if int(one.version) in there:
                self.fuse.burn(lambda there=there, one=one: there.pop(int(one.version)) and None)
            watcher(one, "undeployed")

    def deploy(self, endpoint: str, served: ServedModel, machines: Machines, *, seconds: float) -> DeployedModel:
        there = self._demand(endpoint)
        if (served.name, served.version, self.environments[endpoint]) not in self.registry.shared:
            raise ResourceFailedError(f"{served.name} version {served.version} cannot be loaded there")
        if served.version in self.unfit:
            raise ResourceFailedError(f"version {served.version} did not become healthy: its probe was answered by 502")
        made = DeployedModel(
            endpoint=endpoint, id=f"v{served.version}", model=served.name, version=str(served.version), traffic=0
        )
        if served.version not in there:
            self.fuse.burn(lambda: there.update({served.version: made}))
        return there[served.version]

    def route(self, endpoint: str, traffic: Traffic, *, seconds: float, demand: Demand | None = None) -> None:
        there = self._demand(endpoint)
        if demand is not None:
            demand(list(there.values()))
        named = {*traffic.shares, *(() if traffic.mirrored is None else (traffic.mirrored,))}
        if strange := sorted(named - there.keys()):
            raise NotFoundError(f"version {strange[0]} is not there")
        if traffic.sticky:
            raise UsageError("this cloud keeps no caller with a version")
        if traffic.mirror_share > self.most_mirrored:
            most = f"at most {self.most_mirrored} %" if self.most_mirrored else "none"
            raise UsageError(f"of the requests {most} can be mirrored here")
        if self.busy:
            raise LockedError("somebody else changed the endpoint meanwhile")
        after = {
            version: replace(
                one,
                traffic=traffic.shares.get(version, 0),
                mirrored=traffic.mirror_share if version == traffic.mirrored else 0,
            )
            for version, one in there.items()
        }
        if after != there:
            self.fuse.burn(lambda: there.update(after))

    def address(self, endpoint: str) -> str:
        self._demand(endpoint)
        return f"https://{endpoint}.example.com/score"

    def predict(self, endpoint: str, rows: Sequence[Mapping[str, object]]) -> Mapping[str, object]:
        there = self._demand(endpoint)
        main = max(there.values(), key=lambda one: one.traffic)
        return {"predictions": ["yes"] * len(rows), "model": {"name": main.model, "version": int(main.version)}}

    def observe(
        self, endpoint: str, since: str, until: str = "", *, there: Sequence[DeployedModel] | None = None
    ) -> Sequence[Observation]:
        versions = self._demand(endpoint)
        return [replace(one, since=since) for version, one in sorted(self.told.items()) if version in versions]

    def log(self, endpoint: str, version: int, *, lines: int) -> str:
        if version not in self._demand(endpoint):
            raise NotFoundError(f"version {version} is not there")
        return f"version {version} is ready\n"

    def delete(self, endpoint: str) -> None:
        """Somebody deletes the endpoint with all that is on it."""
        del self.environments[endpoint]
        self.there.pop(endpoint, None)

    def _demand(self, endpoint: str) -> dict[int, DeployedModel]:
        if endpoint not in self.environments:
            raise NotFoundError(f"endpoint {endpoint} is not there", hint="groundplan up makes it.")
        return self.there.setdefault(endpoint, {})


class MemoryCloud:
    """A project's environments, each with its records and an endpoint ``churn``, and one registry and jobs for all."""

    def __init__(self, folder: Path, environments: Sequence[str], *, most_mirrored: int = 50) -> None:
        self.fuse = Fuse()
        self.records = {name: MemoryRecords(self.fuse) for name in environments}
        self.registry = MemoryRegistry(self.fuse, folder / "cloud")
        self.monitors = MemoryMonitors(self.fuse.burn)
        self.jobs = MemoryJobs(self.fuse.burn, folder / "jobs")
        self.endpoints = MemoryEndpoints(
            self.fuse, self.registry, {f"churn-{name}": name for name in environments}, most_mirrored=most_mirrored
        )
