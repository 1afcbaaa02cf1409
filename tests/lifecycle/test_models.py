"""The registry on MLflow's store: versions, stages, and changes that no kill and no rival breaks.

A power cut is not played; it rests on the flushes of core/files.py and SQLite's own journal.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import digests
from groundplan.core.errors import (
    GroundplanError,
    NotFoundError,
    PolicyError,
    StoreCorruptedError,
    UsageError,
)
from groundplan.lifecycle.contract.model import ModelVersion, Override
from groundplan.lifecycle.local import tracking

from registry_kit import LINEAGE, MODEL, Project, changed, make_evidence, make_verdict

KILLS = Path(__file__).parents[1] / "support" / "kill_registry.py"


def test_a_version_comes_back_as_it_was_registered(project: Project) -> None:
    version = project.register("a", accuracy=0.8)

    source = project.root / "made" / "a"
    assert version.evidence is not None
    assert version == ModelVersion(
        name=MODEL, version=1, stage=None, status="registered", digest=digests.of_path(source), path=version.path,
        created=version.created, lineage=LINEAGE,
        evidence=make_evidence(digests.of_path(source), made=version.evidence.made, accuracy=0.8),
        verdict=make_verdict(), overrides=(), trusted_types=("numpy.dtype",),
        size_bytes=sum(file.stat().st_size for file in source.rglob("*") if file.is_file()),
    )  # fmt: skip
    assert project.fresh().get(MODEL, 1) == version
    assert digests.of_path(version.path) == version.digest
    assert version.path.is_relative_to(project.layout.artifacts)
    assert {file.stat().st_mode & 0o222 for file in version.path.rglob("*") if file.is_file()} == {0}


def test_the_same_model_again_is_the_version_it_has(project: Project) -> None:
    first = project.register("a")
    log = project.layout.audit_log.read_text()

    assert project.register("a") == first
    assert project.layout.audit_log.read_text() == log
    assert [version.version for version in project.models.list()] == [1]


def test_a_model_that_changed_after_its_evaluation_is_not_registered(project: Project) -> None:
    project.register("a")
    wanted = digests.of_path(project.root / "made" / "a")
    (project.root / "made" / "a" / "model.skops").write_bytes(b"another model")
    (project.models.list()[0].path / "model.skops").chmod(0o644)
    (project.models.list()[0].path / "model.skops").write_bytes(b"broken")

    with pytest.raises(StoreCorruptedError) as caught:
        project.models.register(
            name=MODEL, source=project.root / "made" / "a", digest=wanted, lineage=LINEAGE,
            evidence=make_evidence(wanted), verdict=make_verdict(), override=None, trusted_types=[], who="ada",
        )  # fmt: skip

    found = digests.of_path(project.root / "made" / "a")
    assert caught.value.message == f"the model was changed: expected {wanted}, found {found}"


def test_registering_again_replaces_a_damaged_copy(project: Project) -> None:
    version = project.register("a")
    (version.path / "model.skops").unlink()

    project.register("a")

    project.models.verify(version)


def test_a_promotion_retires_the_version_that_was_there(project: Project) -> None:
    first, second = project.register("a"), project.register("b")
    project.move(project.move(first, "dev"), "staging")
    project.move(project.move(second, "dev"), "staging")

    assert changed(project.models.list()) == {1: (None, "retired"), 2: ("staging", "registered")}
    entry = project.models.audit_log()[-1]
    assert (entry.action, entry.version, entry.environment, entry.details["retired"]) == ("promote", 2, "staging", 1)


def test_mlflow_shows_models_aliases_evidence_and_cards(project: Project) -> None:
    version = project.move(project.register("a"), "dev")
    project.models.describe(version, "# churn")

    client = tracking.open_store(project.layout)
    shown = client.get_model_version_by_alias(MODEL, "dev")

    assert (int(shown.version), shown.description, shown.tags["groundplan.gate"]) == (1, "# churn", "passed (dev)")
    assert shown.source == version.path.as_uri()
    assert client.get_registered_model(MODEL).aliases == {"dev": 1}
    assert (project.layout.registry / "cards" / "churn-v1.md").read_text() == "# churn"


def test_an_alias_that_another_tool_moved_is_no_stage(project: Project) -> None:
    project.move(project.register("a"), "dev")
    project.register("b")

    tracking.open_store(project.layout).set_registered_model_alias(MODEL, "dev", "2")

    assert project.stages() == {1: None, 2: None}


def test_models_that_others_registered_are_left_alone(project: Project) -> None:
    client = tracking.open_store(project.layout)
    client.create_registered_model(MODEL)
    client.create_model_version(MODEL, "file:///elsewhere")

    version = project.register("a")

    assert version.version == 2
    assert [one.version for one in project.models.list()] == [2]


def test_moving_twice_is_moving_once(project: Project) -> None:
    version = project.register("a")
    moved = project.move(version, "dev")
    log = project.models.audit_log()

    assert project.move(moved, "dev") == moved
    assert project.models.audit_log() == log


def test_a_version_that_was_moved_meanwhile_is_not_moved_from_where_it_was(project: Project) -> None:
    version = project.register("a")
    project.models.reject(version, who="bob", reason="bad data")

    with pytest.raises(PolicyError, match="churn v1 was changed meanwhile: it is rejected in no stage"):
        project.move(version, "dev")


def test_a_rejected_version_leaves_its_stage(project: Project) -> None:
    version = project.move(project.register("a"), "dev")

    rejected = project.models.reject(version, who="bob", reason="bad data")

    assert (rejected.stage, rejected.status) == (None, "rejected")
    assert project.models.reject(version, who="bob", reason="again") == rejected
    assert [entry.reason for entry in project.models.audit_log() if entry.action == "reject"] == ["bad data"]


def test_rolling_back_goes_back_one_version_at_a_time_and_stops_at_the_first(project: Project) -> None:
    for marker in ("a", "b", "c"):
        project.move(project.register(marker), "dev")

    back = [project.models.rollback(MODEL, "dev", who="bob", reason="errors").version for _ in range(2)]

    assert back == [2, 1]
    assert changed(project.models.list()) == {3: (None, "retired"), 2: (None, "retired"), 1: ("dev", "registered")}
    with pytest.raises(NotFoundError, match="no version to go back to in dev"):
        project.models.rollback(MODEL, "dev", who="bob", reason="errors")


def test_rolling_back_passes_over_rejected_versions_and_fills_an_emptied_stage(project: Project) -> None:
    versions = [project.move(project.register(marker), "dev") for marker in ("a", "b", "c")]
    project.models.reject(versions[1], who="bob", reason="bad data")
    project.models.reject(versions[2], who="bob", reason="bad data")

    assert project.models.rollback(MODEL, "dev", who="bob", reason="errors").version == 1


def test_rolling_back_to_a_tampered_version_is_refused(project: Project) -> None:
    first = project.move(project.register("a"), "dev")
    project.move(project.register("b"), "dev")
    (first.path / "MLmodel").chmod(0o644)
    (first.path / "MLmodel").write_text("marker: evil")

    with pytest.raises(StoreCorruptedError, match="churn v1 was changed"):
        project.models.rollback(MODEL, "dev", who="bob", reason="errors")

    assert project.stages() == {1: None, 2: "dev"}


@pytest.mark.parametrize("damage", ["changed", "gone", "added"])
def test_a_tampered_model_is_refused_with_both_digests(project: Project, damage: str) -> None:
    version = project.register("a")
    file = version.path / "model.skops"
    if damage == "gone":
        file.unlink()
    elif damage == "added":
        (version.path / "model.pkl").write_bytes(b"\x80\x04.")
    else:
        file.chmod(0o644)
        file.write_bytes(b"evil")

    with pytest.raises(StoreCorruptedError) as caught:
        project.fresh().verify(version)

    assert caught.value.message == (
        f"churn v1 was changed: expected {version.digest}, found {digests.of_path(version.path)}"
    )


def test_evidence_that_was_edited_counts_for_nothing_and_is_refused(project: Project) -> None:
    version = project.register("a")
    (evidence,) = version.path.parent.glob("evidence-*.json")
    evidence.chmod(0o644)
    evidence.write_text(evidence.read_text().replace("0.9", "0.99"))

    assert project.fresh().get(MODEL, 1).evidence is None
    with pytest.raises(StoreCorruptedError, match="the evidence of churn v1 was changed"):
        project.fresh().verify(version)


def test_a_registry_that_was_never_used_is_empty_and_writes_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path)

    assert (list(project.models.list()), list(project.models.audit_log())) == ([], [])
    assert list(tmp_path.iterdir()) == []


def test_a_project_that_was_moved_keeps_its_models(project: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    project.move(project.register("a"), "dev")
    moved = Project(project.root.rename(tmp_path_factory.mktemp("elsewhere") / "project"))

    (version,) = moved.models.list()
    moved.models.verify(version)

    assert (version.stage, version.path.is_relative_to(moved.root)) == ("dev", True)


def test_an_unknown_version_is_said_with_the_known_ones(project: Project) -> None:
    project.register("a")

    with pytest.raises(NotFoundError) as caught:
        project.models.get(MODEL, 7)

    assert (caught.value.message, caught.value.hint) == ("churn has no version 7", "Known: v1.")


def test_a_name_that_mlflow_keeps_is_no_environment(project: Project) -> None:
    with pytest.raises(UsageError, match="MLflow keeps the name 'latest'"):
        project.move(project.register("a"), "latest")

    assert project.models.recover() is None


def test_a_damaged_store_is_said_to_be_damaged(project: Project) -> None:
    project.register("a")
    project.layout.tracking_database.write_bytes(b"junk" * 1000)

    with pytest.raises(StoreCorruptedError, match="the tracking store is damaged"):
        project.fresh().list()


def test_a_store_that_is_gone_is_not_an_empty_registry(project: Project) -> None:
    project.register("a")
    project.layout.tracking_database.unlink()

    with pytest.raises(StoreCorruptedError, match="is gone although the audit log knows"):
        project.fresh().list()


def test_tags_that_were_changed_are_said(project: Project) -> None:
    project.register("a")
    tracking.open_store(project.layout).set_model_version_tag(MODEL, "1", "groundplan.lineage", "{")

    with pytest.raises(StoreCorruptedError, match="the registry's record of churn v1 is damaged"):
        project.fresh().list()


def test_an_override_is_a_line_of_its_own_in_the_log(project: Project) -> None:
    override = Override(person="eve", reason="holiday", environment="dev", when="2026-01-01T00:00:00.000Z",
                        failures=("roc_auc: found 0.7, expected at least 0.8",))  # fmt: skip

    version = project.register("a", passed=False, override=override)

    assert version.overrides == (override,)
    assert [(entry.action, entry.who, entry.reason) for entry in project.models.audit_log()] == [
        ("register", "ada", ""),
        ("override", "eve", "holiday"),
    ]


def test_rivals_that_promote_different_versions_leave_one_in_the_stage(project: Project) -> None:
    versions = [project.register(marker) for marker in ("a", "b", "c", "d")]
    failures: list[GroundplanError] = []

    def promote(version: ModelVersion) -> None:
        try:
            project.move(version, "dev", models=project.fresh())
        except GroundplanError as error:
            failures.append(error)

    rivals = [threading.Thread(target=promote, args=(version,)) for version in versions]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()

    assert failures == []
    assert sorted(str(stage) for stage in project.stages().values()) == ["None", "None", "None", "dev"]
    assert sum(entry.action == "promote" for entry in project.fresh().audit_log()) == 4


def test_a_rollback_can_name_a_version_further_back_and_other_rollbacks_in_the_log_change_nothing(
    project: Project,
) -> None:
    for marker in ("a", "b", "c"):
        project.move(project.register(marker), "dev")
    how: dict[str, Any] = {"who": "bob", "reason": "errors"}
    details: dict[str, object] = {"rollout": "r", "transition": 1}
    project.models.audit(**how, action="rollback", model=MODEL, version=1, environment="dev", details=details)

    with pytest.raises(NotFoundError, match="no version 3 to go back to in dev"):
        project.models.rollback(MODEL, "dev", **how, to=3)
    restored = project.models.rollback(MODEL, "dev", **how, to=1)

    assert (restored.version, project.stages()) == (1, {1: "dev", 2: None, 3: None})
    with pytest.raises(NotFoundError):
        project.models.previous(MODEL, "dev")


def test_a_kill_after_any_write_leaves_a_registry_that_the_next_command_puts_right(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for marker in ("a", "b"):
        project.move(project.register(marker), "dev")
    after: dict[str, object] = {
        "register": {"1": [None, "retired"], "2": ["dev", "registered"], "3": [None, "registered"]},
        "promote": {"1": [None, "retired"], "2": ["staging", "registered"]},
        "reject": {"1": [None, "retired"], "2": [None, "rejected"]},
        "rollback": {"1": ["dev", "registered"], "2": [None, "retired"]},
    }

    done = subprocess.run(
        [sys.executable, str(KILLS), str(project.root), str(tmp_path_factory.mktemp("kills")), *after],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stderr == ""
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    whole = {"entries": 5, "journal": False, "left_over": 0}
    assert outcomes == [
        {**whole, "action": one["action"], "killed": one["killed"], "between": min(one["between"], 1),
         "after": after[one["action"]]}
        for one in outcomes
    ]  # fmt: skip
    kills = Counter(one["action"] for one in outcomes if one["killed"])
    assert [one["action"] for one in outcomes if not one["killed"]] == list(after)
    assert {action: count > 10 for action, count in kills.items()} == dict.fromkeys(after, True)


def test_what_was_interrupted_is_said(project: Project) -> None:
    version = project.register("a")
    journal = project.layout.journal
    project.move(version, "dev")
    assert project.models.recover() is None

    journal.write_text(
        json.dumps(
            {"transaction": "t", "does": "reject churn v1", "entries": [],
             "steps": [{"do": "unalias", "name": MODEL, "alias": "dev"}]}
        )
    )  # fmt: skip

    assert project.fresh().recover() == "reject churn v1"
    assert project.fresh().recover() is None
    assert project.stages() == {1: None}
