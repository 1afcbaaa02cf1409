"""The audit log: a chain in which every change shows, and which no kill breaks.

Who can write the file and its head can forge both; the chain shows accidents and careless edits, not a careful forger.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import StoreCorruptedError
from groundplan.lifecycle.contract.model import AuditEntry
from groundplan.lifecycle.local.registry.audit import AuditLog
from hypothesis import given
from hypothesis import strategies as st


def entry(reason: str) -> AuditEntry:
    return AuditEntry(sequence=0, when="2026-01-01T00:00:00.000Z", who="ada", action="promote", model="churn",
                      version=1, environment="dev", reason=reason, details={"retired": None})  # fmt: skip


def log_with(path: Path, count: int = 4) -> AuditLog:
    log = AuditLog(path / "audit.jsonl")
    for number in range(1, count + 1):
        log.append(f"t{number}", [entry(f"reason {number}")])
    return log


def test_entries_come_back_numbered_and_chained(tmp_path: Path) -> None:
    entries = log_with(tmp_path).entries()

    assert [(one.sequence, one.reason, one.transaction) for one in entries] == [
        (number, f"reason {number}", f"t{number}") for number in range(1, 5)
    ]
    assert entries[0].previous == ""
    assert len({one.previous for one in entries}) == 4


def test_a_transaction_is_written_once(tmp_path: Path) -> None:
    log = log_with(tmp_path)
    before = log.path.read_bytes()

    log.append("t4", [entry("reason 4")])

    assert log.path.read_bytes() == before


def test_a_transaction_that_was_cut_short_is_completed(tmp_path: Path) -> None:
    log = log_with(tmp_path)
    log.append("t5", [entry("first")])

    log.append("t5", [entry("first"), entry("second")])

    assert [one.reason for one in log.entries()[4:]] == ["first", "second"]


def test_a_torn_last_line_is_repaired_by_writing_the_transaction_again(tmp_path: Path) -> None:
    log = log_with(tmp_path)
    whole, head = log.path.read_bytes(), log.head.read_bytes()
    log.append("t5", [entry("reason 5")])
    full = log.path.read_bytes()
    for length in (*range(len(whole) + 1, len(full), 50), len(full) - 2, len(full) - 1):
        log.path.write_bytes(full[:length])
        log.head.write_bytes(head)

        log.append("t5", [entry("reason 5")])

        assert log.path.read_bytes() == full


@pytest.mark.parametrize(
    ("damage", "line"),
    [("first gone", 1), ("middle gone", 2), ("last gone", 4), ("edited", 2), ("last edited", 4), ("junk", 3),
     ("cut", 4), ("swapped", 2)],
)  # fmt: skip
def test_a_change_is_found_and_its_line_is_named(tmp_path: Path, damage: str, line: int) -> None:
    log = log_with(tmp_path)
    one, two, three, four = log.path.read_bytes().splitlines(keepends=True)
    edited = two.replace(b"reason 2", b"reason X")
    log.path.write_bytes(
        {
            "first gone": two + three + four,
            "middle gone": one + three + four,
            "last gone": one + two + three,
            "edited": one + edited + three + four,
            "last edited": one + two + three + four.replace(b"reason 4", b"reason X"),
            "junk": one + two + b"junk\n" + four,
            "cut": one + two + three + four[:-20],
            "swapped": one + three + two + four,
        }[damage]
    )

    with pytest.raises(StoreCorruptedError) as caught:
        log.entries()

    found = int(caught.value.where.split(":")[-2])
    assert f"the audit log is damaged at line {found}" in caught.value.message
    assert found == (line + 1 if damage == "edited" else line)


def test_a_damaged_head_is_said(tmp_path: Path) -> None:
    log = log_with(tmp_path)
    log.head.write_text("{}")

    with pytest.raises(StoreCorruptedError, match="head"):
        log.entries()


@pytest.fixture(scope="module")
def short_log(tmp_path_factory: pytest.TempPathFactory) -> tuple[AuditLog, bytes]:
    log = log_with(tmp_path_factory.mktemp("log"), count=2)
    return log, log.path.read_bytes()


@given(position=st.integers(min_value=0), value=st.integers(min_value=0, max_value=255))
def test_no_byte_can_be_changed_unseen(short_log: tuple[AuditLog, bytes], position: int, value: int) -> None:
    log, whole = short_log
    content = bytearray(whole)
    index = position % len(content)
    if content[index] == value:
        return
    content[index] = value
    log.path.write_bytes(bytes(content))

    with pytest.raises(StoreCorruptedError, match="is damaged at line"):
        log.entries()
