"""Records under kills, rivals and damage: whatever is cut short the next command finishes, and nobody's work is lost.

A cloud in memory stands in for a real one here; test_records_on_clouds.py shows that theirs keep the same contract.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from groundplan.core.errors import (
    LockedError,
    NotFoundError,
    PolicyError,
    StoreCorruptedError,
)
from groundplan.lifecycle import rollout, rollouts
from groundplan.lifecycle.contract.deployment import ServedModel
from groundplan.lifecycle.contract.records import Record
from groundplan.lifecycle.contract.retraining import RetrainingDecision
from groundplan.lifecycle.contract.serving import DeployedModel
from groundplan.lifecycle.recorded.retrainings import RecordedRetrainings

from conformance_kit import SETTINGS, RecordedRig, good, remove_copies
from memory_cloud import Fuse, Killed, MemoryRecords
from registry_kit import MODEL, make_verdict


@pytest.fixture
def rig(tmp_path: Path) -> RecordedRig:
    return RecordedRig(tmp_path, copies=50)


def _story(rig: RecordedRig) -> Callable[[float], None]:
    """From a version that serves to the next one at half of the requests, begun at a minute; it may be told again."""

    def tell(begun: float) -> None:
        version = rig.promote(rig.register("b"), to="dev")
        assert version.stage == "dev"
        rig.deploy("canary", after=begun)
        for phase in (0, 1):
            if rig.current().phase == phase:
                rig.look(begun + 2 * (phase + 1))

    rig.serve("a")
    rig.tell(good(1), good(2, mirrored=100))
    return tell


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
def test_killed_at_any_change_the_next_command_comes_to_the_same_end(tmp_path: Path, done: bool) -> None:
    whole = RecordedRig(tmp_path / "whole", copies=50)
    story = _story(whole)
    begun = whole.cloud.fuse.changes
    story(0)
    count = whole.cloud.fuse.changes - begun
    wanted = _outcome(whole)

    for number in range(count):
        rig = RecordedRig(tmp_path / str(number), copies=50)
        story = _story(rig)
        rig.cloud.fuse.left, rig.cloud.fuse.done = number, done
        with pytest.raises(Killed):
            story(0)
        rig.cloud.fuse.left = None
        story(10)
        assert _outcome(rig) == wanted, f"killed at change {number} of {count}"


def _outcome(rig: RecordedRig) -> object:
    """All that a kill must not change: stages, labels, traffic, and every line of the log exactly once."""
    platform = rig.platform()
    lines = [(one.sequence, one.action, one.version, one.environment) for one in platform.models.audit_log()]
    marks = {number: one.stages for (_, number), one in rig.cloud.registry.known.items()}
    kinds = [one.kind for one in rig.current().history if one.kind != "held"]
    return rig.stages(), marks, dict(rig.shares()), [line for line in lines if line[1] != "rollout"], kinds


def test_of_two_operators_who_promote_at_once_the_second_is_told_what_the_first_did(rig: RecordedRig) -> None:
    first, second = rig.register("a"), rig.register("b")
    mine = rig.platform()
    rig.cloud.records["dev"].meanwhile = lambda name: rig.promote(first) and None

    with pytest.raises(LockedError) as caught:
        mine.models.move(second, to="dev", who="bob", reason="", evidence=None, verdict=make_verdict("dev"),
                         override=None, approved_by=())  # fmt: skip

    said = caught.value.message
    assert said.startswith("the versions of churn were changed meanwhile: ada did at ")
    assert said.endswith(": promote churn v1 to dev")
    assert rig.stages() == {1: ("dev", "registered"), 2: (None, "registered")}
    assert rig.promote(second).stage == "dev"
    assert [one.action for one in mine.models.audit_log()] == ["register", "register", "promote", "promote"]


def test_of_two_operators_who_steer_a_rollout_the_second_is_told_what_the_first_did(rig: RecordedRig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))
    rig.deploy("canary")
    seen = rig.current()
    rollouts.change(rig.platform(), seen, partial(rollout.pause, who="ada", reason="looking", now=rig.at(1)))

    with pytest.raises(LockedError, match=r"was changed meanwhile: ada paused it at .*: looking"):
        rollouts.change(rig.platform(), seen, partial(rollout.abort, who="bob", reason="no", now=rig.at(1)))

    assert (rig.current().status, rig.shares()) == ("paused", {1: 100})


def test_what_a_command_remembers_of_a_rollout_overwrites_nothing_that_was_decided_since(rig: RecordedRig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))
    rig.deploy("canary")
    mine = rig.platform()
    seen = mine.rollouts.current("churn", "dev")
    assert seen is not None
    rollouts.change(rig.platform(), seen, partial(rollout.pause, who="ada", reason="looking", now=rig.at(1)))

    with pytest.raises(LockedError, match=r"was changed meanwhile: ada paused it at .*: looking"):
        rollouts.change(mine, seen, partial(rollout.abort, who="bob", reason="no", now=rig.at(1)))

    assert (rig.current().status, rig.shares()) == ("paused", {1: 100})
    rollouts.change(mine, rig.current(), partial(rollout.resume, who="bob", reason="", now=rig.at(2)))
    assert rig.current().status == "running"


def test_of_two_operators_who_begin_a_rollout_one_does(rig: RecordedRig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))
    state = rig.deploy("canary")
    assert state is not None
    rival = replace(state, id="20260101T000000-ffffff")

    with pytest.raises(LockedError, match="the rollout of churn version 2 at churn@dev was changed meanwhile: ada"):
        rig.platform().rollouts.keep(rival)

    assert rig.current().id == state.id


def test_a_deployment_that_somebody_else_changed_meanwhile_is_not_overwritten(rig: RecordedRig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    mine = rig.platform()
    served = _served(rig, 2)
    rig.cloud.records["dev"].meanwhile = lambda name: rig.deploy() and None

    with pytest.raises(LockedError, match="what is served at churn@dev was changed meanwhile: ada deployed churn"):
        mine.endpoints.add(SETTINGS, served, who="bob")

    assert rig.shares() == {2: 100}


def _served(rig: RecordedRig, version: int) -> ServedModel:
    found = rig.platform().models.get(MODEL, version)
    return ServedModel(
        name=MODEL, version=version, digest=found.digest, path=found.path, task="classification",
        trusted_types=found.trusted_types,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["models/churn.json", "rollouts/churn/current.json", "deployments/churn.json"])
@pytest.mark.parametrize("text", ["", "{", "[]", '{"versions": 3}', "\x00"])
def test_a_record_that_is_damaged_is_named(rig: RecordedRig, name: str, text: str) -> None:
    rig.serve("a")
    rig.cloud.records["dev"].documents[name] = Record(text=text, tag="t")
    platform = rig.platform()

    with pytest.raises(StoreCorruptedError, match=f"the record {name} is damaged"):
        _ = (platform.models.list(), platform.rollouts.all(), platform.endpoints.states())


def test_evidence_that_was_changed_is_refused_although_this_machine_has_a_copy(rig: RecordedRig) -> None:
    version = rig.register("a")
    records = rig.cloud.records["dev"]
    name = next(name for name in records.documents if name.startswith("evidence/"))
    records.documents[name] = Record(text=records.documents[name].text.replace("0.9", "0.99"), tag="t")

    with pytest.raises(StoreCorruptedError, match="the evidence of churn v1 was changed: expected sha256:"):
        rig.promote(version)
    remove_copies(rig.folder)

    assert rig.platform().models.get(MODEL, 1).evidence is None


def test_another_machine_sees_what_this_one_did(rig: RecordedRig) -> None:
    rig.serve("a")
    platform = rig.platform()
    before = (platform.models.list(), platform.endpoints.deployment("churn", "dev"), platform.models.audit_log())
    card = platform.models.card(before[0][0])
    remove_copies(rig.folder)

    other = rig.platform()

    assert (other.models.list(), other.endpoints.deployment("churn", "dev"), other.models.audit_log()) == before
    assert card is not None
    assert other.models.card(before[0][0]) == card
    other.models.verify(before[0][0])


def test_an_environment_that_is_not_provisioned_has_nothing_and_stops_nobody(rig: RecordedRig) -> None:
    rig.cloud.records["staging"].gone = True
    rig.serve("a")

    assert [one.plan.environment for one in rig.platform().rollouts.all()] == ["dev"]
    assert [one.deployment.settings.environment for one in rig.platform().endpoints.states()] == ["dev"]


def test_a_store_that_is_not_there_is_no_empty_one(rig: RecordedRig) -> None:
    for records in rig.cloud.records.values():
        records.gone = True
    platform = rig.platform()

    for ask in (platform.models.list, platform.models.audit_log, platform.models.recover, platform.rollouts.all):
        with pytest.raises(NotFoundError, match="the store is not there"):
            ask()


def test_what_somebody_else_deployed_is_told_and_its_requests_are_not_taken_away(rig: RecordedRig) -> None:
    rig.serve("a")
    there = rig.cloud.endpoints.there["churn-dev"]
    there[1] = replace(there[1], traffic=70)
    there[99] = DeployedModel(endpoint="churn-dev", id="by-hand", model="other", version="3", traffic=30)
    platform = rig.platform()
    said = "by-hand (other version 3), which groundplan did not deploy, gets 30 % of the requests of endpoint 'churn'"

    with pytest.raises(PolicyError) as caught:
        platform.endpoints.traffic("churn", "dev")

    assert caught.value.message == said
    assert [(one.health, one.detail) for one in platform.endpoints.states()] == [("unhealthy", said)]


def test_an_endpoint_answers_tells_and_goes(rig: RecordedRig) -> None:
    rig.serve("a")
    endpoints = rig.platform().endpoints
    deployment = endpoints.deployment("churn", "dev")

    assert deployment.url == "https://churn-dev.example.com/score"
    assert endpoints.predict(deployment, [{"age": 40}])["predictions"] == ["yes"]
    assert endpoints.row_schema(deployment) == {"path": "v1"}
    assert endpoints.log("churn", "dev").read_text() == "--- version 1\nversion 1 is ready\n"
    resumed = endpoints.resume("churn", "dev")
    assert (endpoints.places(), resumed and resumed.health) == ([("churn", "dev")], "ready")
    assert endpoints.resume("churn", "prod") is None
    with pytest.raises(PolicyError, match="version 1 still gets requests"):
        endpoints.remove("churn", "dev", 1)
    endpoints.undeploy("churn", "dev")
    assert (list(endpoints.states()), rig.shares()) == ([], {})
    for ask in (endpoints.undeploy, endpoints.deployment, endpoints.log, endpoints.versions):
        with pytest.raises(NotFoundError, match="nothing is deployed at endpoint 'churn' in 'dev'"):
            ask("churn", "dev")


def test_an_endpoint_that_the_config_does_not_have_is_not_found(rig: RecordedRig) -> None:
    with pytest.raises(NotFoundError) as caught:
        rig.platform().endpoints.deployment("chrun", "dev")

    assert caught.value.problems[0].hint == "Did you mean 'churn@dev'?"


def test_a_change_of_the_cloud_that_somebody_else_made_meanwhile_is_a_lock(rig: RecordedRig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.cloud.endpoints.busy = True

    with pytest.raises(LockedError, match="somebody else changed the endpoint meanwhile"):
        rig.deploy()

    assert rig.shares() == {1: 100}


def test_a_version_that_another_folder_replaced_in_the_registry_is_not_taken(rig: RecordedRig) -> None:
    version = rig.serve("a")
    del rig.cloud.registry.known[MODEL, 1]

    with pytest.raises(StoreCorruptedError, match="churn v1 is gone; expected sha256:"):
        rig.platform().models.verify(version)


def test_decisions_on_retraining_are_kept_and_the_last_word_on_each_counts() -> None:
    records = MemoryRecords(Fuse())
    made = RetrainingDecision(
        id="1", when="2026-11-21T12:00:00.000Z", model=MODEL, environment="dev", decision="retrain", trigger="drift",
        reasons={"drift": "age"},
    )  # fmt: skip
    kept = RecordedRetrainings(records)
    for one in (made, made, replace(made, id="2", decision="no", trigger=None), replace(made, outcome="won")):
        kept.keep(one)

    assert kept.decisions(MODEL) == (replace(made, outcome="won"), replace(made, id="2", decision="no", trigger=None))
    assert RecordedRetrainings(records).decisions("other") == ()
    records.documents[f"retrainings/{MODEL}/lines-00000001.jsonl"] = Record(text="{}\n", tag="t")
    with pytest.raises(StoreCorruptedError, match="the record of retrainings is damaged at line 1"):
        kept.decisions(MODEL)
