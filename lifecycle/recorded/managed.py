"""The cloud's own monitors of an endpoint: made for the versions that serve, removed with them, and read.

Which versions may have one is on record before one is made, so that a kill leaves none that nobody knows. A look never
fails for them: what a cloud refuses is told in words, and tried again by the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

from ...core import clock, digests
from ...core.errors import GroundplanError
from ..contract.managed_monitors import LabelledAnswer, ManagedFindings, ManagedMonitors, ManagedWatch
from ..contract.monitor_store import Baselines
from ..contract.monitoring import MonitorPlan, Window
from ..contract.records import Records
from .documents import Document, adapter

_AGAIN_SECONDS = 3600.0
"""Monitors that were as they should be are asked for again after so long: somebody may have deleted them."""

T = TypeVar("T")

TrainedAt = Callable[[int], str]
"""Where the cloud holds what a version learned from, "" where that is not known; raises as every adapter does."""

Labelled = Callable[[int], Sequence[LabelledAnswer]]
"""The answers of a version whose labels came lately; raises as every adapter does."""


@dataclass(frozen=True, kw_only=True)
class Watching:
    """What is on record: ``training`` by the versions that may have a monitor, with the place of the data of each.

    ``endpoint`` is the cloud's id, ``unwatched`` what the monitor of a version cannot watch. ``state`` names the plan
    and the versions for which everything was as it should be, ``when`` that was.
    """

    endpoint: str
    training: Mapping[int, str] = field(default_factory=dict[int, str])
    unwatched: Mapping[int, tuple[str, ...]] = field(default_factory=dict[int, tuple[str, ...]])
    state: str = ""
    when: str = ""


_WATCHING = adapter(Watching)
_FOLDER = "managed/"


@dataclass(frozen=True, kw_only=True)
class ManagedEndpoint:
    """The endpoint of this name in the config; ``id`` is the cloud's."""

    records: Records
    monitors: ManagedMonitors
    name: str
    id: str

    def remove(self, keep: Collection[int]) -> None:
        """Remove the monitors of other versions than these, where any may be there. Raises as every adapter does."""
        kept = self.document.read().value
        if kept is not None and kept.training.keys() - set(keep):
            self.monitors.remove(self.id, keep)
            self.document.change(lambda now: _only(now or kept, keep))

    @property
    def document(self) -> Document[Watching]:
        """What is on record of it."""
        return Document(
            records=self.records, name=f"{_FOLDER}{self.name}.json", kind=_WATCHING,
            what="which versions the cloud's own monitors watch",
        )  # fmt: skip


def on_record(records: Records, monitors: ManagedMonitors) -> list[ManagedEndpoint]:
    """Every endpoint whose versions may have monitors, also one that is in the config no more."""
    found: list[ManagedEndpoint] = []
    for path in records.names(_FOLDER):
        name = path.removeprefix(_FOLDER).removesuffix(".json")
        one = ManagedEndpoint(records=records, monitors=monitors, name=name, id="")
        kept = one.document.read().value
        if kept is not None and kept.training:
            found.append(replace(one, id=kept.endpoint))
    return found


def read(findings: Callable[[], ManagedFindings]) -> ManagedFindings:
    """The findings; a note where the cloud refuses to tell them."""
    try:
        return findings()
    except GroundplanError as error:
        return ManagedFindings(notes=(f"what it found cannot be read: {_in_words(error)}",))


