"""Rollouts in records: one document for the rollout of an endpoint that was touched last, one for each before it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from ...core.errors import LockedError, NotFoundError
from .. import rollout as decisions
from ..contract.records import Records
from ..contract.rollout import Rollout
from .documents import Document, Read, adapter, put

_KIND = adapter(Rollout)


@dataclass(frozen=True)
class RecordedRollouts:
    """Implements the lifecycle's Rollouts Protocol; ``records`` are those of each environment.

    What was read or kept last is remembered: a state that follows from it is written on top of it without another look,
    and where somebody else wrote meanwhile it is looked at again.
    """

    records: Mapping[str, Records]
    _seen: dict[tuple[str, str], Read[Rollout]] = field(default_factory=dict[tuple[str, str], Read[Rollout]])

    def current(self, endpoint: str, environment: str) -> Rollout | None:
        """The rollout that was touched last at this endpoint, under way or final. Raises StoreCorruptedError."""
        read = self._document(endpoint, environment, "current").read()
        self._seen[endpoint, environment] = read
        return read.value

    def history(self, endpoint: str, environment: str) -> Sequence[Rollout]:
        """Every rollout of this endpoint, the one that was touched last at the end. Raises StoreCorruptedError."""
        current = self.current(endpoint, environment)
        if current is None:
            return ()
        names = self.records[environment].names(f"rollouts/{endpoint}/before/")
        ids = [name.rpartition("/")[2].removesuffix(".json") for name in names]
        before = [self._document(endpoint, environment, f"before/{id}").read().value for id in ids if id != current.id]
        return (*(one for one in before if one is not None), current)

    def all(self) -> Sequence[Rollout]:
        """The current rollout of each endpoint; an environment that is not provisioned yet has none.

        Raises StoreCorruptedError, and NotFoundError where no environment is there at all.
        """
        found: list[Rollout] = []
        missing: list[NotFoundError] = []
        for environment in self.records:
            try:
                found += self._of(environment)
            except NotFoundError as error:
                missing.append(error)
        if missing and len(missing) == len(self.records):
            raise missing[0]
        return tuple(found)

    def _of(self, environment: str) -> list[Rollout]:
        names = self.records[environment].names("rollouts/")
        endpoints = [name.split("/")[1] for name in names if name.endswith("/current.json")]
        current = [self.current(endpoint, environment) for endpoint in endpoints]
        return [one for one in current if one is not None]

    def keep(self, rollout: Rollout) -> None:
        """Make this the current rollout of its endpoint, all of it or nothing; the one before stays in the history.

        Raises LockedError, which says who did what, when it does not follow from what is there.
        """
        endpoint, environment = rollout.plan.endpoint, rollout.plan.environment
        document = self._document(endpoint, environment, "current")
        seen = self._seen.pop((endpoint, environment), None)
        if seen is not None and seen.value is not None and seen.value.id == rollout.id:
            with contextlib.suppress(LockedError):
                _demand_follows(rollout, seen.value)
                return self._write(document, rollout, tag=seen.tag)
        before = document.read()
        if before.value is not None:
            _demand_follows(rollout, before.value)
            if before.value.id != rollout.id:
                text = _KIND.dump_json(before.value, indent=1).decode()
                put(self.records[environment], f"rollouts/{endpoint}/before/{before.value.id}.json", text)
        try:
            self._write(document, rollout, tag=before.tag)
        except LockedError as error:
            now = document.read().value
            raise error if now is None else _overtaken(now) from error

    def _write(self, document: Document[Rollout], rollout: Rollout, *, tag: str | None) -> None:
        tag = document.write(rollout, tag=tag)
        self._seen[rollout.plan.endpoint, rollout.plan.environment] = Read(value=rollout, tag=tag)

    def _document(self, endpoint: str, environment: str, name: str) -> Document[Rollout]:
        return Document(
            records=self.records[environment], name=f"rollouts/{endpoint}/{name}.json", kind=_KIND, what="a rollout"
        )


def _demand_follows(rollout: Rollout, before: Rollout) -> None:
    """Raises LockedError when something was decided since this state was read."""
    if before.id != rollout.id:
        if not before.is_final:
            raise _overtaken(before)
        return
    told = [_text(one) for one in before.history]
    if [_text(one) for one in rollout.history[: len(told)]] != told:
        raise _overtaken(before)


def _text(value: object) -> str:
    return json.dumps(asdict(value), sort_keys=True)  # type: ignore[call-overload]


def _overtaken(now: Rollout) -> LockedError:
    last, plan = now.history[-1], now.plan
    return LockedError(
        f"{decisions.name(now)} was changed meanwhile: {last.who} {last.kind} it at {last.when}: {last.reason}",
        hint=f"Look at it: groundplan rollout status {plan.endpoint} -e {plan.environment}",
    )
