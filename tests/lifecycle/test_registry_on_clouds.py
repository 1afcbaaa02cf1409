"""One suite for the registry of a cloud, through the SDKs' real clients and real HTTP.

The services are stand-ins that decode by the clouds' published descriptions. Not proved: in which words a real service
refuses, whether Azure carries the properties of a version over to the registry that environments share.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import digests
from groundplan.core.errors import (
    AuthenticationError,
    LockedError,
    NotFoundError,
    ResourceFailedError,
    StoreCorruptedError,
    TimeoutReachedError,
    UsageError,
)
from groundplan.lifecycle.azureml.registry import AzureMLRegistry
from groundplan.lifecycle.contract.registry import RegisteredVersion

import cloud_registry_kit
from cloud_registry_kit import IMPATIENT, PACE, RegistryRig
from serving_kit import WORKSPACE
from stand_in.services.http import Request


@pytest.fixture(scope="module", params=cloud_registry_kit.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[RegistryRig]:
    with cloud_registry_kit.rig(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def rig(started: RegistryRig) -> RegistryRig:
    started.reset()
    return started


def register(rig: RegistryRig, name: str = "churn", weights: str = "1", **labels: str) -> RegisteredVersion:
    folder, digest = rig.model(f"model-{weights}", weights)
    return rig.registry().register(name, folder, digest=digest, labels=labels)


def test_folders_become_versions_that_are_found_newest_first(
    rig: RegistryRig, capfd: pytest.CaptureFixture[str]
) -> None:
    rig.service.models.page = 2
    made = [register(rig, weights=str(number), owner="ml") for number in range(1, 6)]

    assert [(one.name, one.version, one.stages, one.labels) for one in made] == [
        ("churn", number, (), {"owner": "ml"}) for number in range(1, 6)
    ]
    assert [one.digest for one in made] == [rig.model(f"model-{number}", str(number))[1] for number in range(1, 6)]
    assert list(rig.registry().versions("churn")) == made[::-1]
    assert capfd.readouterr() == ("", "")


def test_the_same_folder_again_is_the_version_that_it_has_whatever_it_is_called(rig: RegistryRig) -> None:
    first = register(rig, weights="1")
    register(rig, weights="2")
    folder, digest = rig.model("elsewhere.v1", "1")

    again = rig.registry().register("churn", folder, digest=digest, labels={})

    assert (again, rig.registered()) == (first, ["churn/1", "churn/2"])


def test_versions_of_all_models_are_those_that_groundplan_registered(rig: RegistryRig) -> None:
    for name in ("churn", "tumour", "churn"):
        register(rig, name, weights=f"{name}-{len(rig.registered())}")
    rig.strangers("handmade", 1)

    found = [(one.name, one.version) for one in rig.registry().versions()]

    assert found == [("churn", 2), ("tumour", 1), ("churn", 1)]
    assert [one.digest for one in rig.registry().versions("handmade")] == [""]


def test_of_two_operators_each_gets_a_number_of_his_own(rig: RegistryRig) -> None:
    folder, digest = rig.model("ours", "ours")

    def meanwhile(request: Request) -> None:
        if request.method == "PUT" and request.path.endswith("/models/churn/versions/1"):
            rig.service.meanwhile = None
            rig.strangers("churn", 1)

    rig.service.meanwhile = meanwhile
    made = rig.registry().register("churn", folder, digest=digest, labels={})

    assert (made.version, made.digest, rig.registered()) == (2, digest, ["churn/1", "churn/2"])


def test_a_number_that_a_list_does_not_show_yet_is_not_taken_twice(rig: RegistryRig) -> None:
    register(rig, weights="1")
    rig.service.stale = 1

    made = register(rig, weights="2")

    assert (made.version, rig.registered()) == (2, ["churn/1", "churn/2"])


def test_a_folder_whose_list_is_late_is_not_registered_twice(rig: RegistryRig) -> None:
    first = register(rig, weights="1")
    rig.service.stale = 1

    assert register(rig, weights="1") == first
    assert rig.registered() == ["churn/1"]


@pytest.mark.parametrize(
    "path",
    ["Microsoft.MachineLearningServices", "/artifacts/"],
    ids=["the service", "the storage"],
)
def test_a_kill_at_any_request_leaves_no_version_without_its_folder_and_the_next_command_finishes_it(
    rig: RegistryRig, tmp_path: Path, path: str
) -> None:
    folder, digest = rig.model("model", "killed")
    killed, next_one = rig.registry(IMPATIENT), rig.registry()
    number = kills = 0
    while True:
        rig.reset()
        rig.service.strike(kind="reset", path=path, after=number, done=number % 2 == 0)
        try:
            killed.register("churn", folder, digest=digest, labels={})
        except ResourceFailedError:
            kills += 1
            made = next_one.register("churn", folder, digest=digest, labels={})
            assert (made.version, made.digest, rig.registered()) == (1, digest, ["churn/1"])
        if rig.service.strikes[0].times:
            break
        number += 1
    rig.service.strikes.clear()
    next_one.fetch("churn", 1, tmp_path / "fetched")

    assert kills >= 2
    assert digests.of_path(tmp_path / "fetched") == digest


@pytest.mark.parametrize(
    "order",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 500, "times": 2},
        {"kind": "reset"},
        {"kind": "cut", "done": True},
    ],
    ids=["throttled", "fault", "reset", "cut"],
)
def test_what_passes_is_asked_again(rig: RegistryRig, order: dict[str, Any]) -> None:
    for path in ("/models/churn", "/datastores/", "/model/MLmodel", "/versions/1"):
        rig.service.strike(**{"path": path, **order})

    made = register(rig)

    assert (made.version, [one.times for one in rig.service.strikes]) == (1, [0] * 4)


def test_a_version_shows_its_stages_and_labels_and_again_changes_nothing(rig: RegistryRig) -> None:
    made = register(rig, owner="ml")

    rig.registry().mark("churn", 1, stages=["dev", "prod"], labels={"verdict": "passed"})
    asked = len([one for one, _ in rig.service.requests if one == "PUT"])
    rig.registry().mark("churn", 1, stages=["dev", "prod"], labels={"verdict": "passed"})
    (found,) = rig.registry().versions("churn")

    assert len([one for one, _ in rig.service.requests if one == "PUT"]) == asked
    assert (found.stages, found.labels) == (("dev", "prod"), {"owner": "ml", "verdict": "passed"})
    assert (found.digest, found.created) == (made.digest, made.created)
    rig.registry().mark("churn", 1, stages=[], labels={})
    assert rig.registry().versions("churn")[0].stages == ()


def test_a_folder_that_is_fetched_is_whole_or_not_there(rig: RegistryRig, tmp_path: Path) -> None:
    made = register(rig, weights="weights")
    into = tmp_path / "models" / "churn-1"

    found = rig.registry().fetch("churn", 1, into)
    asked = len(rig.service.requests)
    again = rig.registry().fetch("churn", 1, into)

    assert (found, again, digests.of_path(into), len(rig.service.requests)) == (into, into, made.digest, asked)
    assert [one.name for one in into.parent.iterdir()] == ["churn-1"]


def test_a_folder_that_was_changed_is_not_fetched(rig: RegistryRig, tmp_path: Path) -> None:
    register(rig)
    rig.damage()

    with pytest.raises(StoreCorruptedError, match=r"the folder of churn version 1 was changed: expected sha256:"):
        rig.registry().fetch("churn", 1, tmp_path / "model")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_is_told(rig: RegistryRig, tmp_path: Path) -> None:
    register(rig)
    rig.service.blobs.content.clear()

    with pytest.raises(StoreCorruptedError, match="the folder of churn version 1 is gone"):
        rig.registry().fetch("churn", 1, tmp_path / "model")

    assert list(tmp_path.iterdir()) == []


def test_a_version_that_is_not_there_is_not_found(rig: RegistryRig, tmp_path: Path) -> None:
    for act in (
        lambda: rig.registry().fetch("churn", 7, tmp_path / "model"),
        lambda: rig.registry().mark("churn", 7, stages=[], labels={}),
        lambda: rig.registry().share("churn", 7, "prod"),
    ):
        with pytest.raises(NotFoundError, match="no churn version 7 in"):
            act()

    assert list(rig.registry().versions("churn")) == []


def test_a_version_is_shared_once(rig: RegistryRig) -> None:
    register(rig)

    rig.registry().share("churn", 1, "prod")
    rig.registry().share("churn", 1, "prod")

    assert (rig.shared("churn", 1), len([one for one, _ in rig.service.requests if one == "POST"])) == (True, 1)


def test_another_folder_under_the_number_that_environments_share_is_told(rig: RegistryRig) -> None:
    register(rig)
    rig.registry().share("churn", 1, "prod")
    rig.reset()
    register(rig, weights="other")
    rig.share_strangers("churn", 1, digest="sha256:stranger")

    with pytest.raises(StoreCorruptedError, match=r"churn version 1 in mlr-churn is another folder: expected sha256:"):
        rig.registry().share("churn", 1, "prod")


def test_a_share_that_a_killed_command_began_is_waited_for(rig: RegistryRig) -> None:
    register(rig)
    rig.service.strike(status=400, path="/imports/")
    with pytest.raises(ResourceFailedError):
        rig.registry(IMPATIENT).share("churn", 1, "prod")

    rig.registry().share("churn", 1, "prod")

    assert (rig.shared("churn", 1), len(rig.service.operations)) == (True, 1)


@pytest.mark.parametrize(
    "order",
    [{"status": 429, "headers": {"Retry-After": "0"}}, {"kind": "reset"}, {"kind": "reset", "done": True}],
    ids=["throttled", "reset", "answer lost"],
)
def test_a_share_that_does_not_begin_at_once_begins_once(rig: RegistryRig, order: dict[str, Any]) -> None:
    register(rig)
    rig.service.strike(method="POST", path="/import", **order)

    rig.registry().share("churn", 1, "prod")

    assert (rig.shared("churn", 1), len(rig.service.operations), rig.service.strikes[0].times) == (True, 1, 0)


def test_a_kill_at_any_request_of_a_share_is_repaired_by_the_next_command(rig: RegistryRig) -> None:
    killed, next_one = rig.registry(IMPATIENT), rig.registry()
    folder, digest = rig.model("shared")
    number = kills = 0
    while True:
        rig.reset()
        next_one.register("churn", folder, digest=digest, labels={})
        # An answer that nobody repeats, as if the command ended there.
        rig.service.strike(path="mlr-churn", after=number, done=number % 2 == 0, status=400)
        try:
            killed.share("churn", 1, "prod")
        except ResourceFailedError:
            kills += 1
            next_one.share("churn", 1, "prod")
        assert (rig.shared("churn", 1), len(rig.service.operations)) == (True, 1)
        if rig.service.strikes[0].times:
            break
        number += 1

    assert kills >= 4


def test_a_share_that_never_ends_stops_at_the_limit(rig: RegistryRig) -> None:
    register(rig)
    rig.service.patience = float("inf")

    with pytest.raises(TimeoutReachedError, match="share churn version 1 did not end before the time limit"):
        rig.registry(seconds=0.5).share("churn", 1, "prod")
    for one in rig.service.operations.values():
        one.left = 3
    rig.registry().share("churn", 1, "prod")

    assert (rig.shared("churn", 1), len(rig.service.operations)) == (True, 1)


def test_a_share_that_fails_late_says_why(rig: RegistryRig) -> None:
    register(rig)
    rig.service.late_error = {"code": "UserError", "message": "the registry does not replicate to this region"}

    with pytest.raises(ResourceFailedError, match="does not replicate to this region"):
        rig.registry().share("churn", 1, "prod")

    assert not rig.shared("churn", 1)


def test_who_may_not_share_is_told_the_role_for_that(rig: RegistryRig) -> None:
    register(rig)
    body = {"error": {"code": "Forbidden", "message": "no permission on the registry"}}
    rig.service.strike(path="/import", status=403, body=body)

    with pytest.raises(ResourceFailedError) as refused:
        rig.registry().share("churn", 1, "prod")

    assert refused.value.hint.startswith("Ask for AzureML Registry User on the shared registry")


def test_without_a_shared_registry_only_the_environment_itself_loads_its_models(rig: RegistryRig) -> None:
    register(rig)
    alone = AzureMLRegistry(WORKSPACE, environment="dev", pace=PACE)

    alone.share("churn", 1, "dev")
    with pytest.raises(UsageError, match="prod cannot load models of dev: no registry is shared between them"):
        alone.share("churn", 1, "prod")


def test_a_shared_registry_that_is_gone_is_told(rig: RegistryRig) -> None:
    register(rig)
    with rig.service.store.changing() as content:
        del content["resources"][f"{WORKSPACE.partition('/workspaces/')[0]}/registries/{cloud_registry_kit.SHARED}"]

    with pytest.raises(NotFoundError, match="the registry mlr-churn, from which every environment loads its models"):
        rig.registry().share("churn", 1, "dev")


def test_who_may_not_write_the_storage_is_told(rig: RegistryRig) -> None:
    rig.service.strike(
        method="PUT", path="/artifacts/", status=403, headers={"x-ms-error-code": "AuthorizationFailure"}
    )

    with pytest.raises(ResourceFailedError, match="Azure Storage could not upload churn") as refused:
        register(rig)

    assert refused.value.hint == (
        "The account answers inside its own network alone: run this there, or open it (network.access)."
    )
    assert rig.registered() == []


def test_a_datastore_that_is_gone_is_told(rig: RegistryRig) -> None:
    rig.service.store.delete(f"{WORKSPACE}/datastores/artifacts")

    with pytest.raises(NotFoundError, match="no datastore artifacts in mlw-churn-dev") as gone:
        register(rig)

    assert "groundplan up" in gone.value.hint


def test_a_sign_in_that_is_not_taken_is_an_authentication_error(rig: RegistryRig) -> None:
    rig.service.strike(path="/models", status=401, times=9)

    with pytest.raises(AuthenticationError):
        rig.registry().versions()


def test_numbers_that_are_taken_one_after_the_other_end(rig: RegistryRig) -> None:
    folder, digest = rig.model("never", "never")

    def meanwhile(request: Request) -> None:
        if request.method == "PUT" and "/models/churn/versions/" in request.path:
            rig.strangers("churn", int(request.path.rpartition("/")[2]))

    rig.service.meanwhile = meanwhile

    with pytest.raises(LockedError, match="20 numbers of churn were taken by somebody else"):
        rig.registry().register("churn", folder, digest=digest, labels={})