class WatchedByCloud:
    """Implements ManagedLook: one look at the cloud's own monitors of an endpoint, as the plan asks for them."""

    def __init__(
        self, endpoint: ManagedEndpoint, plan: MonitorPlan, baselines: Baselines, *, known: Collection[str],
        labelled: Labelled,
    ) -> None:  # fmt: skip
        """Nothing is asked yet; ``known`` are the endpoints of the environment, by name."""
        self._endpoint = endpoint
        self._known = known
        self._labelled = labelled
        self._plan = plan
        self._baselines = baselines
        self._kept = Watching(endpoint=endpoint.id)
        self._problems: dict[int | None, str] = {}

    def settle(self, serving: Sequence[int], trained_at: TrainedAt, *, now: str) -> None:
        """See that the versions that serve are watched, if the plan asks for it, and no others."""
        self._tried(
            None,
            lambda: self._settle(serving if self._plan.managed else (), trained_at, now),
            "the monitors cannot be looked after",
        )

    def notes(self, version: int) -> tuple[str, ...]:
        """What is not watched of a version, and what was refused in this look."""
        refused = [self._problems[one] for one in (None, version) if one in self._problems]
        return (*refused, *self._kept.unwatched.get(version, ()))

    def findings(self, version: int, window: Window) -> ManagedFindings:
        """What the monitor of a version found in a window, with these notes."""
        notes = self.notes(version)
        watch = self._watch(version) if self._plan.managed else None
        if watch is None:
            return ManagedFindings(notes=notes)
        found = read(lambda: self._endpoint.monitors.findings(watch, window))
        return replace(found, notes=(*notes, *found.notes))

    def _settle(self, serving: Sequence[int], trained_at: TrainedAt, now: str) -> None:
        document = self._endpoint.document
        self._kept = document.read().value or self._kept
        state = digests.of_value([asdict(self._plan), sorted(serving)])
        if not serving and not self._kept.training:
            return
        if self._kept.state == state and not _is_old(self._kept, now):
            return
        places = self._each(serving, lambda version: self._kept.training.get(version) or trained_at(version))
        self._kept = document.change(lambda there: _with(there or self._kept, places))
        unwatched = self._each(places, self._ensured)
        self._tried(None, lambda: self._remove_others(serving), "monitors that nobody needs cannot be removed")
        if self._problems or unwatched.keys() != set(serving):
            self._kept = replace(self._kept, unwatched=unwatched)
            return
        self._kept = document.change(
            lambda there: replace(_only(there or self._kept, serving), unwatched=unwatched, state=state, when=now)
        )

    def _remove_others(self, serving: Collection[int]) -> None:
        """The monitors of versions that serve no longer, and of endpoints that the config has no more."""
        mine = self._endpoint
        mine.monitors.remove(mine.id, serving)
        for one in on_record(mine.records, mine.monitors):
            if one.name not in self._known:
                one.remove(())

    def _ensured(self, version: int) -> tuple[str, ...] | None:
        watch = self._watch(version)
        return None if watch is None else self._endpoint.monitors.ensure(watch)

    def _watch(self, version: int) -> ManagedWatch | None:
        """What the monitor of a version is told; None where nobody knows what it learned from."""
        baseline = self._baselines(version)
        if baseline is None:
            return None
        return ManagedWatch(
            endpoint=self._endpoint.id, version=version, plan=self._plan, baseline=baseline,
            training=self._kept.training.get(version, ""), target=self._plan.target,
            labelled=lambda: self._labelled(version),
        )  # fmt: skip

    def _each(self, versions: Collection[int], act: Callable[[int], T | None]) -> dict[int, T]:
        """What each version gives; one that is refused does not keep the others from it."""
        found: dict[int, T | None] = {}
        for version in versions:
            problem = f"the monitor of version {version} cannot be put in place"
            found[version] = self._tried(version, lambda version=version: act(version), problem)
        return {version: one for version, one in found.items() if one is not None}

    def _tried(self, version: int | None, act: Callable[[], T], problem: str) -> T | None:
        try:
            return act()
        except GroundplanError as error:
            self._problems[version] = f"{problem}: {_in_words(error)}"
            return None


def _with(there: Watching, places: Mapping[int, str]) -> Watching:
    return replace(there, training={**there.training, **places}, state="")


def _only(there: Watching, versions: Collection[int]) -> Watching:
    training = {version: place for version, place in there.training.items() if version in versions}
    return replace(there, training=training, state="")


def _is_old(kept: Watching, now: str) -> bool:
    return clock.from_text(now) - clock.from_text(kept.when) >= timedelta(seconds=_AGAIN_SECONDS)


def _in_words(error: GroundplanError) -> str:
    hint = error.problems[0].hint
    return f"{error.message}. {hint}" if hint else error.message
