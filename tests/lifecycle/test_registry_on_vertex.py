"""The registry of Vertex AI and the folders in its bucket, through the SDKs' real clients and real HTTP.

The service is a stand-in that decodes by Google's discovery documents. Not proved: in which words a real service
refuses, and which fields of a version it keeps when it copies it.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import digests
from groundplan.core.errors import (
    AuthenticationError,
    NotFoundError,
    ResourceFailedError,
    StoreCorruptedError,
    TimeoutReachedError,
    UsageError,
)
from groundplan.lifecycle.contract.deployment import Machines, ServedModel
from groundplan.lifecycle.contract.registry import RegisteredVersion
from groundplan.lifecycle.vertex.endpoints import VertexEndpoints

import serving_kit
from serving_kit import LOCATION
from stand_in import Store
from stand_in.services import VertexService
from stand_in.services.http import Request
from vertex_registry_kit import BUCKET, COPY, IMAGE, IMPATIENT, KEY, MODEL, PACE, PROD, VertexRegistryRig

FAULTS = pytest.mark.parametrize(
    "order",
    [
        {"status": 429, "headers": {"Retry-After": "0"}},
        {"status": 500, "times": 2},
        {"kind": "reset"},
        {"kind": "cut", "done": True},
    ],
    ids=["throttled", "fault", "reset", "cut"],
)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[VertexRegistryRig]:
    folder = tmp_path_factory.mktemp("vertex")
    with serving_kit.signed_in("vertex", Store(folder / "cloud"), folder) as service:
        assert isinstance(service, VertexService)
        yield VertexRegistryRig(service=service, folder=folder / "models")


@pytest.fixture
def rig(started: VertexRegistryRig) -> VertexRegistryRig:
    started.reset()
    return started


def register(rig: VertexRegistryRig, weights: str = "1", name: str = "churn", **labels: str) -> RegisteredVersion:
    folder, digest = rig.model(weights)
    return rig.registry().register(name, folder, digest=digest, labels=labels)


def test_folders_become_versions_that_are_found_newest_first_page_by_page(rig: VertexRegistryRig) -> None:
    rig.service.models.page = 2
    made = [register(rig, str(number), owner="ML Team") for number in range(1, 6)]

    assert [(one.name, one.version, one.stages, one.labels) for one in made] == [
        ("churn", number, (), {"owner": "ml-team"}) for number in range(1, 6)
    ]
    assert [one.digest for one in made] == [rig.model(str(number))[1] for number in range(1, 6)]
    assert list(rig.registry().versions("churn")) == made[::-1]


def test_a_version_says_where_its_folder_lies_what_serves_it_and_the_whole_digest(rig: VertexRegistryRig) -> None:
    made = register(rig)
    (version,) = rig.service.models.content[MODEL]

    hex = made.digest.removeprefix("sha256:")
    assert (version["artifactUri"], version["containerSpec"], version["versionDescription"]) == (
        f"gs://{BUCKET}/artifacts/models/churn/{hex}",
        {"imageUri": IMAGE},
        made.digest,
    )
    assert version["labels"] == {"groundplan": "churn", "digest-start": hex[:32]}
    assert sorted(rig.service.buckets.content[BUCKET]) == [
        f"artifacts/models/churn/{hex}.json",
        f"artifacts/models/churn/{hex}.version",
        f"artifacts/models/churn/{hex}/MLmodel",
        f"artifacts/models/churn/{hex}/data/model.skops",
    ]


@pytest.mark.parametrize("lag", [0, 5])
def test_the_same_folder_again_is_the_version_that_it_has_even_where_lists_are_late(
    rig: VertexRegistryRig, lag: int
) -> None:
    rig.service.lag = lag
    first = register(rig)

    assert (register(rig), rig.numbers()) == (first, ["1"])


def test_a_model_without_an_image_is_refused_before_anything_is_asked(rig: VertexRegistryRig) -> None:
    folder, digest = rig.model("1")

    with pytest.raises(UsageError, match="nothing says which container serves price on Vertex AI") as refused:
        rig.registry().register("price", folder, digest=digest, labels={})

    assert ("endpoints.NAME.image" in refused.value.hint, rig.service.requests) == (True, [])


def test_versions_of_all_models_are_those_that_groundplan_registered(rig: VertexRegistryRig) -> None:
    register(rig, "1")
    register(rig, "2", "tumour")
    register(rig, "3")
    rig.service.models.content[f"{LOCATION}/models/other"] = [_strangers("other")]

    found = [(one.name, one.version) for one in rig.registry().versions()]

    assert found == [("churn", 2), ("tumour", 1), ("churn", 1)]
    assert list(rig.registry().versions("nothing")) == []


def _strangers(model: str, **fields: Any) -> dict[str, Any]:
    """A version that somebody else registered."""
    return {
        "name": f"{LOCATION}/models/{model}", "displayName": model, "versionId": "1", "versionAliases": ["default"],
        "labels": {}, "etag": "e", "artifactUri": "gs://elsewhere/model", "versionCreateTime": "2026-01-01T00:00:00Z",
        **fields,
    }  # fmt: skip


@FAULTS
@pytest.mark.parametrize(
    "path", ["/upload/storage/", "/download/storage/", "/models:upload", "/operations", ":listVersions", "%401"]
)
def test_what_passes_is_asked_again(rig: VertexRegistryRig, order: dict[str, Any], path: str) -> None:
    rig.service.strike(**{"path": path, **order})

    made = register(rig)

    assert (made.version, rig.numbers(), rig.service.strikes[0].times) == (1, ["1"], 0)


def test_a_kill_at_any_request_leaves_no_version_without_its_folder_and_the_next_command_finishes_it(
    rig: VertexRegistryRig, tmp_path: Path
) -> None:
    folder, digest = rig.model("killed")
    number = kills = 0
    while True:
        rig.reset()
        rig.service.patience = 1
        rig.service.strike(kind="reset", path="/v1/", after=number, done=number % 2 == 0)
        try:
            rig.registry(IMPATIENT).register("churn", folder, digest=digest, labels={})
        except ResourceFailedError:
            kills += 1
            made = rig.registry().register("churn", folder, digest=digest, labels={})
            assert (made.version, made.digest, rig.numbers()) == (1, digest, ["1"])
        if rig.service.strikes[0].times:
            break
        number += 1
    rig.registry().fetch("churn", 1, tmp_path / "fetched")

    assert kills >= 8
    assert digests.of_path(tmp_path / "fetched") == digest


def test_an_upload_that_never_ends_stops_at_the_limit_and_the_next_command_waits_for_it(rig: VertexRegistryRig) -> None:
    rig.service.patience = float("inf")
    folder, digest = rig.model("1")

    with pytest.raises(TimeoutReachedError, match="register churn did not end before the time limit"):
        rig.registry(seconds=0.3).register("churn", folder, digest=digest, labels={})
    for one in rig.service.operations.values():
        one.left = 3
    made = register(rig)

    assert (made.version, rig.numbers(), len(rig.service.operations)) == (1, ["1"], 1)


def test_an_upload_that_fails_late_says_why_and_leaves_no_version(rig: VertexRegistryRig) -> None:
    rig.service.late_error = {"code": 9, "message": "The image cannot be pulled."}

    with pytest.raises(ResourceFailedError, match=r"could not register churn: .*The image cannot be pulled"):
        register(rig)

    assert rig.numbers() == []


def test_two_operators_who_register_at_once_get_a_version_each(rig: VertexRegistryRig) -> None:
    other, digest = rig.model("theirs")

    def meanwhile(request: Request) -> None:
        if request.path.endswith("/models:upload"):
            rig.service.meanwhile = None
            theirs = _strangers("churn--churn", displayName="churn", artifactUri=_uri(digest))
            rig.service.models.content[MODEL] = [theirs]

    rig.service.meanwhile = meanwhile
    made = register(rig, "ours")

    assert (made.version, rig.numbers()) == (2, ["1", "2"])
    assert rig.registry().register("churn", other, digest=digest, labels={}).version == 1


def _uri(digest: str) -> str:
    return f"gs://{BUCKET}/artifacts/models/churn/{digest.removeprefix('sha256:')}"


def test_stages_are_aliases_that_move_and_again_changes_nothing(rig: VertexRegistryRig) -> None:
    register(rig, "1", owner="ml")
    register(rig, "2")
    rig.registry().mark("churn", 1, stages=["dev", "q", "pre_prod"], labels={"verdict": "passed"})
    rig.service.requests.clear()

    rig.registry().mark("churn", 1, stages=["dev", "q", "pre_prod"], labels={"verdict": "passed"})
    again = rig.asked()
    rig.registry().mark("churn", 2, stages=["dev"], labels={})
    second, first = rig.registry().versions("churn")

    assert again == ["GET"]
    assert (first.stages, first.labels, second.stages) == (
        ("q", "pre_prod"),
        {"owner": "ml", "verdict": "passed"},
        ("dev",),
    )
    assert [one["versionAliases"] for one in rig.service.models.content[MODEL]] == [
        ["default", "pre-prod", "stage-q"],
        ["dev"],
    ]
    rig.registry().mark("churn", 1, stages=[], labels={})
    assert rig.registry().versions("churn")[1].stages == ()


def test_a_version_is_copied_once_and_its_endpoints_load_the_copy(rig: VertexRegistryRig) -> None:
    register(rig, "1")
    made = register(rig, "2")
    endpoint = f"{PROD}/endpoints/9"
    rig.service.store.occupy(endpoint, "gcp:vertex/aiEndpoint:AiEndpoint", displayName="churn", labels={})
    served = ServedModel(name="churn", version=2, digest=made.digest, path=rig.folder, task="classification")

    rig.registry().share("churn", 2, "prod")
    rig.registry().share("churn", 2, "prod")
    VertexEndpoints(product="churn", pace=PACE).deploy(endpoint, served, Machines(type="n1-standard-4"), seconds=60)

    (copy,) = rig.service.models.content[COPY]
    (deployed,) = rig.service.store.resources[endpoint]["outputs"]["deployedModels"]
    assert (copy["versionId"], copy["originalModelInfo"]["model"].rpartition("/")[2]) == ("1", "churn--churn@2")
    assert copy["encryptionSpec"] == {"kmsKeyName": KEY}
    assert (deployed["displayName"], deployed["model"], deployed["modelVersionId"]) == ("churn-v2", COPY, "1")


def test_a_copy_whose_folder_lies_elsewhere_is_vouched_for_by_its_label(rig: VertexRegistryRig) -> None:
    made = register(rig)
    rig.registry().share("churn", 1, "prod")
    (copy,) = rig.service.models.content[COPY]
    copy.update(artifactUri="", labels={})

    rig.registry().share("churn", 1, "prod")
    assert copy["labels"] == {"groundplan": "churn", "digest-start": made.digest.removeprefix("sha256:")[:32]}

    copy["labels"]["digest-start"] = "another"
    with pytest.raises(
        StoreCorruptedError, match=f"churn version 1 in .*/europe-west1 is another folder: expected {made.digest}"
    ):
        rig.registry().share("churn", 1, "prod")


def test_somebody_elses_version_where_the_copy_would_be_is_told(rig: VertexRegistryRig) -> None:
    register(rig)
    rig.service.models.content[COPY] = [_strangers("churn--churn", name=COPY, displayName="churn")]

    with pytest.raises(StoreCorruptedError, match="is another folder"):
        rig.registry().share("churn", 1, "prod")


def test_an_environment_beside_the_registry_loads_the_version_itself(rig: VertexRegistryRig) -> None:
    register(rig)
    rig.service.requests.clear()

    rig.registry().share("churn", 1, "dev")

    assert rig.asked() == ["GET"]


def test_a_kill_at_any_request_of_a_share_is_repaired_by_the_next_command(rig: VertexRegistryRig) -> None:
    number = kills = 0
    while True:
        rig.reset()
        rig.service.patience = 1
        register(rig)
        rig.service.strike(kind="reset", path="/v1/", after=number, done=number % 2 == 0)
        try:
            rig.registry(IMPATIENT).share("churn", 1, "prod")
        except ResourceFailedError:
            kills += 1
            rig.registry().share("churn", 1, "prod")
        assert rig.numbers(COPY) == ["1"]
        if rig.service.strikes[0].times:
            break
        number += 1

    assert kills >= 5


def test_a_folder_that_is_fetched_is_whole_or_not_there(rig: VertexRegistryRig, tmp_path: Path) -> None:
    made = register(rig, "weights")
    into = tmp_path / "models" / "churn-1"

    found = rig.registry().fetch("churn", 1, into)
    asked = len(rig.service.requests)
    again = rig.registry().fetch("churn", 1, into)

    assert (found, again, digests.of_path(into), len(rig.service.requests)) == (into, into, made.digest, asked)
    assert [one.name for one in into.parent.iterdir()] == ["churn-1"]


def test_a_large_file_goes_in_pieces_and_comes_back_whole(rig: VertexRegistryRig, tmp_path: Path) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    (folder / "model.skops").write_bytes(b"weights." * 2**20 + b"!")
    digest = digests.of_path(folder)

    rig.registry().register("churn", folder, digest=digest, labels={})
    rig.registry().fetch("churn", 1, tmp_path / "back")

    assert [method for method, path in rig.service.requests if "/upload/" in path] == ["POST", "PUT", "POST", "POST"]
    assert digests.of_path(tmp_path / "back") == digest


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("changed", "the folder of churn version 1 was changed: expected sha256:"),
        ("a file", "the folder of churn version 1 lacks MLmodel"),
        ("all", "the folder of churn version 1 is gone"),
    ],
)
def test_a_folder_that_is_not_what_was_registered_is_not_fetched(
    rig: VertexRegistryRig, tmp_path: Path, damage: str, said: str
) -> None:
    register(rig)
    objects = rig.service.buckets.content[BUCKET]
    (name,) = [one for one in objects if one.endswith("/MLmodel")]
    if damage == "changed":
        rig.service.buckets.put(BUCKET, name, b"flavors: {other: {}}\n")
    elif damage == "a file":
        del objects[name]
    else:
        objects.clear()

    with pytest.raises(StoreCorruptedError, match=said):
        rig.registry().fetch("churn", 1, tmp_path / "model")

    assert list(tmp_path.iterdir()) == []


def test_a_version_that_is_not_there_is_not_found(rig: VertexRegistryRig, tmp_path: Path) -> None:
    for act in (
        lambda: rig.registry().fetch("churn", 7, tmp_path / "model"),
        lambda: rig.registry().mark("churn", 7, stages=[], labels={}),
        lambda: rig.registry().share("churn", 7, "prod"),
    ):
        with pytest.raises(NotFoundError, match="there is no churn version 7 in projects/acme-churn"):
            act()


def test_an_environment_that_is_not_there_is_not_found(rig: VertexRegistryRig) -> None:
    register(rig)

    with pytest.raises(NotFoundError, match="there is no environment prd") as missing:
        rig.registry().share("churn", 1, "prd")

    assert missing.value.hint == "Known: dev, q, pre_prod, prod."


def test_who_may_not_write_the_bucket_is_told_the_role(rig: VertexRegistryRig) -> None:
    body = {"error": {"code": 403, "message": "ci does not have storage.objects.create access to the object."}}
    rig.service.strike(path="/upload/storage/", status=403, body=body)

    with pytest.raises(ResourceFailedError, match="Cloud Storage could not upload the folder of churn") as refused:
        register(rig)

    assert (refused.value.hint.startswith(f"Ask for roles/storage.objectUser on gs://{BUCKET}"), rig.numbers()) == (
        True,
        [],
    )


def test_a_sign_in_that_is_not_taken_is_an_authentication_error(rig: VertexRegistryRig) -> None:
    rig.service.strike(path="/models", status=401, times=9)

    with pytest.raises(AuthenticationError):
        rig.registry().versions()
