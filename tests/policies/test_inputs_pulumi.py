"""What the engine writes becomes resources, from files that the real engine wrote with stand-in providers.

Made by one program: a resource group, a storage account in a component, a container, a vault, a secret, a bucket.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import DataError
from groundplan.policies.graph import Graph
from groundplan.policies.inputs.input import Format, Input
from groundplan.policies.inputs.reading import read
from groundplan.policies.resource import Resource
from groundplan.policies.values import SECRET, Unknown

DATA = Path(__file__).parent / "data"
PREFIX = "urn:pulumi:dev::lab::"
GROUP = f"{PREFIX}lab:store:Store$azure-native:resources:ResourceGroup::group"
ACCOUNT = f"{PREFIX}lab:store:Store$azure-native:storage:StorageAccount::data"
ID = "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg-lab"


def sample(name: str) -> Input:
    return read(str(DATA / name))


def named(found: Input, name: str) -> Resource:
    return next(one for one in found.resources if one.name == name)


@pytest.mark.parametrize(
    ("name", "format", "names", "skipped", "unseen"),
    [
        ("preview-create.json", Format.PREVIEW, "bucket data group models token vault",
         {"components": 1, "providers": 2, "stacks": 1}, 0),
        ("preview-replace.json", Format.PREVIEW, "data group models token vault",
         {"components": 1, "deleted": 1, "providers": 2, "read": 1, "stacks": 1}, 0),
        ("preview-refresh.json", Format.PREVIEW, "data group models token vault",
         {"components": 1, "deleted": 1, "providers": 2, "read": 1, "stacks": 1}, 0),
        ("preview-same.json", Format.PREVIEW, "", {"stacks": 1}, 9),
        ("events.jsonl", Format.EVENTS, "data group models token vault",
         {"components": 1, "deleted": 1, "providers": 2, "stacks": 1}, 0),
        ("export.json", Format.STATE, "bucket data group models token vault",
         {"components": 1, "providers": 2, "stacks": 1}, 0),
        ("export-shown.json", Format.STATE, "bucket data group models token vault",
         {"components": 1, "providers": 2, "stacks": 1}, 0),
        ("state.json", Format.STATE, "bucket data group models token vault",
         {"components": 1, "providers": 2, "stacks": 1}, 0),
    ],
)  # fmt: skip
def test_each_form_holds_its_resources_once_and_counts_what_is_none(
    name: str, format: Format, names: str, skipped: Mapping[str, int], unseen: int
) -> None:
    found = sample(name)

    assert found.format == format
    assert " ".join(sorted(one.name for one in found.resources)) == names
    assert (found.skipped, found.unseen) == (skipped, unseen)
    assert (found.project, found.stacks) == ("lab", ("dev",))


def test_a_previewed_resource_is_as_the_program_asks_for_it() -> None:
    assert named(sample("preview-create.json"), "data") == Resource(
        urn=ACCOUNT,
        type="azure-native:storage:StorageAccount",
        token="azure-native:storage:StorageAccount",
        name="data",
        properties={
            "accountName": "labdata",
            "kind": "StorageV2",
            "location": "westeurope",
            "resourceGroupName": Unknown(of=(GROUP,)),
            "sku": {"name": "Standard_LRS"},
            "tags": {"environment": "prod"},
        },
        stack="dev",
        environment="prod",
        parent=f"{PREFIX}lab:store:Store::store",
        protect=True,
    )


def test_what_is_unknown_below_a_property_names_what_determines_the_property() -> None:
    models = named(sample("preview-create.json"), "models")

    assert models.properties["metadata"] == {"owner": Unknown(of=(ACCOUNT,))}


@pytest.mark.parametrize("name", ["preview-create.json", "export.json", "export-shown.json", "state.json",
                                  "events.jsonl", "preview-replace.json"])  # fmt: skip
def test_a_secret_is_there_and_not_readable_in_any_form(name: str) -> None:
    found = sample(name)

    assert named(found, "token").properties["properties"] == {"value": SECRET}
    assert "CANARY" not in repr(found)


def test_the_environment_is_the_tag_s_or_label_s_else_the_stack_s_name() -> None:
    environments = {one.name: one.environment for one in sample("export.json").resources}

    assert environments == {
        "bucket": "dev", "data": "prod", "group": "dev", "models": "dev", "token": "dev", "vault": "dev"
    }  # fmt: skip


def test_a_null_property_is_one_that_is_not_given() -> None:
    vault = named(sample("export.json"), "vault")

    assert vault.properties["properties"] == {
        "sku": {"family": "A", "name": "standard"},
        "tenantId": "00000000-0000-4000-8000-000000000001",
    }


def test_what_is_replaced_is_as_it_will_be_and_has_no_id_yet() -> None:
    found = sample("preview-replace.json")

    assert (named(found, "data").properties["location"], named(found, "data").id) == ("northeurope", "")
    assert named(found, "vault").id == f"{ID}/providers/Microsoft.KeyVault/vaults/kv-lab"


def test_a_state_s_ids_tell_what_refers_to_what() -> None:
    found = sample("export.json")
    graph = Graph(found.resources)

    assert graph.targets(named(found, "models"), "accountName", "azure-native:storage:StorageAccount") == [
        named(found, "data")
    ]
    assert graph.targets(named(found, "token"), "vaultName", "azure-native:keyvault:Vault") == [named(found, "vault")]


def test_of_a_state_s_outputs_only_plain_values_that_no_input_gives_are_taken(tmp_path: Path) -> None:
    state = exported(
        inputs={"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "empty": None},
        outputs={
            "kind": "Storage",
            "publicNetworkAccess": "Disabled",
            "empty": False,
            "sku": {"name": "Standard_LRS", "tier": "Standard"},
            "networkRuleSet": {"bypass": "AzureServices"},
            "key": {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "x"},
            "hidden": "[secret]",
            "later": "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
            "none": None,
        },
    )

    assert read(written(tmp_path, state)).resources[0].properties == {
        "kind": "StorageV2", "publicNetworkAccess": "Disabled", "empty": False, "sku": {"name": "Standard_LRS"},
    }  # fmt: skip


def test_what_a_state_will_delete_is_left_out(tmp_path: Path) -> None:
    state = exported(inputs={"kind": "StorageV2"})
    old = {**state["deployment"]["resources"][0], "delete": True}
    state["deployment"]["resources"].insert(0, old)

    found = read(written(tmp_path, state))

    assert ([one.id for one in found.resources], found.skipped) == (["x"], {"deleted": 1})


def test_a_state_that_holds_a_resource_twice_is_refused(tmp_path: Path) -> None:
    state = exported(inputs={})
    state["deployment"]["resources"] *= 2

    assert refusal(written(tmp_path, state)).message == "the state holds this resource twice"


def test_a_resource_that_is_given_as_a_value_is_its_id_or_what_it_will_determine(tmp_path: Path) -> None:
    key = "4dabf18193072939515e22adb298388d"
    reference = {key: "5cf8f73096256a8f31e491e813e4eb8e", "urn": GROUP}

    found = read(written(tmp_path, exported(inputs={"a": {**reference, "id": ID}, "b": {**reference, "id": ""}})))

    assert found.resources[0].properties == {"a": ID, "b": Unknown(of=(GROUP,))}


def test_a_packed_state_of_a_backend_is_read(tmp_path: Path) -> None:
    path = tmp_path / "dev.json.gz"
    path.write_bytes(gzip.compress((DATA / "state.json").read_bytes()))

    assert read(str(path)) == sample("state.json")
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert refusal(str(path)).message == "the packed file is cut off"
    path.write_bytes(whole[:200] + bytes(50) + whole[250:])
    assert refusal(str(path)).message == "the packed file is damaged"


def test_an_empty_stack_holds_nothing(tmp_path: Path) -> None:
    found = read(written(tmp_path, {"version": 3, "deployment": {"manifest": {}, "metadata": {}}}))

    assert found == Input(format=Format.STATE, resources=())


def test_a_state_of_a_later_engine_is_refused(tmp_path: Path) -> None:
    assert refusal(written(tmp_path, {"version": 5, "deployment": {"resources": []}})).message == (
        "the state has version 5; groundplan understands versions up to 4"
    )


def test_a_preview_that_failed_is_refused_since_it_did_not_reach_everything() -> None:
    path = str(DATA / "preview-failed.json")

    error = refusal(path)

    assert (error.message, error.where) == ("the preview failed: Program failed with an unhandled exception", path)


@pytest.mark.parametrize(
    ("kept", "more", "message"),
    [
        (-2, "", "the stream ends before the engine's summary: it was cut off"),
        (1, '{"summaryEvent":{"result":"failed"}}', "the preview failed: the engine says so in its summary"),
        (3, '{"diagnosticEvent":{"severity":"error","message":"error: boom\\n"}}', "the preview failed: boom"),
    ],
)
def test_a_stream_that_did_not_end_well_is_refused(tmp_path: Path, kept: int, more: str, message: str) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join([*(DATA / "events.jsonl").read_text().splitlines()[:kept], more]))

    assert refusal(str(path)).message == message


def exported(**state: Any) -> dict[str, Any]:
    """The export of a stack with one storage account."""
    entry = {"urn": ACCOUNT, "custom": True, "id": "x", "type": "azure-native:storage:StorageAccount", **state}
    return {"version": 3, "deployment": {"resources": [entry]}}


def written(folder: Path, value: object) -> str:
    path = folder / "input.json"
    path.write_text(json.dumps(value))
    return str(path)


def refusal(path: str) -> DataError:
    with pytest.raises(DataError) as caught:
        read(path)
    return caught.value
