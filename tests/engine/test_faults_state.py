"""A state file that is cut off, emptied, changed or gone: what is said of it, and what puts it back.

Only backends of plain files are damaged here; the versions that storage of a cloud keeps are not proved.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import NotFoundError
from groundplan.stacks.engine import recovery_state
from groundplan.stacks.engine.recovery import interruptions, refuse_interrupted
from groundplan.stacks.engine.recovery_files import StateFiles, state_files
from groundplan.stacks.engine.recovery_journal import Journal, Suspect
from groundplan.stacks.engine.recovery_state import StateDamagedError, copies, damage_of, restoration, restore
from groundplan.stacks.engine.workspace import Project, StateSettings
from hypothesis import given
from hypothesis import strategies as st

import toy_cloud
from stand_in import StandIn

STACK = "urn:pulumi:dev::toy::pulumi:pulumi:Stack::toy-dev"
PROVIDER = "urn:pulumi:dev::toy::pulumi:providers:azure-native::azure"
GROUP = "urn:pulumi:dev::toy::azure-native:resources:ResourceGroup::group"


def resources() -> list[dict[str, Any]]:
    return [
        {"urn": STACK, "type": "pulumi:pulumi:Stack"},
        {"urn": PROVIDER, "type": "pulumi:providers:azure-native", "id": "p1", "parent": STACK},
        {"urn": GROUP, "type": "azure-native:resources:ResourceGroup", "id": "g1", "parent": STACK,
         "provider": f"{PROVIDER}::p1", "dependencies": [PROVIDER]},
    ]  # fmt: skip


def checkpoint(entries: list[dict[str, Any]] | None = None, *, version: object = 3, time: str = "2026-11-20") -> bytes:
    latest = {"manifest": {"time": time}, "resources": resources() if entries is None else entries}
    return json.dumps({"version": version, "checkpoint": {"latest": latest}}).encode()


def without(position: int) -> list[dict[str, Any]]:
    entries = resources()
    del entries[position]
    return entries


@dataclass(frozen=True)
class Damaged:
    content: bytes
    code: str


DAMAGES = [
    Damaged(b"", "STATE_EMPTY"),
    Damaged(b" \n", "STATE_EMPTY"),
    Damaged(checkpoint()[:200], "STATE_TRUNCATED"),
    Damaged(b"\x00\xff\xfe", "STATE_NOT_JSON"),
    Damaged(b"version: 3\n", "STATE_NOT_JSON"),
    Damaged(b"[" * 100_000, "STATE_NOT_JSON"),
    Damaged(b"[]", "STATE_SHAPE"),
    Damaged(b'{"version": 3}', "STATE_SHAPE"),
    Damaged(b'{"version": 3, "checkpoint": {"latest": {"resources": [1]}}}', "STATE_SHAPE"),
    Damaged(checkpoint(version="three"), "STATE_VERSION"),
    Damaged(checkpoint(version=True), "STATE_VERSION"),
    Damaged(checkpoint(version=99), "STATE_NEWER"),
    Damaged(checkpoint(without(1)), "STATE_DANGLING"),
    Damaged(checkpoint(without(0)), "STATE_DANGLING"),
    Damaged(checkpoint([*resources(), resources()[2]]), "STATE_DUPLICATE"),
]


@pytest.mark.parametrize("damaged", DAMAGES, ids=lambda one: f"{one.code}-{one.content[:12]!r}")
def test_every_kind_of_damage_has_its_name(damaged: Damaged) -> None:
    found = damage_of(damaged.content)

    assert found is not None
    assert found.code == damaged.code


@pytest.mark.parametrize(
    "content",
    [
        checkpoint(),
        checkpoint([]),
        b'{"version": 3, "checkpoint": {"stack": "dev", "latest": null}}',
        checkpoint([*resources(), {**resources()[2], "delete": True}]),
    ],
)
def test_a_whole_state_has_no_damage(content: bytes) -> None:
    assert damage_of(content) is None


@given(st.integers(min_value=0, max_value=len(checkpoint()) - 1))
def test_a_state_cut_off_anywhere_is_seen_to_be_damaged(length: int) -> None:
    assert damage_of(checkpoint()[:length]) is not None


@given(st.binary(max_size=300))
def test_no_content_is_too_strange_to_be_judged(content: bytes) -> None:
    found = damage_of(content)

    assert found is not None
    assert found.code.startswith("STATE_")


@pytest.fixture
def files(tmp_path: Path) -> StateFiles:
    """The files of a stack that was deployed twice and is whole."""
    made = StateFiles(folder=tmp_path / "backend", project="toy", stack="dev")
    older, newer = without(2), resources()
    write(made.state, checkpoint(newer, time="2026-11-20T09:00:00Z"))
    write(made.state.with_name("dev.json.bak"), checkpoint(older, time="2026-11-20T08:00:00Z"))
    pulumi = made.state.parents[2]
    write(pulumi / "history/toy/dev/dev-2.checkpoint.json", checkpoint(newer, time="2026-11-20T08:59:00Z"))
    write(pulumi / "history/toy/dev/dev-3.checkpoint.json", b'{"version"')
    write(pulumi / "backups/toy/dev/dev.1.json", checkpoint(older, time="2026-11-19T08:00:00Z"))
    return made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    settings = StateSettings(backend=(tmp_path / "backend").as_uri())
    return replace(toy_cloud.driver(tmp_path / "project").project, settings=settings)


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_the_copies_that_are_whole_are_listed_the_newest_first(files: StateFiles) -> None:
    assert [(one.path.name, len(one.urns)) for one in copies(files)] == [
        ("dev-2.checkpoint.json", 3),
        ("dev.json.bak", 2),
        ("dev.1.json", 2),
    ]


def test_damage_is_said_with_the_newest_whole_copy_and_the_command(files: StateFiles, project: Project) -> None:
    files.state.write_bytes(files.state.read_bytes()[:150])

    with pytest.raises(StateDamagedError) as refused:
        refuse_interrupted(project, "dev", reading=True)

    assert refused.value.code == "STATE_TRUNCATED"
    assert refused.value.where == str(files.state)
    assert refused.value.hint == (
        "groundplan state restore --environment dev "
        "(newest copy: dev-2.checkpoint.json, saved 2026-11-20T08:59:00Z, 3 resources)"
    )


def test_a_state_of_a_newer_engine_is_never_offered_an_older_copy(files: StateFiles, project: Project) -> None:
    files.state.write_bytes(checkpoint(version=5))

    found = interruptions(project, "dev")

    assert [(one.kind, one.hint) for one in found] == [
        ("damaged", "groundplan engine install brings a newer engine; the state itself is whole.")
    ]


def test_a_restoration_says_what_comes_back_and_what_is_lost_even_from_a_file_that_is_cut_off(
    files: StateFiles,
) -> None:
    whole = files.state.read_bytes()
    files.state.write_bytes(whole[: whole.index(b"ResourceGroup::group") + 30])
    newest, _, oldest = copies(files)

    assert (restoration(files, newest).back, restoration(files, newest).lost) == ((), ())
    assert restoration(files, oldest).lost == (GROUP,)


def test_restoring_keeps_what_was_there_and_lets_only_the_owner_read_both(files: StateFiles) -> None:
    files.state.write_bytes(b"{")

    aside = restore(files, copies(files)[0])

    assert aside is not None
    assert (aside.read_bytes(), aside.stat().st_mode & 0o777) == (b"{", 0o600)
    assert (damage_of(files.state.read_bytes()), files.state.stat().st_mode & 0o777) == (None, 0o600)
    assert aside not in {one.path for one in copies(files)}


def test_a_file_that_is_damaged_itself_is_not_put_back(files: StateFiles, tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    own.write_bytes(b"")

    with pytest.raises(StateDamagedError, match="cannot be put back"):
        recovery_state.copy_at(own)
    with pytest.raises(NotFoundError):
        recovery_state.copy_at(tmp_path / "nowhere.json")


def test_a_state_that_is_gone_is_missed_only_when_something_was_deployed(files: StateFiles, project: Project) -> None:
    journal = Journal(project=project)
    files.state.unlink()

    unknown = interruptions(project, "dev")
    journal.note_deployed("dev", 3)
    missed = interruptions(project, "dev")
    journal.note_deployed("dev", 0)
    destroyed = interruptions(project, "dev")

    assert (unknown, destroyed) == ((), ())
    assert [(one.kind, one.reads, one.damage.code if one.damage else "") for one in missed] == [
        ("missing", True, "STATE_MISSING")
    ]
    assert "dev-2.checkpoint.json" in missed[0].hint


def test_the_journal_keeps_stacks_and_backends_apart_and_is_its_owner_s_alone(project: Project, tmp_path: Path) -> None:
    other = replace(project, settings=StateSettings(backend="gs://elsewhere"))
    journal = Journal(project=project)
    suspect = Suspect(urn=GROUP, type="azure-native:resources:ResourceGroup", inputs={"resourceGroupName": "rg"})

    journal.note_deployed("dev", 3)
    journal.note_suspects("dev", [suspect, suspect])
    journal.note_reserved("dev", "azure-native:keyvault:Vault", "kv-toy", days=90, purge="az keyvault purge")
    journal.note_reserved("dev", "azure-native:keyvault:Vault", "kv-old", days=-1, purge="az keyvault purge")

    assert journal.suspects("dev") == (suspect,)
    assert [one.name for one in journal.reserved("dev")] == ["kv-toy"]
    assert (journal.deployed("prod"), Journal(project=other).deployed("dev")) == (None, None)
    path = tmp_path / "project" / ".groundplan" / "engine" / "journal.json"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_damaged_journal_is_as_good_as_none(project: Project) -> None:
    Journal(project=project).note_deployed("dev", 3)
    next(project.layout.engine.glob("journal.json")).write_bytes(b"\x00")

    assert Journal(project=project).deployed("dev") is None


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("file:///srv/state", "/srv/state"),
        ("file:///srv/my%20state?no_tmp_dir=true", "/srv/my state"),
        ("file://~/state", str(Path.home() / "state")),
        ("gs://bucket", ""),
        ("https://api.pulumi.com", ""),
    ],
)
def test_the_folder_of_a_backend_is_found_in_its_url(project: Project, url: str, folder: str) -> None:
    found = state_files(replace(project, settings=StateSettings(backend=url)), "dev")

    assert (str(found.folder) if found else "") == folder


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:500])


@pytest.mark.parametrize("harm", [_cut, Path.unlink])
def test_the_real_engine_goes_on_after_a_restore_as_if_nothing_had_happened(
    cloud: StandIn, root: Path, harm: Callable[[Path], None]
) -> None:
    driver = toy_cloud.driver(root)
    program = toy_cloud.program(root, "dev")
    driver.up("dev", program)
    Journal(project=driver.project).note_deployed("dev", 2)
    found = state_files(driver.project, "dev")
    assert found is not None
    harm(found.state)

    with pytest.raises(StateDamagedError):
        refuse_interrupted(driver.project, "dev", reading=True)
    restore(found, copies(found)[0])

    assert interruptions(driver.project, "dev") == ()
    assert driver.preview("dev", program).changes == ()
    assert cloud.called("Create") == ["group", "one"]
