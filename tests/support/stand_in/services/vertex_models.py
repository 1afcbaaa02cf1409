"""Vertex AI's model registry: uploads, copies, versions with their aliases and labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from .http import Json, Request
from .vertex_words import check_labels, labelled, named, numbered, refused

if TYPE_CHECKING:
    from .vertex import VertexService

_ID = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
_ALIAS = re.compile(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]")
_IMAGE = re.compile(r"[a-z0-9-]+-docker\.pkg\.dev/[^/]+/[^/]+/.+")
_MASKS = {"labels": ("labels",), "versionDescription": ("versionDescription",)}
_CREATED = "2026-01-01T00:00:{:02d}Z"


class Models:
    """The registry of each project and region: versions by the name of their model, oldest first."""

    def __init__(self, service: VertexService) -> None:
        self._service = service
        self.content: dict[str, list[Json]] = {}
        self._stale: dict[str, tuple[list[Json], int]] = {}
        self.page = 100
        prefix = "aiplatform.projects.locations.models"
        self.answers: dict[str, Callable[[Request], Json]] = {
            f"{prefix}.upload": self._upload,
            f"{prefix}.copy": self._copy,
            f"{prefix}.get": self._get,
            f"{prefix}.list": self._list,
            f"{prefix}.listVersions": self._list_versions,
            f"{prefix}.mergeVersionAliases": self._merge,
            f"{prefix}.patch": self._patch,
        }

    def clear(self) -> None:
        """Nothing is registered."""
        self.content.clear()
        self._stale.clear()
        self.page = 100

    def find(self, name: str) -> Json:
        """A version by a name with a number, an alias, or neither: then the default one."""
        model, _, version = named(name).partition("@") if name.count("/") == 5 else ("", "", "")
        for one in self.content.get(model, []):
            if version in (one["versionId"], *one["versionAliases"]) or (
                not version and "default" in one["versionAliases"]
            ):
                return one
        raise refused("NOT_FOUND", f"The Model {name} does not exist.")

    def _get(self, request: Request) -> Json:
        return _shown(self.find(_name(request)))

    def _upload(self, request: Request) -> Json:
        where = named(request.path.removeprefix("/v1/").removesuffix("/models:upload"))
        model: dict[str, Any] = request.body.get("model", {})
        if not model.get("displayName"):
            raise refused("INVALID_ARGUMENT", "model.display_name is required.")
        if not _IMAGE.fullmatch(model.get("containerSpec", {}).get("imageUri", "")):
            raise refused("INVALID_ARGUMENT", "container_spec.image_uri must be an image in Artifact Registry.")
        self._check_folder(model.get("artifactUri", ""))
        return self._make(where, request.body, model, "UploadModel")

    def _copy(self, request: Request) -> Json:
        where = named(request.path.removeprefix("/v1/").removesuffix("/models:copy"))
        source = self.find(request.body.get("sourceModel", ""))
        kept = ("displayName", "containerSpec", "artifactUri", "versionDescription")
        model = {one: source[one] for one in kept if one in source}
        original = {"originalModelInfo": {"model": f"{numbered(source['name'])}@{source['versionId']}"}}
        encrypted = {one: request.body[one] for one in ("encryptionSpec",) if one in request.body}
        return self._make(where, request.body, {**model, **original, **encrypted}, "CopyModel")

    def _make(self, where: str, body: Mapping[str, Any], model: Json, kind: str) -> Json:
        id, parent = body.get("modelId", ""), named(body["parentModel"]) if body.get("parentModel") else ""
        check_labels(model.get("labels", {}))
        for alias in model.get("versionAliases", []):
            _check_alias(alias)
        if bool(id) == bool(parent) or (id and not _ID.fullmatch(id)):
            raise refused("INVALID_ARGUMENT", "One of model_id and parent_model, in its form, must be given.")
        if parent and parent not in self.content:
            raise refused("NOT_FOUND", f"The parent Model {parent} does not exist.")
        name = parent or f"{where}/models/{id}"
        about = numbered(name)
        if id and (name in self.content or self._service.busy(about)):
            raise refused("ALREADY_EXISTS", f"The Model {id} already exists.")
        made: Json = {}

        def act() -> None:
            there = self.content.setdefault(name, [])
            if self._service.lag:
                self._stale[name] = (list(there), self._service.lag)
            number = 1 + max((int(one["versionId"]) for one in there), default=0)
            default = [] if there else ["default"]
            made.update(
                model, name=name, versionId=str(number), etag=f"e{number}",
                versionAliases=[*default, *model.get("versionAliases", [])], labels=model.get("labels", {}),
                createTime=_CREATED.format(0), versionCreateTime=_CREATED.format(len(self._service.operations) % 60),
            )  # fmt: skip
            there.append(made)

        return self._service.operate(about, kind, act, lambda: {"model": about, "modelVersionId": made["versionId"]})

    def _check_folder(self, uri: str) -> None:
        bucket, _, prefix = uri.removeprefix("gs://").partition("/")
        objects = self._service.buckets.content.get(bucket, {})
        folder = prefix.rstrip("/") + "/"
        if not uri.startswith("gs://") or not any(name.startswith(folder) for name in objects):
            raise refused("INVALID_ARGUMENT", f"There are no files under {uri}.")

    def _list(self, request: Request) -> Json:
        where = named(request.path.removeprefix("/v1/").removesuffix("/models"))
        wanted = labelled(request)
        found = [
            next(one for one in versions if "default" in one["versionAliases"])
            for name, versions in sorted(self.content.items())
            if name.startswith(f"{where}/models/")
        ]
        return self._paged(request, [one for one in found if wanted(one)])

    def _list_versions(self, request: Request) -> Json:
        name = named(request.path.removeprefix("/v1/").removesuffix(":listVersions"))
        if name not in self.content:
            raise refused("NOT_FOUND", f"The Model {name} does not exist.")
        old, looks = self._stale.get(name, ([], 0))
        if looks > 0:
            self._stale[name] = (old, looks - 1)
        wanted = labelled(request)
        return self._paged(request, [one for one in (old if looks > 0 else self.content[name]) if wanted(one)])

    def _paged(self, request: Request, found: list[Json]) -> Json:
        first = int(request.query.get("pageToken") or 0)
        size = min(self.page, int(request.query.get("pageSize") or self.page))
        more = {"nextPageToken": str(first + size)} if first + size < len(found) else {}
        return {"models": [_shown(one) for one in found[first : first + size]], **more}

    def _merge(self, request: Request) -> Json:
        version = self.find(_name(request).removesuffix(":mergeVersionAliases"))
        aliases: list[str] = request.body.get("versionAliases", [])
        gone = {one[1:] for one in aliases if one.startswith("-")}
        new = [one for one in aliases if not one.startswith("-")]
        for alias in (*gone, *new):
            _check_alias(alias)
        for other in self.content[version["name"]]:
            taken = set(new) & set(other["versionAliases"])
            if other is not version and taken:
                raise refused("FAILED_PRECONDITION", f"The alias {taken.pop()} is of version {other['versionId']}.")
        kept = [one for one in version["versionAliases"] if one not in gone]
        version["versionAliases"] = [*kept, *(one for one in new if one not in kept)]
        return _shown(version)

    def _patch(self, request: Request) -> Json:
        name = _name(request)
        if "@" not in name:
            raise refused("UNIMPLEMENTED", "the stand-in changes versions only")
        version = self.find(name)
        fields = [field for mask in request.query["updateMask"].split(",") for field in _MASKS.get(mask, ())]
        if not fields:
            raise refused("INVALID_ARGUMENT", f"The update mask {request.query['updateMask']} cannot be changed.")
        check_labels(request.body.get("labels", {}))
        version.update({field: request.body.get(field, {}) for field in fields})
        return _shown(version)


def _name(request: Request) -> str:
    return unquote(request.path.removeprefix("/v1/"))


def _shown(version: Json) -> Json:
    return {**version, "name": numbered(version["name"])}


def _check_alias(alias: str) -> None:
    if not _ALIAS.fullmatch(alias):
        raise refused("INVALID_ARGUMENT", f"The version alias {alias!r} is not of the form a-z{{0,126}}[a-z0-9].")
