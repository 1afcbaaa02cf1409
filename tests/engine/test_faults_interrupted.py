"""An engine or a provider that dies in the middle: what is left, what the next command says, and that it mends.

The clouds are stand-ins: how long a real one goes on with what it began is not proved.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from groundplan.core.errors import LockedError, ResourceFailedError
from groundplan.stacks.engine.operations import Driver
from groundplan.stacks.engine.recovery import InterruptedStackError, interruptions, refuse_interrupted
from groundplan.stacks.engine.recovery_files import StateFiles, state_files
from groundplan.stacks.engine.recovery_repair import Repair, examine, note_unanswered, repair, unlock

import toy_cloud
from stand_in import StandIn

DEAD_PID = 2**22 + 1
"""Above what Linux gives to processes."""


def files_of(driver: Driver) -> StateFiles:
    found = state_files(driver.project, "dev")
    assert found is not None
    return found


def lock(driver: Driver, *, pid: int = DEAD_PID, host: str | None = None) -> Path:
    """A lock as the engine writes it."""
    folder = files_of(driver).state.parents[2] / "locks" / "organization" / "toy" / "dev"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "0b8e4be5.json"
    path.write_text(
        json.dumps({"pid": pid, "username": "ci", "hostname": host or socket.gethostname(),
                    "timestamp": "2026-11-21T07:32:00Z"})
    )  # fmt: skip
    return path


def fates(done: Repair) -> list[tuple[str, str, str]]:
    return [(one.doing, one.name, one.fate) for one in done.unfinished]


def test_an_engine_killed_in_a_create_is_repaired_and_the_next_up_finishes(cloud: StandIn, root: Path) -> None:
    driver = toy_cloud.driver(root)
    program = toy_cloud.program(root, "dev")
    cloud.fault("kill-engine", type=":StorageAccount", done=True)

    killed = driver.up("dev", program)
    found = interruptions(driver.project, "dev", driver.state("dev"))
    with pytest.raises(LockedError) as refused:
        refuse_interrupted(driver.project, "dev", driver.state("dev"))
    mended = repair(driver, "dev", confirmed=False)
    again = driver.up("dev", program)
    last = driver.preview("dev", program)

    assert killed.error is not None
    assert [(one.kind, one.hint) for one in found] == [
        ("lock", "groundplan repair --environment dev"),
        ("pending", "groundplan repair --environment dev"),
    ]
    assert "no longer running" in refused.value.message
    assert fates(mended) == [("creating", "one", "adopted")]
    assert [one.owner for one in mended.locks] == ["dead"]
    assert (again.error, last.changes) == (None, ())
    assert cloud.called("Create") == ["group", "one"]
    assert interruptions(driver.project, "dev", driver.state("dev")) == ()


def test_a_dry_run_says_what_is_broken_and_changes_nothing(cloud: StandIn, root: Path) -> None:
    driver = toy_cloud.driver(root)
    cloud.fault("kill-engine", type=":StorageAccount")
    driver.up("dev", toy_cloud.program(root, "dev"))
    before = files_of(driver).state.read_bytes()

    found = examine(driver, "dev")

    assert fates(found) == [("creating", "one", "settled")]
    assert [one.owner for one in found.locks] == ["dead"]
    assert files_of(driver).state.read_bytes() == before
    assert len(files_of(driver).locks) == 1


def test_the_rescue_copy_is_its_owner_s_alone_and_holds_no_secret_in_plain_text(cloud: StandIn, root: Path) -> None:
    driver = toy_cloud.driver(root)
    driver.up("dev", toy_cloud.program(root, "dev"))
    toy_cloud.change(root, accounts=["one", "two"])
    cloud.fault("kill-engine", type=":StorageAccount")
    driver.up("dev", toy_cloud.program(root, "dev"))

    rescue = repair(driver, "dev", confirmed=False).rescue

    assert rescue is not None
    assert rescue.stat().st_mode & 0o777 == 0o600
    assert "CANARY" not in rescue.read_text()
    assert "ciphertext" in rescue.read_text()
    assert [path.name for path in rescue.parent.iterdir()] == [rescue.name]


KILLS = [
    ("up", "Create", "group", True),
    ("up", "Create", "one", False),
    ("change", "Update", "one", True),
    ("destroy", "Delete", "one", True),
    ("destroy", "Delete", "group", False),
]


def test_an_engine_killed_at_every_call_in_turn_converges_and_leaves_nothing_unnamed(
    cloud: StandIn, root: Path
) -> None:
    driver = toy_cloud.driver(root)
    program = toy_cloud.program(root, "dev")
    named: list[tuple[str, str, str]] = []
    for operation, method, name, done in KILLS:
        if operation == "change":
            driver.up("dev", program)
            toy_cloud.change(root, sku="Standard_GRS")
        cloud.fault("kill-engine", method=method, name=name, done=done)
        killed = driver.destroy("dev") if operation == "destroy" else driver.up("dev", program)
        assert killed.error is not None
        named += fates(repair(driver, "dev", confirmed=False))
    gone = driver.destroy("dev")

    assert named == [
        ("creating", "group", "adopted"), ("creating", "one", "not there"), ("updating", "one", "settled"),
        ("deleting", "one", "settled"), ("deleting", "group", "settled"),
    ]  # fmt: skip
    assert (gone.error, cloud.store.resources) == (None, {})
    assert cloud.called("Create") == ["group", "one", "one"]


def test_a_provider_that_dies_among_creates_leaves_resources_that_repair_finds(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["one", "three", "two"]
    toy_cloud.change(root, accounts=names)
    with StandIn(tmp_path / "own", process=True) as cloud:
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
        driver, program = toy_cloud.driver(root), toy_cloud.program(root, "dev")
        cloud.fault("slow", type=":StorageAccount", times=2, seconds=60, done=True)
        cloud.fault("crash", type=":StorageAccount", after=2, done=True)
        died = driver.up("dev", program)
        suspects = note_unanswered(driver, died)
        made = [one["urn"] for one in cloud.store.of_type(":StorageAccount")]
        cloud.start()
        monkeypatch.setenv("PULUMI_DEBUG_PROVIDERS", cloud.environment()["PULUMI_DEBUG_PROVIDERS"])
        with pytest.raises(InterruptedStackError) as refused:
            refuse_interrupted(driver.project, "dev", driver.state("dev"))
        mended = repair(driver, "dev", confirmed=False)
        again = driver.up("dev", program)

        assert isinstance(died.error, ResourceFailedError)
        assert "it may exist unseen" in refused.value.message
        assert sorted(one.urn for one in suspects) == [toy_cloud.urn("dev", name) for name in names]
        assert sorted(one.urn for one in mended.unfinished if one.fate == "adopted") == sorted(made)
        assert (again.error, driver.preview("dev", program).changes) == (None, ())
        assert interruptions(driver.project, "dev", driver.state("dev")) == ()


def test_a_lock_of_a_dead_process_of_this_machine_is_taken_away_by_itself(cloud: StandIn, root: Path) -> None:
    driver = toy_cloud.driver(root)
    path = lock(driver)

    released = unlock(driver, "dev", confirmed=False)

    assert [(one.user, one.pid, one.since, one.owner) for one in released] == [
        ("ci", DEAD_PID, "2026-11-21T07:32:00Z", "dead")
    ]
    assert not path.exists()


def test_a_lock_of_another_machine_stays_until_somebody_confirms(cloud: StandIn, root: Path) -> None:
    driver = toy_cloud.driver(root)
    path = lock(driver, host="build-7.example.com")

    with pytest.raises(LockedError) as refused:
        repair(driver, "dev", confirmed=False)
    kept = path.exists()
    released = unlock(driver, "dev", confirmed=True)

    assert refused.value.message == (
        f"stack dev is locked by ci@build-7.example.com, process {DEAD_PID} (on another machine), "
        "since 2026-11-21T07:32:00Z"
    )
    assert refused.value.hint.endswith("groundplan unlock --environment dev --confirm")
    assert kept
    assert ([one.owner for one in released], path.exists()) == (["elsewhere"], False)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}'])
def test_a_lock_that_does_not_say_whose_it_is_stays_until_somebody_confirms(
    cloud: StandIn, root: Path, content: str
) -> None:
    driver = toy_cloud.driver(root)
    lock(driver).write_text(content)

    with pytest.raises(LockedError, match="does not say whose it is"):
        unlock(driver, "dev", confirmed=False)

    assert [one.owner for one in unlock(driver, "dev", confirmed=True)] == ["unknown"]


def test_what_was_made_and_never_written_down_is_found_by_repair(cloud: StandIn, root: Path) -> None:
    # As after an update whose backend went away; the engine itself tries for a minute before it gives up saving.
    driver = toy_cloud.driver(root)
    program = toy_cloud.program(root, "dev")
    driver.up("dev", program)
    before = files_of(driver).state.read_bytes()
    toy_cloud.change(root, accounts=["one", "two"])
    unsaved = driver.up("dev", program)
    files_of(driver).state.write_bytes(before)

    suspects = note_unanswered(driver, unsaved)
    mended = repair(driver, "dev", confirmed=False)

    assert [one.inputs["accountName"] for one in suspects] == ["toydevtwo"]
    assert fates(mended) == [("creating", "two", "adopted")]
    assert driver.preview("dev", program).changes == ()
    assert interruptions(driver.project, "dev", driver.state("dev")) == ()


@pytest.mark.parametrize(
    ("kind", "answer", "done", "suspected", "creates"),
    [
        ("error", "Status=503 the service broke off", True, ["one"], 1),
        ("error", "Status=400 the service does not want to", False, [], 2),
        ("init-failed", "the service is not ready", True, [], 1),
    ],
)
def test_a_create_that_fails_among_others_under_way_leaves_nothing_unnamed(
    cloud: StandIn, root: Path, kind: str, answer: str, done: bool, suspected: list[str], creates: int
) -> None:
    # A cloud that broke off may have made it, one that refused has not, and what is half made the engine writes down.
    toy_cloud.change(root, accounts=["four", "one", "three", "two"])
    driver, program = toy_cloud.driver(root), toy_cloud.program(root, "dev")
    for name in ("four", "three", "two"):
        cloud.fault("slow", name=name, seconds=1)
    cloud.fault(kind, name="one", done=done, message=answer)

    suspects = note_unanswered(driver, driver.up("dev", program))
    mended = repair(driver, "dev", confirmed=False)
    again, last = driver.up("dev", program), driver.preview("dev", program)

    assert [one.urn for one in suspects] == [toy_cloud.urn("dev", name) for name in suspected]
    assert fates(mended) == [("creating", name, "adopted") for name in suspected]
    assert (again.error, last.changes) == (None, ())
    assert cloud.called("Create") == sorted(["four", "group", *["one"] * creates, "three", "two"])
