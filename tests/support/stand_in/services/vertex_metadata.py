"""Vertex AI's metadata store, as far as experiments need it: contexts, and which are in which."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from .http import Json, Request
from .vertex_words import check_labels, named, numbered, refused

if TYPE_CHECKING:
    from .vertex import VertexService

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,127}")
_SCHEMAS = ("system.Experiment", "system.ExperimentRun", "system.PipelineRun")


class Contexts:
    """The contexts of all stores by their names; ``children`` are those that each has."""

    def __init__(self, service: VertexService) -> None:
        self._service = service
        self.content: dict[str, Json] = {}
        self.children: dict[str, list[str]] = {}
        prefix = "aiplatform.projects.locations.metadataStores.contexts"
        self.answers: dict[str, Callable[[Request], Json]] = {
            f"{prefix}.create": self._create,
            f"{prefix}.get": lambda request: self._find(_name(request)),
            f"{prefix}.patch": self._patch,
            f"{prefix}.addContextChildren": self._add,
            "aiplatform.projects.locations.metadataStores.artifacts.get": self._artifact,
        }

    def clear(self) -> None:
        """No context is there."""
        self.content.clear()
        self.children.clear()

    def of_job(self, store: str, id: str) -> Json:
        """What Vertex AI itself makes for a pipeline job; the store too, where it is not there."""
        if self._service.store.get(store) is None:
            self._service.store.occupy(store, "gcp:vertex/aiMetadataStore:AiMetadataStore", name="default")
        return self._keep(f"{store}/contexts/{id}", {"displayName": id, "schemaTitle": "system.PipelineRun"})

    def _create(self, request: Request) -> Json:
        store = named(request.path.removeprefix("/v1/").removesuffix("/contexts"))
        if self._service.store.get(store) is None:
            raise refused("NOT_FOUND", f"The MetadataStore {numbered(store)} does not exist.")
        id = request.query.get("contextId", "")
        if not _ID.fullmatch(id) or request.body.get("schemaTitle") not in _SCHEMAS:
            raise refused("INVALID_ARGUMENT", f"Invalid id or schema of the Context {id!r}.")
        check_labels(request.body.get("labels", {}))
        name = f"{store}/contexts/{id}"
        if name in self.content:
            raise refused("ALREADY_EXISTS", f"The Context {numbered(name)} already exists.")
        return self._keep(name, request.body)

    def _keep(self, name: str, context: Json) -> Json:
        self.content[name] = {**context, "name": numbered(name), "schemaVersion": "0.0.1", "etag": "1"}
        return self.content[name]

    def _patch(self, request: Request) -> Json:
        found = self._find(_name(request))
        if request.query.get("updateMask") != "metadata":
            raise refused("INVALID_ARGUMENT", f"The update mask {request.query.get('updateMask')} cannot be changed.")
        found["metadata"] = request.body.get("metadata", {})
        return found

    def _add(self, request: Request) -> Json:
        parent = _name(request).removesuffix(":addContextChildren")
        self._find(parent)
        there = self.children.setdefault(parent, [])
        for child in request.body.get("childContexts", []):
            name = named(child)
            self._find(name)
            if name not in there:
                there.append(name)
        return {}

    def _artifact(self, request: Request) -> Json:
        """None of those by which an experiment names more than a context holds."""
        raise refused("NOT_FOUND", f"The Artifact {request.path.removeprefix('/v1/')} does not exist.")

    def _find(self, name: str) -> Json:
        if name not in self.content:
            raise refused("NOT_FOUND", f"The Context {numbered(name)} does not exist.")
        return self.content[name]


def _name(request: Request) -> str:
    return named(request.path.removeprefix("/v1/"))
