"""The feature store on Vertex AI: feature groups over BigQuery tables, and an online store that is kept in step."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_gcp import bigquery, vertex

from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.features import FeaturesArguments, FeatureSetArguments, FeaturesOutputs
from . import agents, chosen_names, feature_places, names
from .feature_places import TIMESTAMP
from .labels import labels


class Features(Component):
    """Makes the groups, their features, and where ``online`` says so a store with a view of each group."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: FeaturesArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        tables = self._placeholders()
        groups = {one.name: self._group(one, tables) for one in arguments.sets}
        features = {
            one.name: [self._feature(one, feature, groups[one.name]) for feature in one.features]
            for one in arguments.sets
        }
        store = self._store() if arguments.online else None
        if store is not None:
            for one in arguments.sets:
                self._view(one, store, [groups[one.name], *features[one.name]])
        self.steps = tuple(step for one in arguments.sets for step in _steps(one, self._table(one)))
        self.outputs = FeaturesOutputs(
            id=names.location_path(context) if store is None else store.id,
            sets={set_name: group.id for set_name, group in groups.items()},
        )
        self.done({"id": self.outputs.id, "sets": self.outputs.sets})

    def _table(self, one: FeatureSetArguments) -> str:
        return feature_places.table(self.context, one)

    def _placeholders(self) -> Mapping[str, bigquery.Table]:
        """By source, a table for all sets that read it."""
        sets: dict[str, list[FeatureSetArguments]] = {}
        for one in self._arguments.sets:
            if _is_own(one):
                sets.setdefault(one.source, []).append(one)
        return {source: self._placeholder(source, readers) for source, readers in sets.items()}

    def _placeholder(self, source: str, readers: Sequence[FeatureSetArguments]) -> bigquery.Table:
        """A table for the data flow to fill; what columns it has is the data flow's business from then on."""
        types = dict.fromkeys((key for one in readers for key in one.keys), "STRING")
        types |= dict.fromkeys((name for one in readers for name in one.features if name not in types), "FLOAT")
        columns = [{"name": name, "type": type} for name, type in {TIMESTAMP: "TIMESTAMP", **types}.items()]
        return bigquery.Table(
            f"{self.name}-table-{source}",
            project=self.context.account.project,
            dataset_id=names.features_dataset(self.context),
            table_id=self._table(readers[0]).rpartition(".")[2],
            description=f"Features of {', '.join(dict.fromkeys(one.entity for one in readers))}",
            schema=json.dumps(columns),
            deletion_protection=self.context.protects,
            labels=labels(self.context),
            opts=self.child(stateful=True, ignore_changes=["schema"], depends_on=list(self._arguments.storage.ready)),
        )

    def _group(self, one: FeatureSetArguments, tables: Mapping[str, bigquery.Table]) -> vertex.AiFeatureGroup:
        ready = [tables[one.source]] if _is_own(one) else list(self._arguments.storage.ready)
        return vertex.AiFeatureGroup(
            f"{self.name}-{one.name}",
            project=self.context.account.project,
            region=self.context.region,
            name=chosen_names.underscored(self.context, one.name),
            description=f"Features of {one.entity}",
            big_query={
                "big_query_source": {"input_uri": f"bq://{self._table(one)}"},
                "entity_id_columns": list(one.keys),
            },
            labels=labels(self.context, entity=one.entity),
            opts=self.child(stateful=True, depends_on=ready),
        )

    def _feature(
        self, one: FeatureSetArguments, feature: str, group: vertex.AiFeatureGroup
    ) -> vertex.AiFeatureGroupFeature:
        return vertex.AiFeatureGroupFeature(
            f"{self.name}-{one.name}-{feature}",
            project=self.context.account.project,
            region=self.context.region,
            feature_group=group.name,
            name=feature,
            version_column_name=feature,
            labels=labels(self.context, entity=one.entity),
            opts=self.child(),
        )

    def _store(self) -> vertex.AiFeatureOnlineStore:
        return vertex.AiFeatureOnlineStore(
            f"{self.name}-online-store",
            project=self.context.account.project,
            region=self.context.region,
            name=feature_places.store_name(self.context),
            force_destroy=False,
            labels=labels(self.context),
            opts=self.child(stateful=True, depends_on=list(self._arguments.workspace.ready)),
            **self._serving(),
        )

    def _serving(self) -> dict[str, Any]:
        """Bigtable where there is a key of one's own, which the optimized store does not take; else that one."""
        arguments = self._arguments
        if arguments.encryption is not None:
            return {
                "bigtable": {"auto_scaling": {"min_node_count": 1, "max_node_count": 3, "cpu_utilization_target": 60}},
                "encryption_spec": {"kms_key_name": arguments.encryption.key_id},
            }
        if arguments.network.access == "public":
            return {"optimized": {}}
        private = {"enable_private_service_connect": True, "project_allowlists": [self.context.account.project]}
        return {"optimized": {}, "dedicated_serving_endpoint": {"private_service_connect_config": private}}

    def _view(
        self, one: FeatureSetArguments, store: vertex.AiFeatureOnlineStore, ready: list[pulumi.Resource]
    ) -> vertex.AiFeatureOnlineStoreFeatureview:
        return vertex.AiFeatureOnlineStoreFeatureview(
            f"{self.name}-{one.name}-view",
            project=self.context.account.project,
            region=self.context.region,
            feature_online_store=store.name,
            name=feature_places.view_name(one),
            sync_config={"cron": f"TZ=Etc/UTC {self._arguments.schedule}"},
            labels=labels(self.context, entity=one.entity),
            opts=self.child(depends_on=ready),
            **self._source(one),
        )

    def _source(self, one: FeatureSetArguments) -> dict[str, Any]:
        """The group's registered features; without any, every column of the table."""
        if not one.features:
            return {"big_query_source": {"uri": f"bq://{self._table(one)}", "entity_id_columns": list(one.keys)}}
        group = {
            "feature_group_id": chosen_names.underscored(self.context, one.name),
            "feature_ids": list(one.features),
        }
        number = agents.project_number(self.context, self._arguments.foundation)
        return {"feature_registry_source": {"feature_groups": [group], "project_number": number}}


def _is_own(one: FeatureSetArguments) -> bool:
    """Whether the source is a data source, which gets a table in the features' dataset, and not a table."""
    return "." not in one.source


def _steps(one: FeatureSetArguments, table: str) -> list[AfterUp]:
    steps: list[AfterUp] = []
    if _is_own(one):
        steps.append(
            AfterUp(
                title=f"Fill the table of feature set {one.name}",
                reason=f"Vertex AI reads its features from the BigQuery table {table}, which is made empty and is "
                "written, with the types that the features have, by your own data flow",
            )
        )
    if one.timestamp is not None and one.timestamp != TIMESTAMP:
        steps.append(
            AfterUp(
                title=f"Name the time column of feature set {one.name} {TIMESTAMP}",
                reason=f"Vertex AI knows no other name for the time at which a row was true; the config names "
                f"{one.timestamp}",
            )
        )
    return steps
