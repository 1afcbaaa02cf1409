"""What Google Cloud asks of feature groups, features, online stores, their views, and the tables below them."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_UNDERSCORED = r"[a-z_][a-z0-9_]*"
_SOURCE = "aiplatform v1 FeatureGroup, FeatureOnlineStore, FeatureView; terraform-provider-google-beta 7.45"
_TABLE = r"bq://[^.\s]+\.[^.\s]+\.[^.\s]+"

RULES = {
    "gcp:vertex/aiFeatureGroup:AiFeatureGroup": TypeRules(
        source=_SOURCE,
        name=NameRule(property="name", pattern=_UNDERSCORED, minimum=1, maximum=128, unique="region"),
        stateful=True,
        loses="the registered features and their statistics; the rows stay in BigQuery",
        replaced_by=frozenset({"bigQuery.bigQuerySource", "name", "project", "region"}),
        patterns={"bigQuery.bigQuerySource.inputUri": _TABLE},
    ),
    "gcp:vertex/aiFeatureGroupFeature:AiFeatureGroupFeature": TypeRules(
        source=_SOURCE,
        name=NameRule(property="name", pattern=_UNDERSCORED, minimum=1, maximum=128, unique="parent"),
        replaced_by=frozenset({"featureGroup", "name", "project", "region"}),
    ),
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore": TypeRules(
        source=_SOURCE,
        name=NameRule(property="name", pattern=_UNDERSCORED, minimum=1, maximum=60, unique="region"),
        stateful=True,
        loses="the rows that are served online, until the next synchronization of every view",
        replaced_by=frozenset({"name", "project", "region"}),
        exactly_one=(frozenset({"bigtable", "optimized"}),),
        at_most_one=(
            frozenset({"optimized", "embeddingManagement"}),
            frozenset({"bigtable", "dedicatedServingEndpoint.privateServiceConnectConfig"}),
        ),
        ranges={
            "bigtable.autoScaling.minNodeCount": (1, 1000),
            "bigtable.autoScaling.cpuUtilizationTarget": (10, 80),
        },
    ),
    "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview": TypeRules(
        source=_SOURCE,
        name=NameRule(property="name", pattern=_UNDERSCORED, minimum=1, maximum=60, unique="parent"),
        replaced_by=frozenset({"featureOnlineStore", "name", "project", "region", "vectorSearchConfig"}),
        exactly_one=(frozenset({"bigQuerySource", "featureRegistrySource"}),),
        at_most_one=(
            frozenset({"syncConfig.cron", "syncConfig.continuous"}),
            frozenset({"featureRegistrySource", "vectorSearchConfig"}),
        ),
        patterns={"syncConfig.cron": r"(TZ=\S+ )?\S+( \S+){4}", "bigQuerySource.uri": _TABLE},
    ),
    "gcp:bigquery/table:Table": TypeRules(
        source="cloud.google.com/bigquery/docs/tables; terraform-provider-google-beta 7.45",
        name=NameRule(property="tableId", pattern=r"[\w -]+", minimum=1, maximum=1024, unique="parent"),
        stateful=True,
        loses="the rows of the table",
        replaced_by=frozenset({"datasetId", "encryptionConfiguration", "project", "tableId"}),
    ),
}
"""By type token."""
