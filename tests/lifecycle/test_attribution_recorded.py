"""What a cloud's registry keeps and gives so that a model can be asked; the model's answers are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import NotFoundError, StoreCorruptedError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.model import ModelPlan, ModelVersion
from groundplan.lifecycle.contract.monitoring import Attribution, Baseline
from groundplan.lifecycle.contract.run import Run
from groundplan.lifecycle.local.models import LocalModels
from groundplan.lifecycle.recorded.models import RecordedModels

from conformance_kit import PLAN, RecordedRig, remove_copies
from registry_kit import MODEL, make_run, model_folder

FOUND = Attribution(rows=300, values={"age": 0.4, "plan": 0.1})
ASKS = replace(PLAN, attribution=True)
ROWS: Sequence[Mapping[str, object]] = [{"age": 40.0, "plan": "gold"}] * 3


class Asked(LocalModels):
    """Measures as it is told, and only the model that was registered."""

    def attribution(self, version: ModelVersion, rows: Sequence[Mapping[str, object]], plan: ModelPlan) -> Attribution:
        assert (version.path / "model.skops").read_bytes() == b"a" * 50
        return FOUND

    def baseline(self, version: ModelVersion, *, run: Run | None, plan: ModelPlan) -> Baseline:
        if run is None:
            raise NotFoundError("its run is gone")
        known = self.measured(MODEL, version.digest)
        assert known is not None
        return replace(known, attribution=FOUND if plan.attribution else None).of_version(version)


@pytest.fixture
def rig(tmp_path: Path) -> RecordedRig:
    """A cloud in memory, whose registry counts what is fetched."""
    return RecordedRig(tmp_path, copies=0)


def as_it_is(run: Run, outputs: object) -> Run:
    return run


def models(rig: RecordedRig, **values: Any) -> RecordedModels:
    """The registry as the next command opens it."""
    given: dict[str, Any] = {"measuring": Asked(Layout(rig.folder)), "fetched": as_it_is, **values}
    return RecordedModels(rig.cloud.records["dev"], rig.cloud.registry, folder=rig.folder / "machine", **given)


def counted(rig: RecordedRig, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    fetched: list[int] = []
    fetch = rig.cloud.registry.fetch

    def counting(name: str, version: int, into: Path) -> None:
        fetched.append(version)
        fetch(name, version, into)

    monkeypatch.setattr(rig.cloud.registry, "fetch", counting)
    return fetched


def test_a_model_is_fetched_to_be_asked_and_not_again_while_it_is_whole(
    rig: RecordedRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = rig.register("a")
    remove_copies(rig.folder)
    fetched = counted(rig, monkeypatch)

    found = [models(rig).attribution(version, ROWS, PLAN) for _ in range(3)]

    assert (found, fetched) == ([FOUND] * 3, [1])


def test_a_model_that_was_changed_at_the_cloud_is_not_asked(rig: RecordedRig) -> None:
    version = rig.register("a")
    remove_copies(rig.folder)
    rig.tamper(version)

    with pytest.raises(StoreCorruptedError):
        models(rig).attribution(version, ROWS, PLAN)


def test_a_baseline_on_record_gets_attributions_from_its_run_and_keeps_them(rig: RecordedRig) -> None:
    rig.learn("a")
    version = rig.register("a")
    run = make_run("run-1", model_folder(rig.folder / "run", "a"))

    before = models(rig).baseline(version, run=run, plan=PLAN)
    gone = models(rig).baseline(version, run=None, plan=ASKS)
    made = models(rig).baseline(version, run=run, plan=ASKS)
    again = models(rig).baseline(version, run=None, plan=ASKS)

    assert (before.attribution, gone, made.attribution, again) == (None, before, FOUND, made)


def test_a_run_whose_outputs_are_gone_leaves_the_baseline_as_it_is(rig: RecordedRig) -> None:
    rig.learn("a")
    version = rig.register("a")
    run = make_run("run-1", model_folder(rig.folder / "run", "a"))

    def gone(run: Run, outputs: object) -> Run:
        raise StoreCorruptedError("what the run wrote is another thing now")

    found = models(rig, fetched=gone).baseline(version, run=run, plan=ASKS)

    assert found == models(rig).baseline(version, run=None, plan=PLAN)
