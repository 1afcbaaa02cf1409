"""A cloud's request log on this machine, in the laptop's form: an hour is asked for once, after its last line came."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from ...core import clock, files
from ..contract.monitoring import Window
from ..contract.request_log import LogRemarks, RequestLog
from ..request_lines import RequestLines

HORIZON = timedelta(days=90)
"""How far back the log is read; older lines are forgotten here, whatever the cloud still has."""

_HOUR = timedelta(hours=1)
_INCOMING = ".incoming-"
_DAY = timedelta(days=1)
_AT_ONCE = timedelta(days=7)


class RequestMirror:
    """The log of one endpoint, whose id at the cloud is ``endpoint``, below ``folder``.

    There is a file for each hour that nothing can be added to any more, also for one without a line. What came since
    is asked for anew each time.
    """

    def __init__(self, log: RequestLog, endpoint: str, folder: Path) -> None:
        """Nothing is asked yet."""
        self._log = log
        self._endpoint = endpoint
        self._folder = folder
        self._recent: tuple[datetime, LogRemarks] | None = None

    def within(self, window: Window, now: datetime) -> tuple[Sequence[Path], Sequence[str]]:
        """The files that hold a window's lines, fetched where they are not here, and what was left out of them."""
        since = max(_hour(clock.from_text(window.start)), _hour(now - HORIZON))
        until, whole = clock.from_text(window.end), self._whole(now)
        for begin, end in self._missing(since, min(until, whole)):
            self._fetch(begin, end, now)
        found = [self._file(_name(one)) for one in _hours(since, min(until, whole))]
        notes = [note for one in _hours(since, min(until, whole)) for note in self._notes(_name(one))]
        if until > whole:
            notes += self._look(whole, now).notes()
            found.append(self._file(_recent(whole)))
        return found, notes

    def last_day(self, now: datetime) -> Iterator[bytes]:
        """The lines of the last 24 hours, oldest first."""
        since = now - _DAY
        found, _ = self.within(Window(start=clock.to_text(since), end=clock.to_text(now)), now)
        for file in found:
            with file.open("rb") as stream:
                yield from stream

    def _whole(self, now: datetime) -> datetime:
        """The moment up to which every line has come, in whole hours."""
        return _hour(now - timedelta(seconds=self._log.late_seconds))

    def _missing(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of time that are not here, no longer than what is asked for at once."""
        begin = None
        for hour in _hours(since, until):
            if begin is not None and (self._is_here(hour) or hour - begin >= _AT_ONCE):
                yield begin, hour
                begin = None
            if begin is None and not self._is_here(hour):
                begin = hour
        if begin is not None:
            yield begin, _ceiling(until)

    def _is_here(self, hour: datetime) -> bool:
        return self._file(_name(hour)).exists()

    def _fetch(self, begin: datetime, end: datetime, now: datetime) -> None:
        """Put these hours here, each as a whole; those that a kill leaves out are fetched another time."""
        with self._incoming() as incoming:
            remarks = self._write(incoming, begin, end)
            for hour in _hours(begin, end):
                self._place(incoming, _name(hour))
            if remarks.notes():
                where = f"{clock.to_text(begin)} to {clock.to_text(end)}"
                files.write_json(self._remarks(_name(begin)), {"notes": [f"{one}, {where}" for one in remarks.notes()]})
        self._forget(now)

    def _look(self, whole: datetime, now: datetime) -> LogRemarks:
        """Put what can still get lines here; at one moment that is asked once."""
        if self._recent is not None and self._recent[0] == now:
            return self._recent[1]
        name = _recent(whole)
        with self._incoming() as incoming:
            remarks = self._write(incoming, whole, now, name=name)
            self._place(incoming, name)
        self._recent = now, remarks
        return remarks

    def _write(self, folder: Path, begin: datetime, end: datetime, name: str = "") -> LogRemarks:
        """Write the lines from ``begin`` to ``end`` to a file for each hour, or to one of this name."""
        remarks = LogRemarks()
        lines = self._log.lines(self._endpoint, clock.to_text(begin), clock.to_text(end), remarks)
        formed = ((name or when[: len("2026-01-01T00")], content) for when, content in map(_formed, lines))
        for part, group in groupby(formed, key=lambda one: one[0]):
            with (folder / f"{part}.jsonl").open("ab") as stream:
                stream.writelines(content for _, content in group)
                stream.flush()
                os.fsync(stream.fileno())
        return remarks

    def _place(self, incoming: Path, name: str) -> None:
        written = incoming / f"{name}.jsonl"
        written.touch()
        written.replace(self._file(name))

    @contextmanager
    def _incoming(self) -> Generator[Path]:
        files.private_folder(self._folder)
        with (
            files.explained(self._folder),
            tempfile.TemporaryDirectory(prefix=_INCOMING, dir=self._folder) as folder,
        ):
            yield Path(folder)

    def _notes(self, name: str) -> Sequence[str]:
        path = self._remarks(name)
        return files.read_json(path)["notes"] if path.exists() else ()

    def _forget(self, now: datetime) -> None:
        """What is too old, and what no command reads any more that looked at the last hours or was killed."""
        oldest, yesterday = _name(_hour(now - HORIZON)), _name(_hour(now - _DAY))
        for path in self._folder.glob("????-??-??T??.*"):
            hour, _, kind = path.name.partition(".")
            if hour < (yesterday if kind.startswith("recent") else oldest):
                path.unlink(missing_ok=True)
        for path in self._folder.glob(f"{_INCOMING}*"):
            if path.stat().st_mtime < (now - _DAY).timestamp():
                shutil.rmtree(path, ignore_errors=True)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"

    def _remarks(self, name: str) -> Path:
        return self._folder / f"{name}.notes.json"


@dataclass
class MirroredRequests:
    """Implements LoggedRequests over a mirror; a cloud's log does not tell copies from requests."""

    mirror: RequestMirror
    _notes: list[str] = field(default_factory=list[str])

    def within(self, window: Window, now: str) -> Iterator[Mapping[str, Any]]:
        """The lines of a window that are not of the future."""
        found, notes = self.mirror.within(window, clock.from_text(now))
        lines = RequestLines(lambda: found, copies=True)
        yield from lines.within(window, now)
        self._notes += [*notes, *lines.notes()]

    def notes(self) -> tuple[str, ...]:
        """What was left out of all that was read."""
        return tuple(dict.fromkeys(self._notes))


def mirror_of(log: RequestLog, id: str, folder: Path, at: str) -> RequestMirror:
    """The mirror of the endpoint ``at`` (``endpoint@environment``) below this machine's ``folder``."""
    return RequestMirror(log, id, folder / "requests" / at)


def backwards(now: datetime) -> Iterator[Window]:
    """The last day, then what came before it back to the horizon, the newest first."""
    end, length = _ceiling(now), _DAY
    while end > now - HORIZON:
        yield Window(start=clock.to_text(end - length), end=clock.to_text(end))
        end, length = end - length, _AT_ONCE


def hours_of(moments: Iterable[str]) -> list[Window]:
    """The hours in which these moments are, oldest first."""
    hours = sorted({_hour(clock.from_text(one)) for one in moments})
    return [Window(start=clock.to_text(one), end=clock.to_text(one + _HOUR)) for one in hours]


def _formed(line: Mapping[str, object]) -> tuple[str, bytes]:
    """The time of a line, and the line as the laptop would have written it."""
    when = clock.to_text(clock.from_text(str(line["time"])))
    whole = {"time": when, "route": "/predict", "status": 200, **{key: line[key] for key in line if key != "time"}}
    return when, json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode(errors="replace") + b"\n"


def _hours(since: datetime, until: datetime) -> Iterator[datetime]:
    hour = _hour(since)
    while hour < until:
        yield hour
        hour += _HOUR


def _hour(moment: datetime) -> datetime:
    return clock.in_utc(moment).replace(minute=0, second=0, microsecond=0)


def _ceiling(moment: datetime) -> datetime:
    hour = _hour(moment)
    return hour if hour == moment else hour + _HOUR


def _name(hour: datetime) -> str:
    return clock.to_text(hour)[: len("2026-01-01T00")]


def _recent(whole: datetime) -> str:
    """What came since this moment: another command that begins an hour later must not put its own in place of it."""
    return f"{_name(whole)}.recent"
