"""Thousands of versions: what a command reads and writes does not grow with them, and nothing is lost on the way.

A cloud in memory stands in for a real one here; the calls to it are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from groundplan.core.errors import StoreCorruptedError
from groundplan.lifecycle import promotion
from groundplan.lifecycle.contract.records import Record
from groundplan.lifecycle.contract.registry import RegisteredVersion
from groundplan.lifecycle.recorded import ledger

import many_versions
from conformance_kit import PLAN, RecordedRig, remove_copies
from memory_cloud import Killed, MemoryRecords


@dataclass
class CountingRecords(MemoryRecords):
    """Tells how many calls were made and how many characters went over the wire."""

    calls: int = 0
    characters: int = 0

    def read(self, name: str) -> Record | None:
        found = super().read(name)
        self._count(0 if found is None else len(found.text))
        return found

    def write(self, name: str, text: str, *, tag: str | None) -> Record:
        self._count(len(text))
        return super().write(name, text, tag=tag)

    def names(self, prefix: str) -> Sequence[str]:
        self._count(0)
        return super().names(prefix)

    def forget(self) -> None:
        """Begin to count."""
        self.calls = self.characters = 0

    def _count(self, characters: int) -> None:
        self.calls += 1
        self.characters += characters


@pytest.fixture
def rig(tmp_path: Path) -> RecordedRig:
    return RecordedRig(tmp_path, copies=50)


def _fill(rig: RecordedRig, model: str, count: int) -> CountingRecords:
    """A model with so many versions; the last of them is in the registry, too."""
    before = rig.cloud.records["dev"]
    records = CountingRecords(before.fuse, documents=before.documents)
    last = many_versions.fill(records, model, count)[-1]
    rig.cloud.records["dev"] = records
    rig.cloud.registry.known[model, count] = RegisteredVersion(
        name=model, version=count, digest=last.digest, created=last.created
    )
    rig.cloud.registry.folder.joinpath(model, str(count)).mkdir(parents=True)
    records.forget()
    return records


def test_of_ten_thousand_versions_only_those_that_are_looked_at_cost_a_read(rig: RecordedRig) -> None:
    records = _fill(rig, "churn", 10_000)
    models = rig.platform().models

    newest = models.list()[:20]

    assert [one.version for one in newest] == list(range(10_000, 9_980, -1))
    assert [one.gate for one in newest] == ["passed (dev)"] * 20
    assert records.calls == 1 + 1 + 19
    assert [one.evidence for one in newest] == [None] * 20
    assert records.calls == 21 + 20
    assert models.get("churn", 7).version == 7
    assert records.calls == 41 + 1


def test_of_a_hundred_models_each_is_read_once(rig: RecordedRig) -> None:
    for number in range(99):
        _fill(rig, f"m{number}", 3)
    records = _fill(rig, "churn", 3)

    assert len(rig.platform().models.list()) == 300
    assert records.calls == 1 + 100


def test_a_change_writes_no_more_where_there_are_ten_thousand_versions(tmp_path: Path) -> None:
    written: list[int] = []
    for count in (500, 10_000):
        rig = RecordedRig(tmp_path / str(count), copies=50)
        records = _fill(rig, "churn", count)
        platform = rig.platform()
        platform.models.list()
        for marker in ("puts older ones away", "does not"):
            records.forget()
            assert rig.register(marker, platform=platform).stage is None
            written.append(records.characters)
        assert [one.version for one in platform.models.list()][:2] == [count + 2, count + 1]

    first, second, first_of_many, second_of_many = written
    assert first_of_many < 1.1 * first
    assert max(second, second_of_many) < 0.1 * first


def test_versions_that_were_put_away_are_promoted_rejected_and_rolled_back_to_as_any_other(
    rig: RecordedRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "_MOST", 3)
    made = [rig.register(marker) for marker in "abcdefgh"]

    assert [one.version for one in rig.platform().models.list()] == [8, 7, 6, 5, 4, 3, 2, 1]
    assert len(rig.cloud.records["dev"].names("versions/churn/")) == 2
    assert rig.register("b") == made[1]
    rig.promote(made[0])
    rig.promote(made[1])
    platform = rig.platform()
    promotion.reject(platform, PLAN, platform.models.get("churn", 3), who="bob", reason="bad data")
    assert promotion.rollback(rig.platform(), PLAN, "dev", who="bob", reason="errors").version == 1
    remove_copies(rig.folder)
    new = dict.fromkeys(range(4, 9), (None, "registered"))
    assert rig.stages() == {1: ("dev", "registered"), 2: (None, "retired"), 3: (None, "rejected"), **new}
    assert rig.platform().models.get("churn", 8) == made[7]


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_killed_while_versions_are_put_away_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: bool
) -> None:
    monkeypatch.setattr(ledger, "_MOST", 3)
    number, killed = 0, True
    while killed:
        rig = RecordedRig(tmp_path / str(number), copies=50)
        for marker in "abc":
            rig.register(marker)
        rig.cloud.fuse.left, rig.cloud.fuse.done = number, done
        try:
            rig.register("d")
            killed = False
        except Killed:
            rig.cloud.fuse.left = None
            rig.register("d")
        assert rig.stages() == dict.fromkeys(range(1, 5), (None, "registered"))
        assert [one.version for one in rig.platform().models.audit_log()] == [1, 2, 3, 4]
        number += 1

    assert number > 5


@pytest.mark.parametrize(("text", "said"), [(None, "gone"), ("", "damaged"), ("[]", "damaged")])
def test_what_was_put_away_and_changed_is_named(
    rig: RecordedRig, monkeypatch: pytest.MonkeyPatch, text: str | None, said: str
) -> None:
    monkeypatch.setattr(ledger, "_MOST", 3)
    for marker in "abcd":
        rig.register(marker)
    documents = rig.cloud.records["dev"].documents
    (name,) = (one for one in documents if one.startswith("versions/"))
    if text is None:
        del documents[name]
    else:
        documents[name] = Record(text=text, tag="t")

    with pytest.raises(StoreCorruptedError, match=f"the record {name} is {said}: versions were put away there"):
        rig.platform().models.list()
