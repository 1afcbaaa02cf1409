"""Where the lifecycle looks is where the plan puts it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from groundplan.lifecycle.contract.deployment import Machines
from groundplan.modules.contract.planned import PlannedResource
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.places import machines, places
from groundplan.stacks.planning.planning import plans

CONFIGS = Path(__file__).parent / "configs"
_AZURE = "azure-native:machinelearningservices:"


def _planned(folder: Path, name: str) -> tuple[dict[str, list[PlannedResource]], str]:
    """The resources of the shared stack and the first environment by type; the environment's name."""
    shutil.copy(CONFIGS / f"{name}.yaml", folder / "groundplan.yaml")
    configs = read_stacks(folder)
    stacks = list(configs)[:2]
    found: dict[str, list[PlannedResource]] = {}
    for plan in plans(configs, stacks):
        for one in plan.resources:
            found.setdefault(one.type, []).append(one)
    return found, stacks[1]


def _names(resources: list[PlannedResource], key: str) -> set[object]:
    return {one.properties[key] for one in resources}


def test_at_azure_the_names_are_those_of_the_plan(tmp_path: Path) -> None:
    planned, environment = _planned(tmp_path, "azureml-full")
    configs = read_stacks(tmp_path)

    found = places(configs)[environment]

    assert list(places(configs)) == [name for name in configs if name != "shared"]
    workspace, storage = found.workspace.split("/"), found.storage.split("/")
    assert workspace[-1] in _names(planned[f"{_AZURE}Workspace"], "workspaceName")
    assert workspace[4] in _names(planned[f"{_AZURE}Workspace"], "resourceGroupName")
    assert storage[-1] in _names(planned["azure-native:storage:StorageAccount"], "accountName")
    assert found.registry in _names(planned[f"{_AZURE}Registry"], "registryName")
    online = [name for name, one in configs[environment].config.endpoints.items() if one.kind == "online"]
    assert sorted(found.endpoints) == sorted(online)
    made = _names(planned[f"{_AZURE}OnlineEndpoint"], "endpointName")
    assert {id.rpartition("/")[2] for id in found.endpoints.values()} == made
    assert {id.partition("/onlineEndpoints/")[0] for id in found.endpoints.values()} == {found.workspace}


def test_at_google_cloud_the_names_are_those_of_the_plan(tmp_path: Path) -> None:
    planned, environment = _planned(tmp_path, "vertex-full")
    configs = read_stacks(tmp_path)

    found = places(configs)[environment]

    assert found.storage in _names(planned["gcp:storage/bucket:Bucket"], "name")
    endpoints = planned["gcp:vertex/aiEndpoint:AiEndpoint"]
    assert set(found.endpoints.values()) == {
        f"projects/{one.properties['project']}/locations/{one.properties['location']}/endpoints/{one.properties['name']}"
        for one in endpoints
    }
    assert {id.partition("/endpoints/")[0] for id in found.endpoints.values()} == {found.workspace}
    assert found.registry == ""


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("azureml-minimal", Machines(type="Standard_DS3_v2")), ("vertex-minimal", Machines(type="n1-standard-4"))],
)
def test_without_a_size_a_version_runs_on_the_platforms_own_choice(tmp_path: Path, name: str, wanted: Machines) -> None:
    shutil.copy(CONFIGS / f"{name}.yaml", tmp_path / "groundplan.yaml")
    resolved = next(one for stack, one in read_stacks(tmp_path).items() if stack != "shared")

    assert {machines(resolved, endpoint) for endpoint in resolved.config.endpoints} == {wanted}
