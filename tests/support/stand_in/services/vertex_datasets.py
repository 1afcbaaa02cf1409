"""Vertex AI's managed datasets, of tables in Cloud Storage."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .http import Json, Request
from .vertex_words import check_labels, labelled, named, numbered, refused

if TYPE_CHECKING:
    from .vertex import VertexService

_SCHEMA = "gs://google-cloud-aiplatform/schema/dataset/metadata/tabular_1.0.0.yaml"


class Datasets:
    """The datasets by their names."""

    def __init__(self, service: VertexService) -> None:
        self._service = service
        self.content: dict[str, Json] = {}
        prefix = "aiplatform.projects.locations.datasets"
        self.answers: dict[str, Callable[[Request], Json]] = {
            f"{prefix}.create": self._create,
            f"{prefix}.list": self._list,
        }

    def clear(self) -> None:
        """None is there."""
        self.content.clear()

    def _create(self, request: Request) -> Json:
        where, asked = named(request.path.removeprefix("/v1/").removesuffix("/datasets")), request.body
        check_labels(asked.get("labels", {}))
        if not asked.get("displayName") or asked.get("metadataSchemaUri") != _SCHEMA:
            raise refused("INVALID_ARGUMENT", "A dataset needs a display_name and a metadata_schema_uri that is known.")
        self._check_source(asked.get("metadata", {}))
        number = 5_000_000_000_000_000_000 + len(self._service.operations)
        name = f"{where}/datasets/{number}"

        def act() -> None:
            self.content[name] = {**asked, "name": numbered(name), "etag": "1"}

        return self._service.operate(
            numbered(name), "CreateDataset", act, lambda: self.content[name], answers="Dataset"
        )

    def _check_source(self, metadata: Any) -> None:
        uris: list[str] = metadata.get("inputConfig", {}).get("gcsSource", {}).get("uri", [])
        for uri in uris:
            bucket, _, key = uri.removeprefix("gs://").partition("/")
            if key not in self._service.buckets.held(bucket) or not key.endswith(".csv"):
                raise refused("INVALID_ARGUMENT", f"There is no CSV file {uri}.")
        if not uris:
            raise refused("INVALID_ARGUMENT", "A dataset of tables needs a gcs_source.")

    def _list(self, request: Request) -> Json:
        where, wanted = numbered(request.path.removeprefix("/v1/").removesuffix("/datasets")), labelled(request)
        found = [one for one in self.content.values() if one["name"].startswith(f"{where}/") and wanted(one)]
        return {"datasets": found[: int(request.query.get("pageSize") or 100)]}
