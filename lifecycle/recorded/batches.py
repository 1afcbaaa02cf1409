"""Batch endpoints over a cloud's jobs: which version works is on record, and each job before it is at the cloud."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...core import clock, digests
from ...core.errors import CancelledError, LockedError, NotFoundError, ResourceFailedError
from ..contract.batch import (
    BatchDeployment,
    BatchEndpoints,
    BatchJob,
    BatchPlace,
    BatchState,
    LastJob,
    TurnedBack,
)
from ..contract.deployment import EndpointSettings, ServedModel
from ..contract.jobs import JobStatus
from ..patience import Pace
from .documents import Document, Read, adapter, put
from .endpoints import LIMIT_SECONDS, Site
from .interruption import Interruption

_KEY_LENGTH = 16
_TRIES = 5
_BEFORE = 20
"""So many versions that worked before are on record."""


@dataclass(frozen=True, kw_only=True)
class KeptBatch:
    """A job on record: ``name`` is given by us, ``id`` by the cloud, "" before it has one."""

    name: str
    rows: int
    begun: str
    begun_by: str
    model: str
    version: int
    number: int = 1
    id: str = ""
    status: JobStatus = "running"
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class _At:
    site: Site
    endpoints: BatchEndpoints
    place: BatchPlace

    def look(self, kept: KeptBatch) -> BatchJob:
        """The job as it is; one that was deleted behind our back has failed."""
        try:
            return self.endpoints.look(kept.id, self.place)
        except NotFoundError as error:
            return BatchJob(id=kept.id, status="failed", error=error.message)

    def predictions(self, kept: KeptBatch) -> Sequence[object]:
        """What a job that succeeded predicted."""
        return self.endpoints.predictions(kept.name, kept.id, self.place, rows=kept.rows)


_JOB = adapter(KeptBatch)
_DEPLOYMENT = adapter(BatchDeployment)


class RecordedBatches:
    """Implements the lifecycle's Batches Protocol; ``sites`` by environment.

    A job's name follows from its rows and its version, so that whoever asks again goes on with the job that is there.
    """

    def __init__(
        self,
        sites: Mapping[str, Site],
        *,
        folder_of: Callable[[ServedModel], Path],
        row_schema: Callable[[Path], Mapping[str, object]],
        seconds: float = LIMIT_SECONDS,
        pace: Pace | None = None,
    ) -> None:
        """Nothing is asked yet."""
        self._sites = sites
        self._folder_of = folder_of
        self._row_schema = row_schema
        self._seconds = seconds
        self._pace = pace or Pace()

    def deploy(self, settings: EndpointSettings, served: ServedModel, *, who: str) -> BatchDeployment:
        """Let this version work at the endpoint from its next job on. Raises LockedError, NotFoundError."""
        at = self._place(settings.name, settings.environment)
        document = _deployments(at.site, settings.name)
        read = document.read()
        at.endpoints.deploy(at.place, served, seconds=self._seconds)
        before = read.value
        if before is not None and _same(before.served, served):
            return before
        there = () if before is None else (*before.before, before.served)
        wanted = _working(settings.name, settings.environment, served, there, who=who)
        document.write(wanted, tag=read.tag)
        return wanted

    def turn_back(self, there: BatchDeployment, served: ServedModel, *, who: str, reason: str) -> BatchDeployment:
        """Let a version work again in place of the one that does; what comes of it is left to be logged.

        The cloud is told first: killed then, the same again is told the same. Raises LockedError, NotFoundError.
        """
        at = self._place(there.endpoint, there.environment)
        document = _deployments(at.site, there.endpoint)
        read = document.read()
        if read.value != there:
            raise _overtaken(there, read.value)
        at.endpoints.deploy(at.place, served, seconds=self._seconds)
        numbers = [one.version for one in there.before]
        rest = there.before[: numbers.index(served.version)] if served.version in numbers else ()
        turned = TurnedBack(id=secrets.token_hex(8), version=there.served.version, reason=reason)
        wanted = replace(_working(there.endpoint, there.environment, served, rest, who=who), turned=turned)
        try:
            document.write(wanted, tag=read.tag)
        except LockedError as error:
            raise _overtaken(there, document.read().value) from error
        return wanted

    def settle(self, deployment: BatchDeployment) -> BatchDeployment:
        """Put on record that what was turned back is logged; another deployment meanwhile is left as it is."""

        def settled(now: BatchDeployment | None) -> BatchDeployment:
            if now is None or now.turned is None or deployment.turned is None or now.turned.id != deployment.turned.id:
                return deployment if now is None else now
            return replace(now, turned=replace(now.turned, logged=True))

        at = self._place(deployment.endpoint, deployment.environment)
        return _deployments(at.site, deployment.endpoint).change(settled)

    def states(self) -> Sequence[BatchState]:
        """Every batch endpoint at which a version works; an environment that is not provisioned has none."""
        found: list[BatchState] = []
        for environment, site in self._sites.items():
            for name in site.batch_places if site.batch is not None else ():
                with contextlib.suppress(NotFoundError):
                    deployment, at = self.deployment(name, environment), self._place(name, environment)
                    found.append(BatchState(deployment=deployment, place=at.place, job=_last_job(at, name)))
        return found

    def deployment(self, name: str, environment: str) -> BatchDeployment:
        """What works there. Raises NotFoundError."""
        found = _deployments(self._place(name, environment).site, name).read().value
        if found is None:
            raise _nothing(name, environment)
        return found

    def row_schema(self, deployment: BatchDeployment) -> Mapping[str, object]:
        """The JSON schema of one row, as the model's own signature says it."""
        return self._row_schema(self._folder_of(deployment.served))

    def predict(
        self,
        deployment: BatchDeployment,
        rows: Sequence[Mapping[str, object]],
        *,
        who: str,
        told: Callable[[str], None],
    ) -> Sequence[object]:
        """Predict for rows by a job of the cloud, waited for; the same rows and version again take up that job.

        Ctrl-C cancels it. Raises CancelledError, ResourceFailedError.
        """
        at = self._place(deployment.endpoint, deployment.environment)
        document = _jobs(at.site, deployment.endpoint, _key(deployment, rows))
        kept, tag = self._begin(document, deployment, len(rows), who=who, told=told)
        if kept.status == "succeeded":
            try:
                return at.predictions(kept)
            except NotFoundError:
                told(f"what job {kept.name} predicted is gone; predicting again")
                kept, tag = self._anew(document, Read(value=kept, tag=tag), deployment, len(rows), who=who)
        with Interruption() as interruption:
            if not kept.id:
                kept = replace(kept, id=at.endpoints.submit(kept.name, at.place, deployment.served, rows))
                tag = document.write(kept, tag=tag)
            job = self._watched(kept, at, interruption, told)
        _settle(document, replace(kept, status=job.status, error=job.error), tag)
        _demand_success(kept, job)
        return at.predictions(kept)

    def _begin(
        self,
        document: Document[KeptBatch],
        deployment: BatchDeployment,
        rows: int,
        *,
        who: str,
        told: Callable[[str], None],
    ) -> tuple[KeptBatch, str]:
        """The job that does or did what is asked: one that is there, or a new one on record."""
        for _ in range(_TRIES):
            read = document.read()
            kept = read.value
            if kept is not None and read.tag is not None and kept.status in ("running", "succeeded"):
                begun = f"{kept.begun_by} began {clock.for_people(kept.begun)}"
                goes = "going on with" if kept.status == "running" else "nothing changed since"
                told(f"{goes} job {kept.name}, which {begun}")
                return kept, read.tag
            try:
                return self._anew(document, read, deployment, rows, who=who)
            except LockedError:  # somebody began the same meanwhile
                continue
        raise LockedError(f"others begin the same job at {deployment.endpoint} all the time", hint="Run it again.")

    def _anew(
        self, document: Document[KeptBatch], read: Read[KeptBatch], deployment: BatchDeployment, rows: int, *, who: str
    ) -> tuple[KeptBatch, str]:
        number = 1 if read.value is None else read.value.number + 1
        kept = KeptBatch(
            name=f"{deployment.endpoint}-{Path(document.name).stem}-{number}",
            rows=rows,
            begun=clock.to_text(clock.now()),
            begun_by=who,
            model=deployment.served.name,
            version=deployment.served.version,
            number=number,
        )
        tag = document.write(kept, tag=read.tag)
        at = self._place(deployment.endpoint, deployment.environment)
        put(at.site.records, _last(deployment.endpoint), Path(document.name).stem)
        return kept, tag

    def _watched(self, kept: KeptBatch, at: _At, interruption: Interruption, told: Callable[[str], None]) -> BatchJob:
        """The job at its end; a stop that is asked for cancels it, and is waited for as well."""
        pauses, cancelled = 0, False
        job = at.look(kept)
        told(f"job {kept.name} at the cloud{f': {job.url}' if job.url else ''}")
        try:
            while job.status == "running":
                if interruption.asked and not cancelled:
                    told(f"cancelling job {kept.name}; once more to leave at once")
                    at.endpoints.cancel(kept.id, at.place)
                    cancelled = True
                interruption.wait(self._pace.pause(pauses))
                job, pauses = at.look(kept), pauses + 1
        except KeyboardInterrupt as error:
            raise CancelledError(
                f"left job {kept.name}, which is being cancelled at the cloud",
                hint="The same command says how it ended, or begins another one.",
            ) from error
        return job

    def _place(self, name: str, environment: str) -> _At:
        site = self._sites.get(environment)
        if site is None or site.batch is None or name not in site.batch_places:
            raise _nothing(name, environment)
        return _At(site=site, endpoints=site.batch, place=site.batch_places[name])


