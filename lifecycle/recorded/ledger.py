"""The ledger of a model: all of its versions, their stages, and the change that was made last, in one document.

One conditional write makes a change: it is there as a whole or not at all. What follows from it (lines of the audit
log, labels on the cloud's pages) is written down in the same document, so that whoever comes next finishes it.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...core import clock
from ...core.errors import LockedError
from ..contract.model import AuditEntry, Lineage, Override, VersionStatus
from ..contract.records import Records
from ..contract.registry import Registry
from .audit import RecordedAudit
from .documents import Document, adapter


@dataclass(frozen=True, kw_only=True)
class KeptVersion:
    """A version as the ledger keeps it; ``evidence`` is the digest of the record that holds it with its verdict."""

    version: int
    digest: str
    created: str
    lineage: Lineage
    evidence: str
    gate: str
    status: VersionStatus = "registered"
    stage: str | None = None
    overrides: tuple[Override, ...] = ()
    trusted_types: tuple[str, ...] = ()
    size_bytes: int = 0


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
    """``change`` is the one that was made last; ``unfinished`` while something of it is left to do."""

    versions: tuple[KeptVersion, ...] = ()
    change: Change | None = None
    unfinished: bool = False

    def with_versions(self, changed: Sequence[KeptVersion]) -> Ledger:
        """The ledger with these versions in place of those with their numbers; a new one comes last."""
        by_number = {one.version: one for one in (*self.versions, *changed)}
        return replace(self, versions=tuple(by_number[number] for number in sorted(by_number)))


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A ledger as it was read, nothing of it unfinished; ``tag`` is None where there is none yet."""

    name: str
    ledger: Ledger
    tag: str | None


_KIND = adapter(Ledger)


@dataclass(frozen=True, kw_only=True)
class Ledgers:
    """The ledgers of a project's models."""

    records: Records
    registry: Registry
    audit: RecordedAudit

    def names(self) -> list[str]:
        """The models that have a ledger."""
        found = self.records.names("models/")
        return [name.removeprefix("models/").removesuffix(".json") for name in found]

    def read(self, name: str) -> Ledger:
        """The ledger as it is; what is unfinished of it holds already."""
        return self._document(name).read().value or Ledger()

    def open(self, name: str) -> Opened:
        """The ledger to be changed, after finishing what a kill left behind."""
        self.finish(name)
        read = self._document(name).read()
        return Opened(name=name, ledger=read.value or Ledger(), tag=read.tag)

    def change(
        self, opened: Opened, changed: Sequence[KeptVersion], does: str, entries: Sequence[AuditEntry]
    ) -> tuple[AuditEntry, ...]:
        """Make one change and what follows from it; its lines of the audit log come back numbered.

        Raises LockedError, which says who did what, when somebody else changed the model since it was opened.
        """
        self.audit.entries()
        change = Change(
            transaction=secrets.token_hex(8), does=does, who=entries[0].who, when=clock.to_text(clock.now()),
            entries=tuple(entries), shown=tuple(one.version for one in changed),
        )  # fmt: skip
        after = replace(opened.ledger.with_versions(changed), change=change, unfinished=True)
        try:
            tag = self._document(opened.name).write(after, tag=opened.tag)
        except LockedError as error:
            raise self._overtaken(opened.name, error) from error
        return self._apply(opened.name, after, change, tag)

    def finish(self, name: str) -> str | None:
        """Finish the change that a kill cut short; says which, or None when there was none."""
        read = self._document(name).read()
        if read.value is None or read.value.change is None or not read.value.unfinished:
            return None
        self._apply(name, read.value, read.value.change, read.tag)
        return read.value.change.does

    def _apply(self, name: str, ledger: Ledger, change: Change, tag: str | None) -> tuple[AuditEntry, ...]:
        written = self.audit.append(change.transaction, change.entries)
        for one in ledger.versions:
            if one.version in change.shown:
                stages = () if one.stage is None else (one.stage,)
                self.registry.mark(name, one.version, stages=stages, labels={"status": one.status, "gate": one.gate})
        with contextlib.suppress(LockedError):  # whoever changed it since has finished this first
            self._document(name).write(replace(ledger, unfinished=False), tag=tag)
        return written

    def _overtaken(self, name: str, error: LockedError) -> LockedError:
        change = self.read(name).change
        if change is None:
            return error
        return LockedError(
            f"the versions of {name} were changed meanwhile: {change.who} did at {change.when}: {change.does}",
            hint=f"Look at them: groundplan models list {name}; then run the command again.",
        )

    def _document(self, name: str) -> Document[Ledger]:
        return Document(
            records=self.records, name=f"models/{name}.json", kind=_KIND, what=f"the versions of {name}"
        )  # fmt: skip
