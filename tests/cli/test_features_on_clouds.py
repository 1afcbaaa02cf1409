"""Features on every platform as a person types it: the SDKs' real clients over HTTP, stand-in services behind.

Nothing here has ever seen a live subscription or project.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli import fetched
from groundplan.core import digests
from groundplan.lifecycle.features.moments import moment

import cloud_configs
import features_on_clouds
import serving_kit
from features_on_clouds import Row
from stand_in import Store
from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Service
from terminal import call

CONFIG = """\
data: {sources: {main: {path: data/rows.csv}, customers: {%s}}}
features:
  online: %s
  sets:
    customers: {source: customers, entity: customer, keys: [customer], timestamp: seen_at, features: [plan, visits]}
environments: {dev: {}}
"""
URI = "azureml://datastores/data/paths/sets/customers.csv"
FIRST_LINES = {"local": "project: churn\nplatform: local\n", **cloud_configs.FIRST_LINES}
SOURCES = {"local": "path: data/customers.csv", "azureml": f'uri: "{URI}"', "vertex": "path: data/customers.csv"}
CUSTOMERS = (
    "customer,seen_at,plan,visits\n007,2026-01-01,basic,3\n007,2026-02-01T12:00:00Z,pro,\n7,2026-01-15,basic,1\n"
)
JOINED = """\
customer,when,target,plan,visits
007,2026-02-01T11:59:59Z,a,basic,3
007,2026-02-01T12:00:00Z,b,pro,3
7,2026-01-14T23:59:59Z,a,,
8,2026-06-01,b,,
"""
TABLE = "acme-churn.churn_dev_features.customers"
VIEW = f"{serving_kit.LOCATION}/featureOnlineStores/churn_dev/featureViews/customers"


class Project:
    """A project whose rows are where its platform has them."""

    def __init__(self, root: Path, platform: str, service: Service | None) -> None:
        self.root = root
        self.platform = platform
        self.service = service
        config = CONFIG % (SOURCES[platform], "true" if platform == "vertex" else "false")
        (root / "groundplan.yaml").write_text(FIRST_LINES[platform] + config, encoding="utf-8")
        observed = "".join(",".join(line.split(",")[:3]) + "\n" for line in JOINED.splitlines())
        (root / "observed.csv").write_text(observed, encoding="utf-8")
        if isinstance(service, VertexService):
            self._provision_vertex(service)
        elif isinstance(service, AzureMLService):
            self._provision_azure(service)
        else:
            (root / "data").mkdir()
            (root / "data" / "customers.csv").write_text(CUSTOMERS, encoding="utf-8")

    def _provision_vertex(self, service: VertexService) -> None:
        store = service.store
        store.occupy("projects/acme-churn/datasets/churn_dev_features", "gcp:bigquery/dataset:Dataset",
                     datasetId="churn_dev_features")  # fmt: skip
        lines = [line.split(",") for line in CUSTOMERS.splitlines()[1:]]
        rows = [[key, moment(time), plan, int(visits) if visits else None] for key, time, plan, visits in lines]
        types = {"customer": "STRING", "feature_timestamp": "TIMESTAMP", "plan": "STRING", "visits": "INTEGER"}
        service.bigquery.tables.make(TABLE, types, rows)
        query = {"bigQuerySource": {"inputUri": f"bq://{TABLE}"}, "entityIdColumns": ["customer"]}
        store.occupy(f"{serving_kit.LOCATION}/featureGroups/churn_dev_customers",
                     "gcp:vertex/aiFeatureGroup:AiFeatureGroup", bigQuery=query)  # fmt: skip
        group = {"featureGroupId": "churn_dev_customers", "featureIds": ["plan", "visits"]}
        store.occupy(VIEW.partition("/featureViews/")[0], "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore",
                     bigtable={})  # fmt: skip
        store.occupy(VIEW, "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview",
                     featureRegistrySource={"featureGroups": [group]})  # fmt: skip
        service.features.sync(VIEW)

    def _provision_azure(self, service: AzureMLService) -> None:
        group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-churn-dev-westeurope/providers"
        workspace = f"{group}/Microsoft.MachineLearningServices/workspaces/mlw-churn-dev"
        container = f"{group}/Microsoft.Storage/storageAccounts/stchurn/blobServices/default/containers/data"
        store = service.store
        store.occupy(workspace, "azure-native:machinelearningservices:Workspace", location="westeurope")
        store.occupy(container, "azure-native:storage:BlobContainer")
        store.occupy(
            f"{workspace}/datastores/data", "azure-native:machinelearningservices:Datastore",
            properties={"datastoreType": "AzureBlob", "accountName": "stchurn", "containerName": "data"},
        )  # fmt: skip
        service.blobs.put("stchurn", "data", "sets/customers.csv", CUSTOMERS.encode())

    def type(self, *words: str) -> tuple[int, dict[str, Any]]:
        """The exit code and the document of a command."""
        done = call("features", *words, "--format", "json", cwd=self.root)
        return done.returncode, json.loads(done.stdout)


@pytest.fixture(params=features_on_clouds.PLATFORMS)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Project]:
    root = tmp_path / "project"
    root.mkdir()
    store = Store(tmp_path / "cloud")
    cloud = nullcontext() if request.param == "local" else serving_kit.signed_in(request.param, store, tmp_path)
    with cloud as service:
        yield Project(root, request.param, service)


RETRIEVE = ("retrieve", "customers", "--rows", "observed.csv", "--time", "when", "--out", "train.csv")


def test_the_same_command_writes_the_same_file_on_every_platform(project: Project) -> None:
    code, found = project.type(*RETRIEVE)

    data: Row = found["data"]
    assert (code, (project.root / "train.csv").read_text()) == (0, JOINED)
    assert (data["digest"], data["rows"], found["data"]["sets"][0]["unmatched"]) == (
        digests.of_bytes(JOINED.encode()), 4, 2,
    )  # fmt: skip


def test_the_same_command_gives_the_same_values_of_an_entity_on_every_platform(project: Project) -> None:
    code, found = project.type("get", "customers", "--key", "007", "--key", "8")

    data = found["data"]
    assert (code, [(one["key"], one["values"]) for one in data["entities"]], data["unknown"]) == (
        6, [({"customer": "007"}, {"plan": "pro", "visits": "3"})], [{"customer": "8"}],
    )  # fmt: skip
    assert data["by"] == ("view" if project.platform == "vertex" else "source")


def test_where_sets_are_read_is_listed_without_asking_anybody(project: Project) -> None:
    code, found = project.type("list")

    (one,) = found["data"]["sets"]
    places = {"local": "data/customers.csv", "azureml": URI, "vertex": f"bq://{TABLE}"}
    view = VIEW if project.platform == "vertex" else None
    assert (code, one["read_from"], one["view"]) == (0, places[project.platform], view)
    assert project.service is None or project.service.requests == []


@pytest.mark.parametrize("project", ["vertex"], indirect=True)
def test_people_read_which_view_serves_a_set(project: Project) -> None:
    done = call("features", "list", cwd=project.root)

    assert [line.split() for line in done.stdout.splitlines()] == [
        ["set", "entity", "keys", "features", "time", "read", "from", "view"],
        ["customers", "customer", "customer", "plan,", "visits", "feature_timestamp", f"bq://{TABLE}", "customers"],
    ]


@pytest.mark.parametrize("project", ["azureml"], indirect=True)
def test_what_was_fetched_is_gone_after_the_command(project: Project) -> None:
    project.type(*RETRIEVE)

    assert left(project) == [".gitignore"]


@pytest.mark.parametrize("project", ["azureml"], indirect=True)
def test_what_a_killed_command_fetched_goes_with_the_next_one_and_that_of_one_at_work_stays(project: Project) -> None:
    cloud = project.root / ".groundplan" / "cloud"
    (cloud / "features-killed").mkdir(parents=True)
    (cloud / "features-killed" / "customers.csv").write_text(CUSTOMERS)
    with fetched.folder(cloud) as at_work:
        (cloud / "features-another").mkdir()
        code, _ = project.type(*RETRIEVE)
        assert (code, left(project)) == (0, [".gitignore", at_work.name])

    assert left(project) == [".gitignore"]


def left(project: Project) -> list[str]:
    """What lies where a cloud's rows are fetched, but for locks."""
    found = (project.root / ".groundplan" / "cloud").iterdir()
    return sorted(path.name for path in found if not path.name.endswith(".lock"))


@pytest.mark.parametrize("project", ["vertex"], indirect=True)
def test_a_view_that_was_never_filled_ends_with_6_and_says_how_to_fill_it(project: Project) -> None:
    assert isinstance(project.service, VertexService)
    project.service.features.clear()

    code, found = project.type("get", "customers", "--key", "007")
    offline, read = project.type("get", "customers", "--key", "007", "--offline")

    (error,) = found["errors"]
    assert (code, error["message"], error["where"], f"/v1/{VIEW}:sync" in error["hint"]) == (
        6, "the view of the feature set 'customers' has never been filled", VIEW, True,
    )  # fmt: skip
    assert (offline, read["data"]["entities"][0]["values"]) == (0, {"plan": "pro", "visits": "3"})
