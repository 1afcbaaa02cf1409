"""Vertex AI's online stores: views that are filled from BigQuery's tables, and what they serve of an entity.

As https://cloud.google.com/vertex-ai/docs/featurestore/latest/serve-feature-values says: of registered features each
entity's newest values that are not null, of a whole table the one row that each entity must have there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .http import Json, Request
from .vertex_words import named, refused

if TYPE_CHECKING:
    from .vertex import VertexService

TIMESTAMP = "feature_timestamp"
_KINDS = {"STRING": "stringValue", "FLOAT": "doubleValue", "INTEGER": "int64Value", "BOOLEAN": "boolValue"}


class FeatureStores:
    """The stores and views among the resources; ``syncs`` are those of each view, the last one first."""

    def __init__(self, service: VertexService) -> None:
        self._service = service
        below = "aiplatform.projects.locations.featureOnlineStores"
        self.answers: dict[str, Callable[[Request], Json]] = {
            f"{below}.get": self._store,
            f"{below}.featureViews.fetchFeatureValues": self._fetch,
            f"{below}.featureViews.featureViewSyncs.list": self._syncs,
        }
        self.clear()

    def clear(self) -> None:
        """No view was ever filled."""
        self.syncs: dict[str, list[Json]] = {}
        self._filled: dict[str, dict[tuple[str, ...], Json]] = {}

    def sync(self, view: str, *, code: int = 0, running: bool = False) -> None:
        """The view is filled; ``code`` is the error with which that ends, ``running`` has it go on."""
        number = len(self.syncs.get(view, ())) + 1
        begun = {"startTime": "2026-11-28T03:00:00Z"}
        one: Json = {"name": f"{view}/featureViewSyncs/{number}", "createTime": begun["startTime"], "runTime": begun}
        if not running:
            ended = {**begun, "endTime": "2026-11-28T03:05:00Z"}
            one |= {"runTime": ended, "finalStatus": {"code": code} if code else {}}
        self.syncs.setdefault(view, []).insert(0, one)
        if code == 0 and not running:
            self._filled[view] = self._read(self._inputs(view, "AiFeatureOnlineStoreFeatureview"))

    def _read(self, view: Json) -> dict[tuple[str, ...], Json]:
        if "bigQuerySource" in view:
            source = view["bigQuerySource"]
            return self._whole(source["uri"].removeprefix("bq://"), source["entityIdColumns"])
        (wanted,) = view["featureRegistrySource"]["featureGroups"]
        ending = f"/featureGroups/{wanted['featureGroupId']}"
        groups = [one for one in self._service.store.of_type(":AiFeatureGroup") if one["id"].endswith(ending)]
        query = groups[0]["inputs"]["bigQuery"]
        table = query["bigQuerySource"]["inputUri"].removeprefix("bq://")
        return self._registered(table, query["entityIdColumns"], wanted["featureIds"])

    def _whole(self, table: str, keys: list[str]) -> dict[tuple[str, ...], Json]:
        tables = self._service.bigquery.tables
        found = {tuple(str(row[key]) for key in keys): row for row in tables.rows(table)}
        return {key: _pairs(row, tables.schemas[table]) for key, row in found.items()}

    def _registered(self, table: str, keys: list[str], features: list[str]) -> dict[tuple[str, ...], Json]:
        tables = self._service.bigquery.tables
        found: dict[tuple[str, ...], dict[str, Any]] = {}
        for row in sorted(tables.rows(table), key=lambda row: row[TIMESTAMP]):
            known = found.setdefault(tuple(str(row[key]) for key in keys), dict.fromkeys(features))
            known |= {one: row[one] for one in features if row[one] is not None}
            known[TIMESTAMP] = row[TIMESTAMP]
        types = {**tables.schemas[table], TIMESTAMP: "INTEGER"}
        return {key: _pairs(values, types) for key, values in found.items()}

    def _store(self, request: Request) -> Json:
        id = named(request.path.removeprefix("/v1/"))
        inputs = self._inputs(id, "AiFeatureOnlineStore")
        kept = {key: inputs[key] for key in ("bigtable", "optimized") if key in inputs}
        endpoint: Json = {**inputs.get("dedicatedServingEndpoint", {})}
        if "privateServiceConnectConfig" in endpoint:
            # The provider calls the list of projects otherwise than the service.
            private = dict(endpoint["privateServiceConnectConfig"])
            projects = private.pop("projectAllowlists", [])
            endpoint["privateServiceConnectConfig"] = {**private, "projectAllowlist": projects}
        return {"name": id, "state": "STABLE", "dedicatedServingEndpoint": endpoint, **kept}

    def _syncs(self, request: Request) -> Json:
        view = named(request.path.removeprefix("/v1/").removesuffix("/featureViewSyncs"))
        self._inputs(view, "AiFeatureOnlineStoreFeatureview")
        return {"featureViewSyncs": self.syncs.get(view, [])}

    def _fetch(self, request: Request) -> Json:
        view = named(request.path.removeprefix("/v1/").removesuffix(":fetchFeatureValues"))
        self._inputs(view, "AiFeatureOnlineStoreFeatureview")
        key = tuple(request.body["dataKey"]["compositeKey"]["parts"])
        found = self._filled.get(view, {}).get(key)
        if found is None:
            raise refused("NOT_FOUND", "FeatureView data of the requested entity is not found.")
        return {"keyValues": {"features": found}}

    def _inputs(self, id: str, type: str) -> Json:
        there = self._service.store.get(id)
        if there is None or not there["type"].endswith(f":{type}"):
            raise refused("NOT_FOUND", f"The {type} {id} is not found.")
        return there["inputs"]


def _pairs(row: Json, types: Any) -> Any:
    """Names and values; a value that is null has none."""
    return [
        {"name": name, **({} if value is None else {"value": {_KINDS[types[name]]: _sent(value, types[name])}})}
        for name, value in row.items()
    ]


def _sent(value: Any, type: str) -> Any:
    """Whole numbers of 64 bits travel as text."""
    return str(value) if type == "INTEGER" else bool(value) if type == "BOOLEAN" else value