def _settle(document: Document[KeptBatch], kept: KeptBatch, tag: str) -> None:
    """Put its end on record, unless who watches it as well was first."""
    try:
        document.write(kept, tag=tag)
    except LockedError:
        now = document.read().value
        if now is None or now.status == "running":
            raise


def _demand_success(kept: KeptBatch, job: BatchJob) -> None:
    if job.status == "cancelled":
        raise CancelledError(f"job {kept.name} was cancelled", hint="The same command begins another one.")
    if job.status == "failed":
        raise ResourceFailedError(
            f"job {kept.name} failed: {job.error or 'the cloud does not say why'}",
            where=job.url or kept.id,
            hint="Look at its logs there; then run it again.",
        )


def _deployments(site: Site, endpoint: str) -> Document[BatchDeployment]:
    name = f"batches/{endpoint}/deployment.json"
    return Document(records=site.records, name=name, kind=_DEPLOYMENT, what="the deployment of a batch endpoint")


def _working(
    endpoint: str, environment: str, served: ServedModel, there: Sequence[ServedModel], *, who: str
) -> BatchDeployment:
    """A version that works from now on, after those that did before."""
    kept = there[-_BEFORE:]
    return BatchDeployment(
        endpoint=endpoint,
        environment=environment,
        served=replace(served, path=Path()),
        deployed=clock.to_text(clock.now()),
        deployed_by=who,
        previous=kept[-1] if kept else None,
        earlier=tuple(kept[:-1]),
    )


