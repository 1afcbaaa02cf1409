"""The registry's journal: an intent comes back as it was written, or is said to be damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import StoreCorruptedError
from groundplan.lifecycle.contract.model import AuditEntry
from groundplan.lifecycle.local.registry.journal import Intent, Journal

INTENT = Intent(
    transaction="t1",
    does="promote churn v1 to dev",
    steps=({"do": "alias", "name": "churn", "alias": "dev", "version": 1},),
    entries=(
        AuditEntry(sequence=0, when="2026-01-01T00:00:00.000Z", who="ada", action="promote", model="churn", version=1,
                   environment="dev", reason="", details={"retired": None}),
    ),
)  # fmt: skip


def test_an_intent_is_there_until_it_is_cleared(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.json")
    journal.write(INTENT)

    assert journal.read() == INTENT
    journal.clear()
    journal.clear()
    assert journal.read() is None


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"transaction": "t"}', "\x00" * 100])
def test_a_damaged_journal_is_said_to_be_damaged(tmp_path: Path, content: str) -> None:
    journal = Journal(tmp_path / "journal.json")
    journal.path.write_text(content)

    with pytest.raises(StoreCorruptedError) as caught:
        journal.read()

    assert caught.value.where == str(journal.path)
    assert "delete it" in caught.value.hint
    assert journal.path.exists()
