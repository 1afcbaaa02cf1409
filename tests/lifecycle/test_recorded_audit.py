"""The audit log on record: many writers lose no line, a full document is followed by the next, a change is refused.

A cloud in memory stands in for a real one here; test_records_on_clouds.py shows that theirs keep the same contract.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from groundplan.core.errors import StoreCorruptedError
from groundplan.lifecycle.contract.records import Record
from groundplan.lifecycle.recorded.audit import RecordedAudit
from groundplan.lifecycle.recorded.lines import Lines
from groundplan.lifecycle.stages import new_entry

from conformance_kit import RecordedRig
from memory_cloud import Fuse, MemoryRecords
from registry_kit import MODEL


@pytest.fixture
def rig(tmp_path: Path) -> RecordedRig:
    return RecordedRig(tmp_path, copies=50)


def test_many_writers_of_the_audit_log_lose_no_line() -> None:
    records = MemoryRecords(Fuse())
    lock = threading.Lock()
    write = records.write

    def one_at_a_time(name: str, text: str, *, tag: str | None) -> Record:
        with lock:
            return write(name, text, tag=tag)

    records.write = one_at_a_time

    def work(who: str) -> None:
        for number in range(15):
            RecordedAudit(records).append(f"{who}-{number}", [new_entry("deploy", MODEL, number, who=who)])

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    entries = RecordedAudit(records).entries()
    assert [one.sequence for one in entries] == list(range(1, 61))
    assert {(one.who, one.version) for one in entries} == {(f"w{w}", n) for w in range(4) for n in range(15)}


def test_what_a_command_remembers_of_the_audit_log_hides_no_line_of_another(rig: RecordedRig) -> None:
    records = rig.cloud.records["dev"]
    mine, theirs = RecordedAudit(records), RecordedAudit(records)
    for number in range(3):
        mine.append(f"mine-{number}", [new_entry("deploy", MODEL, number, who="ada")])
        theirs.append(f"theirs-{number}", [new_entry("deploy", MODEL, number, who="bob")])

    again = mine.append("mine-2", [new_entry("deploy", MODEL, 2, who="ada")])

    assert [(one.who, one.version) for one in mine.entries()] == [(w, n) for n in range(3) for w in ("ada", "bob")]
    assert [one.sequence for one in again] == [5]


def test_lines_go_on_in_the_next_document_once_one_is_full() -> None:
    records = MemoryRecords(Fuse())
    lines = Lines(records, "log", limit=3)

    for number in range(7):
        lines.append(lambda there, number=number: [str(number)])

    assert [line.decode() for line in Lines(records, "log", limit=3).read()] == list("0123456")
    assert list(records.documents) == [f"log/lines-{number:08d}.jsonl" for number in (1, 2, 3)]
    assert lines.place(5) == "log/lines-00000002.jsonl:2:1"


_DAMAGES: dict[str, tuple[Callable[[list[str]], list[str]], str]] = {
    "changed": (
        lambda lines: [lines[0].replace("ada", "eve"), *lines[1:]], "line 2: it does not follow the line before"
    ),
    "first gone": (lambda lines: lines[1:], "line 1: it does not follow the line before"),
    "last gone": (lambda lines: lines[:-1], "line 2: it is missing; the log had 2 lines"),
    "no entry": (lambda lines: [*lines[:-1], "{}"], "line 2: it is no audit entry"),
}  # fmt: skip


@pytest.mark.parametrize("which", _DAMAGES)
def test_a_log_that_somebody_changed_is_refused_with_its_line(rig: RecordedRig, which: str) -> None:
    damage, said = _DAMAGES[which]
    rig.register("a")
    rig.register("b")
    records = rig.cloud.records["dev"]
    name = "audit/lines-00000001.jsonl"
    lines = records.documents[name].text.splitlines()
    records.documents[name] = Record(text="".join(f"{line}\n" for line in damage(lines)), tag="t")

    with pytest.raises(StoreCorruptedError, match=said) as caught:
        rig.platform().models.audit_log()

    assert caught.value.problems[0].where.startswith(f"{name}:")
    with pytest.raises(StoreCorruptedError):
        rig.register("c")
    assert sorted(rig.stages()) == [1, 2]
