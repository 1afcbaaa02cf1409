"""Where feature sets are read is where ``up`` puts them: the names of both are compared, resource by resource."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from groundplan.lifecycle.contract.features import FeaturePlace
from groundplan.stacks.config.reading import read, read_stacks
from groundplan.stacks.feature_sets import feature_sets
from groundplan.stacks.planning.planning import plans

import cloud_configs

CONFIG = """\
data: {sources: {main: {path: data/rows.csv}, kept: {uri: "azureml:rows", version: "3"}}}
features:
  online: true
  sets:
    customer-profile: {source: main, entity: customer, keys: [id], features: [plan], timestamp: seen_at}
    events: {source: lake.events, entity: customer, keys: [id], timestamp: seen_at}
    shops: {source: other-project.lake.shops, entity: shop, keys: [shop]}
environments: {dev: {}}
"""
FOLDER = "projects/acme-churn/locations/europe-west4"


@pytest.fixture
def vertex(tmp_path: Path) -> Path:
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.GOOGLE + CONFIG, encoding="utf-8")
    return tmp_path


def test_tables_and_views_are_read_where_up_makes_them(vertex: Path) -> None:
    (plan,) = plans(read_stacks(vertex), ["dev"])
    made: dict[str, list[Any]] = {}
    for one in plan.resources:
        made.setdefault(one.type.rpartition(":")[2], []).append(one.properties)
    sets = feature_sets(read(vertex))

    groups = {one["bigQuery"]["bigQuerySource"]["inputUri"] for one in made["AiFeatureGroup"]}
    assert {one.at.uri for one in sets.values()} == groups
    (table,) = made["Table"]
    assert sets["customer-profile"].at.uri == f"bq://acme-churn.{table['datasetId']}.{table['tableId']}"
    (store,) = made["AiFeatureOnlineStore"]
    views = {f"{FOLDER}/featureOnlineStores/{store['name']}/featureViews/{one['name']}"
             for one in made["AiFeatureOnlineStoreFeatureview"]}  # fmt: skip
    assert {one.at.view for one in sets.values() if one.at.view} < views


def test_a_set_with_a_time_is_served_by_a_view_only_where_its_features_are_named(vertex: Path) -> None:
    sets = feature_sets(read(vertex))

    assert {name: (bool(one.at.view), one.timestamp, one.place) for name, one in sets.items()} == {
        "customer-profile": (True, "feature_timestamp", "bq://acme-churn.churn_dev_features.main"),
        "events": (False, "feature_timestamp", "bq://acme-churn.lake.events"),
        "shops": (True, None, "bq://other-project.lake.shops"),
    }


def test_sets_of_azure_are_their_data_sources(tmp_path: Path) -> None:
    text = CONFIG.replace("lake.events", "kept").replace("other-project.lake.shops", "main")
    (tmp_path / "groundplan.yaml").write_text(cloud_configs.AZURE + text, encoding="utf-8")

    sets = feature_sets(read(tmp_path))

    workspace = (
        "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-churn-dev-westeurope/providers"
        "/Microsoft.MachineLearningServices/workspaces/mlw-churn-dev"
    )
    found = sets["customer-profile"]
    assert found.source is not None
    assert (found.source.path, found.place, found.timestamp) == (tmp_path / "data/rows.csv", "data/rows.csv", "seen_at")
    assert sets["events"].at == FeaturePlace(workspace=workspace, uri="azureml:rows:3")
