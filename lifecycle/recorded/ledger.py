"""The ledger of a model: its versions, their stages, and the change that was made last, in one document.

One conditional write makes a change: it is there as a whole or not at all. What follows from it (lines of the audit
log, labels on the cloud's pages) is written down in the same document, so that whoever comes next finishes it. Where
versions become many, those in no stage are put away before, so that a change costs the same however many there are.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...core import clock
from ...core.errors import LockedError
from ..contract.model import AuditEntry
from ..contract.records import Records
from ..contract.registry import Registry
from .archive import Archive
from .audit import RecordedAudit
from .documents import Document, adapter
from .kept import KeptVersion

_MOST = 500
"""So many versions stand in the document itself before those in no stage are put away."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A change for people (``does``: ``promote churn v3 to staging``), and what follows from it.

    ``shown`` are the versions whose labels on the cloud's pages change.
    """

    transaction: str
    does: str
    who: str
    when: str
    entries: tuple[AuditEntry, ...]
    shown: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """``change`` is the one that was made last; ``unfinished`` while something of it is left to do.

    ``archived`` are the digests of what was put away, oldest first; ``versions`` are the others, and those of them that
    were changed since.
    """

    versions: tuple[KeptVersion, ...] = ()
    change: Change | None = None
    unfinished: bool = False
    archived: tuple[str, ...] = ()

    def with_versions(self, changed: Sequence[KeptVersion]) -> Ledger:
        """The ledger with these versions in place of those with their numbers; a new one comes last."""
        by_number = {one.version: one for one in (*self.versions, *changed)}
        return replace(self, versions=tuple(by_number[number] for number in sorted(by_number)))


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A ledger as it was read, nothing of it unfinished; ``tag`` is None where there is none yet.

    ``versions`` are all there are, in the order of their numbers.
    """

    name: str
    ledger: Ledger
    tag: str | None
    versions: Sequence[KeptVersion]


_KIND = adapter(Ledger)


class Ledgers:
    """The ledgers of a project's models."""

    def __init__(self, *, records: Records, registry: Registry, audit: RecordedAudit) -> None:
        """Nothing is read yet."""
        self._records = records
        self._registry = registry
        self._audit = audit
        self._archive = Archive(records=records)

    def names(self) -> list[str]:
        """The models that have a ledger."""
        found = self._records.names("models/")
        return [name.removeprefix("models/").removesuffix(".json") for name in found]

    def versions(self, name: str) -> Sequence[KeptVersion]:
        """All versions as they are, in the order of their numbers; what is unfinished of them holds already."""
        return self._all(name, self._read(name))

    def open(self, name: str) -> Opened:
        """The ledger to be changed, after finishing what a kill left behind."""
        read = self._document(name).read()
        if read.value is not None and self._finish(name, read.value, read.tag):
            read = self._document(name).read()
        ledger = read.value or Ledger()
        return Opened(name=name, ledger=ledger, tag=read.tag, versions=self._all(name, ledger))

    def change(
        self, opened: Opened, changed: Sequence[KeptVersion], does: str, entries: Sequence[AuditEntry]
    ) -> tuple[AuditEntry, ...]:
        """Make one change and what follows from it; its lines of the audit log come back numbered.

        Raises LockedError, which says who did what, when somebody else changed the model since it was opened.
        """
        self._audit.entries()
        change = Change(
            transaction=secrets.token_hex(8), does=does, who=entries[0].who, when=clock.to_text(clock.now()),
            entries=tuple(entries), shown=tuple(one.version for one in changed),
        )  # fmt: skip
        after = replace(self._shortened(opened).with_versions(changed), change=change, unfinished=True)
        try:
            tag = self._document(opened.name).write(after, tag=opened.tag)
        except LockedError as error:
            raise self._overtaken(opened.name, error) from error
        return self._apply(opened.name, after, change, tag)

    def is_left(self, name: str) -> bool:
        """Whether a kill cut a change short."""
        return self._read(name).unfinished

    def finish(self, name: str) -> str | None:
        """Finish the change that a kill cut short; says which, or None when there was none."""
        read = self._document(name).read()
        return None if read.value is None else self._finish(name, read.value, read.tag)

    def _finish(self, name: str, ledger: Ledger, tag: str | None) -> str | None:
        if ledger.change is None or not ledger.unfinished:
            return None
        self._apply(name, ledger, ledger.change, tag)
        return ledger.change.does

    def _apply(self, name: str, ledger: Ledger, change: Change, tag: str | None) -> tuple[AuditEntry, ...]:
        written = self._audit.append(change.transaction, change.entries)
        for one in ledger.versions:
            if one.version in change.shown:
                stages = () if one.stage is None else (one.stage,)
                self._registry.mark(name, one.version, stages=stages, labels={"status": one.status, "gate": one.gate})
        with contextlib.suppress(LockedError):  # whoever changed it since has finished this first
            self._document(name).write(replace(ledger, unfinished=False), tag=tag)
        return written

    def _shortened(self, opened: Opened) -> Ledger:
        """The ledger, without what is put away because there are many."""
        ledger = opened.ledger
        going = [one for one in ledger.versions if one.stage is None]
        if len(ledger.versions) < _MOST or not going:
            return ledger
        staying = tuple(one for one in ledger.versions if one.stage is not None)
        digest = self._archive.put_away(opened.name, going)
        return replace(ledger, versions=staying, archived=(*ledger.archived, digest))

    def _all(self, name: str, ledger: Ledger) -> Sequence[KeptVersion]:
        archived = Ledger(versions=tuple(self._archive.versions(name, ledger.archived)))
        return archived.with_versions(ledger.versions).versions

    def _overtaken(self, name: str, error: LockedError) -> LockedError:
        change = self._read(name).change
        if change is None:
            return error
        return LockedError(
            f"the versions of {name} were changed meanwhile: {change.who} did at {change.when}: {change.does}",
            hint=f"Look at them: groundplan models list {name}; then run the command again.",
        )

    def _read(self, name: str) -> Ledger:
        return self._document(name).read().value or Ledger()

    def _document(self, name: str) -> Document[Ledger]:
        return Document(
            records=self._records, name=f"models/{name}.json", kind=_KIND, what=f"the versions of {name}"
        )  # fmt: skip
