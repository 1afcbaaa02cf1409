"""The feature store on Vertex AI: groups, features, tables, store and views, in every form.

Not proved: that Vertex AI reads a table that the data flow has written, nor that a store serves in time.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from groundplan.modules.contract.features import FeaturesArguments, FeatureSetArguments
from groundplan.modules.vertex.features import Features

from vertex_parts import DEV, ENCRYPTION, PROD, Recorded, labels, parts, refused

PROFILE = FeatureSetArguments(
    name="customer-profile", source="customers", entity="customer", keys=("customer_id",), features=("tenure", "spend")
)
TABLE = FeatureSetArguments(name="orders", source="sales.orders", entity="order", keys=("id", "line"), timestamp="at")


def made(*sets: FeatureSetArguments, context: Any = DEV, **arguments: Any) -> Recorded:
    given = FeaturesArguments(sets=sets, **parts(**arguments))
    return Recorded(lambda: Features("features", context, given))


def test_a_data_source_gets_a_table_for_the_data_flow_to_fill() -> None:
    features = made(PROFILE)
    table = features.children["features-table-customers"]
    schema = json.loads(str(table.properties["schema"]))

    assert {**table.properties, "schema": schema} == {
        "project": "acme-churn",
        "datasetId": "churn_dev_features",
        "tableId": "customers",
        "description": "Features of customer",
        "schema": [
            {"name": "feature_timestamp", "type": "TIMESTAMP"},
            {"name": "customer_id", "type": "STRING"},
            {"name": "tenure", "type": "FLOAT"},
            {"name": "spend", "type": "FLOAT"},
        ],
        "deletionProtection": False,
        "labels": labels(),
    }
    assert table.ignore_changes == ("schema",)
    assert table.urn in features.children["features-customer-profile"].dependencies
    assert features.titles == ["Fill the table of feature set customer-profile"]


def test_two_sets_of_one_source_read_one_table_with_the_columns_of_both() -> None:
    other = FeatureSetArguments(
        name="usage", source="customers", entity="contract", keys=("contract_id", "customer_id"), features=("minutes",)
    )
    features = made(PROFILE, other)
    tables = [one for one in features.children.values() if one.type == "gcp:bigquery/table:Table"]

    assert [one.name for one in tables] == ["features-table-customers"]
    assert tables[0].properties["description"] == "Features of customer, contract"
    columns = {one["name"]: one["type"] for one in json.loads(str(tables[0].properties["schema"]))}
    assert columns == {
        "feature_timestamp": "TIMESTAMP",
        "customer_id": "STRING",
        "contract_id": "STRING",
        "tenure": "FLOAT",
        "spend": "FLOAT",
        "minutes": "FLOAT",
    }
    for name in ("features-customer-profile", "features-usage"):
        assert tables[0].urn in features.children[name].dependencies


def test_a_group_and_its_features_read_the_table() -> None:
    features = made(PROFILE)

    assert features.inputs("features-customer-profile") == {
        "project": "acme-churn",
        "region": "europe-west4",
        "name": "churn_dev_customer_profile",
        "description": "Features of customer",
        "bigQuery": {
            "bigQuerySource": {"inputUri": "bq://acme-churn.churn_dev_features.customers"},
            "entityIdColumns": ["customer_id"],
        },
        "labels": labels(entity="customer"),
    }
    assert features.inputs("features-customer-profile-spend") == {
        "project": "acme-churn",
        "region": "europe-west4",
        "featureGroup": "churn_dev_customer_profile",
        "name": "spend",
        "versionColumnName": "spend",
        "labels": labels(entity="customer"),
    }


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("sales.orders", "bq://acme-churn.sales.orders"),
        ("other.sales.orders", "bq://other.sales.orders"),
        ("bq://other.sales.orders", "bq://other.sales.orders"),
    ],
)
def test_a_table_is_read_where_it_is(source: str, uri: str) -> None:
    features = made(FeatureSetArguments(name="orders", source=source, entity="order", keys=("id",)))
    group: Any = features.inputs("features-orders")

    assert features.names == ["features-orders"]
    assert group["bigQuery"]["bigQuerySource"] == {"inputUri": uri}
    assert features.steps == ()


def test_another_time_column_is_said_to_need_vertex_ais_name() -> None:
    assert made(TABLE).titles == ["Name the time column of feature set orders feature_timestamp"]


def test_features_that_are_served_are_copied_to_a_store() -> None:
    features = made(PROFILE, TABLE, online=True, schedule="0 2 * * *")
    store = "features-online-store"

    assert features.inputs(store) == {
        "project": "acme-churn",
        "region": "europe-west4",
        "name": "churn_dev",
        "forceDestroy": False,
        "optimized": {},
        "dedicatedServingEndpoint": {
            "privateServiceConnectConfig": {"enablePrivateServiceConnect": True, "projectAllowlists": ["acme-churn"]}
        },
        "labels": labels(),
    }
    assert features.inputs("features-customer-profile-view") == {
        "project": "acme-churn",
        "region": "europe-west4",
        "featureOnlineStore": "churn_dev",
        "name": "customer_profile",
        "syncConfig": {"cron": "TZ=Etc/UTC 0 2 * * *"},
        "featureRegistrySource": {
            "featureGroups": [{"featureGroupId": "churn_dev_customer_profile", "featureIds": ["tenure", "spend"]}],
            "projectNumber": "123456789012",
        },
        "labels": labels(entity="customer"),
    }
    assert features.inputs("features-orders-view")["bigQuerySource"] == {
        "uri": "bq://acme-churn.sales.orders",
        "entityIdColumns": ["id", "line"],
    }
    assert features.children["features-customer-profile-spend"].urn in (
        features.children["features-customer-profile-view"].dependencies
    )


def test_a_store_with_an_own_key_is_bigtable_and_a_public_one_has_no_private_address() -> None:
    encrypted = made(PROFILE, online=True, encryption=ENCRYPTION).inputs("features-online-store")
    public = made(PROFILE, online=True, access="public").inputs("features-online-store")

    assert encrypted["bigtable"] == {"autoScaling": {"minNodeCount": 1, "maxNodeCount": 3, "cpuUtilizationTarget": 60}}
    assert encrypted["encryptionSpec"] == {"kmsKeyName": ENCRYPTION.key_id}
    assert public["optimized"] == {}
    assert not {"optimized", "dedicatedServingEndpoint"} & encrypted.keys()
    assert not {"bigtable", "dedicatedServingEndpoint"} & public.keys()


def test_features_of_production_are_protected() -> None:
    features = made(PROFILE, context=PROD, online=True)

    assert {name for name in features.names if features.children[name].protect} == {
        "features-customer-profile", "features-table-customers", "features-online-store",
    }  # fmt: skip
    assert features.inputs("features-table-customers")["deletionProtection"] is True


@pytest.mark.parametrize("access", ["private", "public"])
@pytest.mark.parametrize("encryption", [None, ENCRYPTION])
def test_google_would_take_it(access: Any, encryption: Any) -> None:
    recorded = made(PROFILE, TABLE, online=True, access=access, encryption=encryption)

    assert refused(recorded.resources) == []
