"""The same feature sets on every platform: files of a laptop, blobs of Azure, tables and views of Google Cloud."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from groundplan.core import csv_text
from groundplan.core.layout import Layout
from groundplan.lifecycle.azureml.features import AzureMLFeatures
from groundplan.lifecycle.contract.features import FeaturePlace, Features, FeatureSet
from groundplan.lifecycle.contract.pipeline import DataSource
from groundplan.lifecycle.features import texts
from groundplan.lifecycle.local.data import feature_rows
from groundplan.lifecycle.local.features import LocalFeatures
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.vertex.features import VertexFeatures

import records_kit
import serving_kit
from serving_kit import LOCATION, WORKSPACE
from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Service

PLATFORMS = ("local", "azureml", "vertex")
CLOUDS = PLATFORMS[1:]
DATASET = "acme-churn.churn_dev_features"
STORE = f"{LOCATION}/featureOnlineStores/churn_dev"
CONTAINER = f"{records_kit.ACCOUNT}/blobServices/default/containers/data"
ALSO = f"{records_kit.ACCOUNT.rpartition('/')[0]}/stother/blobServices/default/containers/lake"
TYPES = {
    "customer": "STRING", "shop": "INTEGER", "seen_at": "TIMESTAMP", "plan": "STRING", "balance": "FLOAT",
    "visits": "INTEGER", "active": "BOOLEAN", "city": "STRING",
}  # fmt: skip
Row = Mapping[str, object]


@dataclass
class FeaturesRig:
    """One platform; ``started`` is its cloud."""

    platform: str
    folder: Path
    started: serving_kit.Rig | None
    pages: int = 5000
    _fetched: int = field(default=0)

    @property
    def service(self) -> Service:
        """The cloud's."""
        assert self.started is not None
        return self.started.service

    @property
    def vertex(self) -> VertexService:
        assert isinstance(self.service, VertexService)
        return self.service

    @property
    def azure(self) -> AzureMLService:
        assert isinstance(self.service, AzureMLService)
        return self.service

    def reset(self) -> None:
        """Nothing is there but what up makes."""
        if self.started is None:
            return
        self.started.reset()
        store = self.service.store
        if self.platform == "vertex":
            self.pages = 5000
            store.occupy(f"projects/acme-churn/datasets/{DATASET.partition('.')[2]}", "gcp:bigquery/dataset:Dataset",
                         datasetId=DATASET.partition(".")[2])  # fmt: skip
            store.occupy(STORE, "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore", optimized={},
                         dedicatedServingEndpoint={})  # fmt: skip
            return
        self.azure.blobs.content.clear()
        self.azure.blobs.page = 5000
        for container in (CONTAINER, ALSO):
            store.occupy(container, "azure-native:storage:BlobContainer")
        store.occupy(
            f"{WORKSPACE}/datastores/data", "azure-native:machinelearningservices:Datastore",
            properties={"datastoreType": "AzureBlob", "accountName": "stchurndev", "containerName": "data"},
        )  # fmt: skip

    def features(self, pace: Pace = records_kit.PACE) -> Features:
        """Groundplan's own, as the next command opens it."""
        if self.platform == "vertex":
            return VertexFeatures(pace=pace, page=self.pages)
        here = LocalFeatures(Layout(self.folder))
        if self.platform == "local":
            return here
        self._fetched += 1
        into = self.folder / f"fetched-{self._fetched}"
        into.mkdir(exist_ok=True)
        return AzureMLFeatures(here=here, reading=feature_rows, folder=into, pace=pace)

    def put(
        self, name: str, rows: Sequence[Row], *, keys: tuple[str, ...] = ("customer",), timed: bool = True,
        features: tuple[str, ...] = (), online: bool = False,
    ) -> FeatureSet:  # fmt: skip
        """A set with these rows, as its platform has them; ``online`` also makes its view and fills it."""
        one = FeatureSet(
            name=name, entity="customer", keys=keys, features=features, timestamp="seen_at" if timed else None,
            place=f"data/{name}.csv", where="groundplan.yaml:9:3",
        )  # fmt: skip
        if self.platform == "vertex":
            return self._table(one, rows, online=online)
        text = csv_text.of_rows([{column: texts.text(value) for column, value in row.items()} for row in rows])
        if self.platform == "local":
            path = self.folder / f"{name}.csv"
            path.write_text(text, encoding="utf-8")
            return replace(one, source=DataSource(name=name, path=path))
        self.blob("stchurndev", "data", f"features/{name}.csv", text)
        uri = f"azureml://datastores/data/paths/features/{name}.csv"
        return replace(one, place=uri, at=FeaturePlace(workspace=WORKSPACE, uri=uri))

    def blob(self, account: str, container: str, name: str, text: str) -> None:
        """Somebody writes a file into storage."""
        self.azure.blobs.put(account, container, name, text.encode())

    def _table(self, one: FeatureSet, rows: Sequence[Row], *, online: bool) -> FeatureSet:
        table = f"{DATASET}.{one.name}"
        columns = list(dict.fromkeys(column for row in rows for column in row))
        known = {_called(column): TYPES[column] for column in columns}
        self.vertex.bigquery.tables.make(table, known, [[row[column] for column in columns] for row in rows])
        view = self._view(one, table) if online else ""
        place = FeaturePlace(workspace=LOCATION, uri=f"bq://{table}", view=view, timestamp="feature_timestamp")
        timestamp = one.timestamp and "feature_timestamp"
        return replace(one, at=place, place=place.uri, timestamp=timestamp)

    def _view(self, one: FeatureSet, table: str) -> str:
        """As ``up`` makes it: of the registered features, or of the whole table."""
        view, store = f"{STORE}/featureViews/{one.name}", self.service.store
        source: dict[str, Any] = {"bigQuerySource": {"uri": f"bq://{table}", "entityIdColumns": list(one.keys)}}
        if one.features:
            group = f"churn_dev_{one.name}"
            query = {"bigQuerySource": {"inputUri": f"bq://{table}"}, "entityIdColumns": list(one.keys)}
            store.occupy(f"{LOCATION}/featureGroups/{group}", "gcp:vertex/aiFeatureGroup:AiFeatureGroup",
                         bigQuery=query)  # fmt: skip
            wanted = {"featureGroupId": group, "featureIds": list(one.features)}
            source = {"featureRegistrySource": {"featureGroups": [wanted]}}
        store.occupy(view, "gcp:vertex/aiFeatureOnlineStoreFeatureview:AiFeatureOnlineStoreFeatureview", **source)
        self.fill(view)
        return view

    def fill(self, view: str, **more: Any) -> None:
        """The view is filled; an optimized store has an address of its own from then on."""
        self.vertex.features.sync(view, **more)
        address = f"http://127.0.0.1:{self.service.port}"
        self.service.store.change(STORE, {"dedicatedServingEndpoint": {"publicEndpointDomainName": address}})


def _called(column: str) -> str:
    return "feature_timestamp" if column == "seen_at" else column


@dataclass(frozen=True)
class Observed:
    """Observations of customers, each at a moment."""

    rows: tuple[tuple[str, ...], ...]
    at: tuple[datetime, ...]
    header: tuple[str, ...] = ("customer", "when")
    place: str = "observed.csv"

    def times(self, column: str) -> Sequence[datetime]:
        del column
        return self.at


def observed(*pairs: tuple[str, str]) -> Observed:
    """A customer and a time each."""
    return Observed(pairs, tuple(datetime.fromisoformat(time) for _, time in pairs))


@contextmanager
def rig(platform: str, folder: Path) -> Generator[FeaturesRig]:
    """The platform, a cloud with its service running and this process signed in to it."""
    with nullcontext() if platform == "local" else serving_kit.rig(platform, folder) as started:
        yield FeaturesRig(platform=platform, folder=folder, started=started)


def at(one: FeatureSet, uri: str) -> FeatureSet:
    """The same set with its rows elsewhere."""
    return replace(one, place=uri, at=replace(one.at, uri=uri))
