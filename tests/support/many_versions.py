"""A model with thousands of versions, as so many registrations leave it."""

from __future__ import annotations

from typing import Any

from groundplan.core import digests
from groundplan.core.extras import load
from groundplan.lifecycle.contract.records import Records
from groundplan.lifecycle.recorded.archive import Archive
from groundplan.lifecycle.recorded.documents import Document, adapter
from groundplan.lifecycle.recorded.kept import KeptVersion
from groundplan.lifecycle.recorded.ledger import Ledger
from groundplan.lifecycle.vertex.client import clients

import serving_kit
from registry_kit import LINEAGE
from stand_in.services import VertexService
from stand_in.services.http import Service
from vertex_registry_kit import IMAGE

_TOGETHER = 500
_SHOWN = 20


def fill(records: Records, model: str, count: int) -> list[KeptVersion]:
    """The ledger, what was put away from it, and a record of evidence for each version that a list shows."""
    versions = [_kept(model, number) for number in range(1, count + 1)]
    for one in versions[-_SHOWN:]:
        records.write(f"evidence/{one.evidence.removeprefix('sha256:')}.json", "", tag=None)
    archive = Archive(records=records)
    firsts = range(0, count - _TOGETHER, _TOGETHER)
    put_away = tuple(archive.put_away(model, versions[first : first + _TOGETHER]) for first in firsts)
    document: Document[Ledger] = Document(
        records=records, name=f"models/{model}.json", kind=adapter(Ledger), what="versions"
    )
    document.write(Ledger(versions=tuple(versions[_TOGETHER * len(put_away) :]), archived=put_away), tag=None)
    return versions


def fill_vertex(service: Service, count: int) -> None:
    """The versions in Vertex AI's own registry."""
    assert isinstance(service, VertexService)
    name = f"{serving_kit.LOCATION}/models/churn--churn"
    service.models.content[name] = [
        {
            "name": name, "displayName": "churn", "versionId": str(number), "labels": {}, "etag": "e",
            "versionAliases": ["default"] if number == 1 else [], "artifactUri": f"gs://churn/{number:064x}",
            "containerSpec": {"imageUri": IMAGE}, "versionCreateTime": "2026-01-01T00:00:00Z",
        }
        for number in range(1, count + 1)
    ]  # fmt: skip


def listed_by_vertex(endpoint: str) -> list[Any]:
    """All of them, as the SDK lists them page by page."""
    load("google.cloud.aiplatform_v1")
    models: Any = clients(endpoint.split("/")[3]).models
    return list(models.list_model_versions(name=f"{serving_kit.LOCATION}/models/churn--churn"))


def _kept(model: str, number: int) -> KeptVersion:
    digest = digests.of_bytes(f"{model}-{number}".encode())
    return KeptVersion(
        version=number, digest=digest, created=f"2026-11-28T00:00:{number / 1000:09.6f}Z", lineage=LINEAGE,
        evidence=digest, gate="passed (dev)",
    )  # fmt: skip
