"""Batch endpoints over records and jobs, once for all clouds; the clouds' own are in test_batch_on_clouds.py."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from pathlib import Path

import pytest
from groundplan.core.errors import CancelledError, LockedError, NotFoundError, ResourceFailedError
from groundplan.lifecycle.contract.deployment import EndpointSettings, ServedModel
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.recorded.batches import RecordedBatches
from groundplan.lifecycle.recorded.endpoints import Site

import serving_kit
from memory_batches import PLACE, MemoryBatches
from memory_cloud import MemoryCloud
from memory_requests import MemoryRequests

ROWS: tuple[Mapping[str, object], ...] = ({"tenure": 3}, {"tenure": 40})
SETTINGS = EndpointSettings(name="nightly", environment="dev", model="churn", kind="batch")


class Bench:
    """A cloud with one batch endpoint, and what was told."""

    def __init__(self, folder: Path) -> None:
        self.cloud = MemoryCloud(folder, ("dev",))
        self.endpoints = MemoryBatches()
        self.told: list[str] = []

    def batches(self) -> RecordedBatches:
        """As a new command has them."""
        site = Site(records=self.cloud.records["dev"], endpoints=self.cloud.endpoints, ids={}, batch=self.endpoints,
                    jobs=self.cloud.jobs, requests=MemoryRequests(), batch_places={"nightly": PLACE})  # fmt: skip
        return RecordedBatches(
            {"dev": site}, folder_of=lambda _: Path(), row_schema=lambda _: {"type": "object"},
            pace=Pace(first_seconds=0.001, longest_seconds=0.002),
        )  # fmt: skip

    def served(self, version: int) -> ServedModel:
        return serving_kit.served(version)

    def deploy(self, version: int) -> None:
        self.batches().deploy(SETTINGS, self.served(version), who="ada")

    def predict(self) -> list[object]:
        batches = self.batches()
        deployment = batches.deployment("nightly", "dev")
        return list(batches.predict(deployment, ROWS, who="ada", told=self.told.append))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_the_version_that_works_is_on_record_with_the_one_before(bench: Bench) -> None:
    bench.deploy(1)
    bench.deploy(1)
    bench.deploy(2)
    found = bench.batches().deployment("nightly", "dev")

    previous = None if found.previous is None else found.previous.version
    assert (found.served.version, previous, found.deployed_by) == (2, 1, "ada")
    assert bench.endpoints.deployed == [1, 1, 2]


def test_rows_are_predicted_by_a_job_that_is_waited_for(bench: Bench) -> None:
    bench.deploy(1)

    assert bench.predict() == ["1:[('tenure', 3)]", "1:[('tenure', 40)]"]
    (name,) = bench.endpoints.submitted
    assert bench.told == [f"job {name} at the cloud: https://cloud.example/{name}"]


def test_the_same_again_gives_what_was_predicted_and_another_version_predicts_anew(bench: Bench) -> None:
    bench.deploy(1)
    first, again = bench.predict(), bench.predict()
    bench.deploy(2)
    other = bench.predict()

    assert (first == again, other[0], len(bench.endpoints.submitted)) == (True, "2:[('tenure', 3)]", 2)
    assert bench.told[1].startswith("nothing changed since job nightly-")


def test_a_command_that_died_is_gone_on_with(bench: Bench) -> None:
    class DiedError(Exception):
        """The command is gone."""

    def die() -> None:
        raise DiedError

    bench.deploy(1)
    bench.endpoints.meanwhile = die
    with pytest.raises(DiedError):
        bench.predict()
    bench.endpoints.meanwhile = lambda: None

    assert bench.predict() == ["1:[('tenure', 3)]", "1:[('tenure', 40)]"]
    assert len(bench.endpoints.submitted) == 1
    assert bench.told[0].startswith("going on with job nightly-")


def test_ctrl_c_cancels_the_job_and_waits_for_its_end(bench: Bench) -> None:
    bench.deploy(1)
    bench.endpoints.looks = 1000
    pressed: list[int] = []

    def press_once() -> None:
        if not pressed:
            pressed.append(1)
            os.kill(os.getpid(), signal.SIGINT)

    bench.endpoints.meanwhile = press_once
    with pytest.raises(CancelledError, match="was cancelled"):
        bench.predict()

    assert len(bench.endpoints.cancelled) == 1
    bench.endpoints.looks = 1
    assert bench.predict() == ["1:[('tenure', 3)]", "1:[('tenure', 40)]"]
    assert [name.rpartition("-")[2] for name in bench.endpoints.submitted] == ["1", "2"]


def test_a_job_that_failed_says_why_and_is_tried_anew(bench: Bench) -> None:
    bench.deploy(1)
    bench.endpoints.fails = "no machines"
    with pytest.raises(ResourceFailedError, match="failed: no machines") as failed:
        bench.predict()
    assert failed.value.where is not None
    bench.endpoints.fails = ""

    assert bench.predict() == ["1:[('tenure', 3)]", "1:[('tenure', 40)]"]


def test_a_job_that_was_deleted_behind_our_back_has_failed(bench: Bench) -> None:
    bench.deploy(1)
    bench.endpoints.looks = 1000
    bench.endpoints.meanwhile = bench.endpoints.jobs.clear

    with pytest.raises(ResourceFailedError, match="there is no job id-nightly-"):
        bench.predict()


def test_predictions_that_were_deleted_are_made_again(bench: Bench) -> None:
    bench.deploy(1)
    first = bench.predict()
    bench.endpoints.lose(bench.endpoints.submitted[0])

    assert bench.predict() == first
    assert len(bench.endpoints.submitted) == 2


def test_of_two_who_deploy_at_once_the_second_is_told(bench: Bench) -> None:
    class Overtaken(MemoryBatches):
        def deploy(self, place: object, served: ServedModel, *, seconds: float) -> None:
            if served.version == 1:
                bench.endpoints = MemoryBatches()
                bench.deploy(2)

    bench.endpoints = Overtaken()
    with pytest.raises(LockedError):
        bench.deploy(1)
    assert bench.batches().deployment("nightly", "dev").served.version == 2


@pytest.mark.parametrize(("name", "environment"), [("nightly", "dev"), ("weekly", "dev"), ("nightly", "prod")])
def test_where_nothing_works_it_is_said_how_to_change_that(bench: Bench, name: str, environment: str) -> None:
    with pytest.raises(NotFoundError) as missing:
        bench.batches().deployment(name, environment)
    assert missing.value.hint == f"groundplan deploy {name} -e {environment}"
