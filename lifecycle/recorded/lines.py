"""Lines that only become more, in documents of some hundred each: two writers never lose one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...core.errors import LockedError
from ..contract.records import Record, Records
from . import together

_LIMIT = 200
_TRIES = 50


class Lines:
    """The lines below ``folder``: a document takes no more of them once it has ``limit``; then the next one begins.

    With ``recent`` only so many documents are read, the newest ones: what is older does not matter any more.
    """

    def __init__(self, records: Records, folder: str, *, limit: int = _LIMIT, recent: int | None = None) -> None:
        """Nothing is read yet."""
        self._recent = recent
        self._records = records
        self._folder = folder
        self._limit = limit
        self._full: dict[str, Record] = {}
        self._known: list[tuple[str, Record]] = []

    def read(self) -> list[bytes]:
        """All lines, oldest first."""
        return [line for _, record in self._documents() for line in _lines(record)]

    def place(self, number: int) -> str:
        """Where a line is, by its number among all of them, as ``document:line:1``."""
        before, name = 0, self._name(1)
        for name, record in self._documents():
            count = len(_lines(record))
            if number <= before + count:
                return f"{name}:{number - before}:1"
            before += count
        return f"{name}:{number - before}:1"

    def append(self, following: Callable[[Sequence[bytes]], Sequence[str]], *, fewest: int = 0) -> None:
        """Append what ``following`` makes of the lines that are there: all of it or nothing, once.

        What was read last is taken for what is there, where it has ``fewest`` lines; written on top of that, it shows
        whether somebody else appended meanwhile, and then it is asked again. Raises LockedError when that never ends.
        """
        documents = self._known
        if not documents or sum(len(_lines(record)) for _, record in documents) < fewest:
            documents = self._documents()
        for _ in range(_TRIES):
            wanted = following([line for _, record in documents for line in _lines(record)])
            if not wanted:
                return
            try:
                self._write(documents, wanted)
            except LockedError:
                documents = self._documents()
                continue
            return
        raise LockedError(
            f"others write to {self._folder} all the time",
            hint="When it is calmer, run the command again; it finishes what was begun.",
        )

    def _write(self, documents: Sequence[tuple[str, Record]], wanted: Sequence[str]) -> None:
        text = "".join(f"{line}\n" for line in wanted)
        if documents and len(_lines(documents[-1][1])) < self._limit:
            *before, (name, record) = documents
            written = self._records.write(name, record.text + text, tag=record.tag)
        else:
            before, name = [*documents], self._name(_number(documents[-1][0]) + 1 if documents else 1)
            written = self._records.write(name, text, tag=None)
        self._known = [*before, (name, written)]

    def _documents(self) -> list[tuple[str, Record]]:
        """Each document with its name, several asked for at once; one that is full is read once.

        All but the last are full: nothing is added to them while the others are read.
        """
        found: list[tuple[str, Record]] = []
        known = self._records.names(f"{self._folder}/lines-")
        names = known if self._recent is None else known[-self._recent :]
        read = together.each(lambda name: self._full.get(name) or self._records.read(name), names)
        for name, record in zip(names, read, strict=True):
            if record is None:
                break
            if len(_lines(record)) >= self._limit:
                self._full[name] = record
            found.append((name, record))
        self._known = found
        return found

    def _name(self, number: int) -> str:
        return f"{self._folder}/lines-{number:08d}.jsonl"


def _number(name: str) -> int:
    return int(name.rpartition("-")[2].partition(".")[0])


def _lines(record: Record) -> list[bytes]:
    return [line for line in record.text.encode().split(b"\n") if line]