def _overtaken(there: BatchDeployment, now: BatchDeployment | None) -> LockedError:
    did = "" if now is None else f": {now.deployed_by} let version {now.served.version} work"
    return LockedError(
        f"what works at {there.endpoint}@{there.environment} was changed meanwhile{did}",
        hint="Look at it: groundplan status --live; then run the command again.",
    )


def _last_job(at: _At, endpoint: str) -> LastJob | None:
    """The job that was begun last; one that was at work when it was put on record is looked at."""
    key = at.site.records.read(_last(endpoint))
    kept = None if key is None else _jobs(at.site, endpoint, key.text).read().value
    if kept is None:
        return None
    now = at.look(kept) if kept.status == "running" and kept.id else None
    return LastJob(
        name=kept.name,
        status=kept.status if now is None else now.status,
        version=kept.version,
        rows=kept.rows,
        begun=kept.begun,
        begun_by=kept.begun_by,
        error=kept.error if now is None else now.error,
        url="" if now is None else now.url,
    )


def _last(endpoint: str) -> str:
    """The record that names the job that was begun last: their own names say nothing of when."""
    return f"batches/{endpoint}/last.txt"


def _jobs(site: Site, endpoint: str, key: str) -> Document[KeptBatch]:
    return Document(records=site.records, name=f"batches/{endpoint}/jobs/{key}.json", kind=_JOB, what="a batch job")


def _key(deployment: BatchDeployment, rows: Sequence[Mapping[str, object]]) -> str:
    """What decides the predictions: the version's folder and the rows."""
    whole = digests.of_value([deployment.served.name, deployment.served.digest, [dict(row) for row in rows]])
    return whole.removeprefix("sha256:")[:_KEY_LENGTH]


def _same(one: ServedModel, other: ServedModel) -> bool:
    return (one.name, one.version, one.digest) == (other.name, other.version, other.digest)


def _nothing(name: str, environment: str) -> NotFoundError:
    return NotFoundError(
        f"no version works at batch endpoint {name!r} in {environment!r}",
        hint=f"groundplan deploy {name} -e {environment}",
    )
