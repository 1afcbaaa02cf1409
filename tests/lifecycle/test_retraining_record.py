"""Decisions on retraining on disk: nothing that was kept is lost, whatever a kill or a person did to the file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.core.errors import StoreCorruptedError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.retraining import RetrainingDecision
from groundplan.lifecycle.local.retraining import LocalRetrainings

FIRST = RetrainingDecision(
    id="1", when="2026-11-28T12:00:00.000Z", who="ada", model="churn", environment="prod", decision="retrain",
    trigger="volume", reasons={"volume": "100 labelled rows"}, fired=("volume", "schedule"), details={"attempt": 1},
)  # fmt: skip
SECOND = replace(FIRST, id="2", decision="not now", obstacle="cool-down: 1 h")


@pytest.fixture
def store(tmp_path: Path) -> LocalRetrainings:
    return LocalRetrainings(Layout(tmp_path))


def file(store: LocalRetrainings) -> Path:
    return store.layout.retraining / "churn.jsonl"


def test_a_decision_is_shown_as_it_was_kept_last_and_the_record_only_grows(store: LocalRetrainings) -> None:
    won = replace(FIRST, outcome="won", version=4)
    for one in (FIRST, SECOND, won):
        store.keep(one)

    assert store.decisions("churn") == (won, SECOND)
    assert store.decisions("other") == ()
    assert len(file(store).read_text().splitlines()) == 3


def test_a_line_that_a_kill_cut_short_anywhere_never_was_on_record(store: LocalRetrainings) -> None:
    store.keep(FIRST)
    whole = file(store).read_bytes()
    store.keep(SECOND)
    both = file(store).read_bytes()
    for length in range(len(whole) + 1, len(both) - 1):
        file(store).write_bytes(both[:length])
        assert store.decisions("churn") == (FIRST,)
        store.keep(SECOND)
        assert store.decisions("churn") == (FIRST, SECOND)


@pytest.mark.parametrize("line", ['{"decision": "perhaps"}', "[]", "hello"])
def test_a_line_that_is_no_decision_is_told_with_its_place(store: LocalRetrainings, line: str) -> None:
    store.keep(FIRST)
    with file(store).open("a") as stream:
        stream.write(f"{line}\n")

    with pytest.raises(StoreCorruptedError, match="damaged at line 2: it is no decision") as caught:
        store.decisions("churn")
    assert caught.value.where == f"{file(store)}:2:1"
