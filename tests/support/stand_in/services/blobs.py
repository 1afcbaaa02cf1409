"""Azure's Blob service, by the rules of its REST interface that groundplan and azure-ai-ml use, and no other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from .http import Answer, RefusedError, Request

if TYPE_CHECKING:
    from .azureml import AzureMLService

_HOST = re.compile(r"(?P<account>[a-z0-9]{3,24})\.blob\.core\.windows\.net")
_VERSION = re.compile(r"20\d\d-\d\d-\d\d")
_FIRST_WITH_TOKENS = "2017-11-09"
_MOST_IN_A_PAGE = 5000
_WORDS = {
    "AuthenticationFailed": (401, "Server failed to authenticate the request."),
    "AuthorizationPermissionMismatch": (403, "This request is not authorized to perform this operation."),
    "BlobAlreadyExists": (409, "The specified blob already exists."),
    "BlobNotFound": (404, "The specified blob does not exist."),
    "ConditionNotMet": (412, "The condition specified using HTTP conditional header(s) is not met."),
    "ContainerNotFound": (404, "The specified container does not exist."),
    "InvalidRange": (416, "The range specified is invalid for the current size of the resource."),
    "MissingRequiredHeader": (400, "An HTTP header that's mandatory for this request is not specified."),
    "UnsupportedHttpVerb": (405, "The resource doesn't support specified Http Verb."),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Blob:
    """A blob as it is; ``tag`` is its ETag."""

    content: bytes
    tag: str
    kind: str
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    modified: datetime = datetime(2026, 11, 28, tzinfo=UTC)

    @property
    def headers(self) -> dict[str, str]:
        """What every answer about it says."""
        meta = {f"x-ms-meta-{name}": value for name, value in self.metadata.items()}
        return {"ETag": self.tag, "Last-Modified": format_datetime(self.modified, usegmt=True), **meta}


class Blobs:
    """The accounts; ``content`` is by account, container and name, ``page`` the most names in an answer."""

    def __init__(self, service: AzureMLService) -> None:
        self._service = service
        self._written = 0
        self.content: dict[tuple[str, str, str], Blob] = {}
        self.page = _MOST_IN_A_PAGE

    def answer(self, request: Request) -> Answer | None:
        """What the account says; None for a host that is none."""
        host = _HOST.fullmatch(request.host)
        if host is None:
            return None
        self._refuse_strangers(request)
        container, _, name = unquote(request.path).removeprefix("/").partition("/")
        if not any(
            one["id"].endswith(f"/storageAccounts/{host['account']}/blobServices/default/containers/{container}")
            for one in self._service.store.of_type(":BlobContainer")
        ):
            raise refused("ContainerNotFound")
        if not name:
            return self._list(host["account"], container, request)
        key = (host["account"], container, name)
        if request.method == "PUT":
            return self._annotate(key, request) if request.query.get("comp") == "metadata" else self._put(key, request)
        if request.method not in ("GET", "HEAD"):
            raise refused("UnsupportedHttpVerb")
        return self._get(key, request)

    def put(self, account: str, container: str, name: str, content: bytes) -> None:
        """Somebody writes a blob."""
        self._keep((account, container, name), content, "application/octet-stream", {})

    def _refuse_strangers(self, request: Request) -> None:
        version = request.headers.get("x-ms-version", request.query.get("sv", ""))
        signed = request.headers.get("authorization") == f"Bearer {self._service.token}"
        if not _VERSION.fullmatch(version) or (signed and version < _FIRST_WITH_TOKENS):
            raise refused("MissingRequiredHeader")
        if not signed and request.query.get("sig") != self._service.signature:
            raise refused("AuthenticationFailed")

    def _put(self, key: tuple[str, str, str], request: Request) -> Answer:
        if request.headers.get("x-ms-blob-type") != "BlockBlob":
            raise refused("MissingRequiredHeader")
        there, wanted = self.content.get(key), request.headers.get("if-match")
        if request.headers.get("if-none-match") == "*" and there is not None:
            raise refused("BlobAlreadyExists")
        if wanted is not None and (there is None or wanted not in ("*", there.tag)):
            raise refused("ConditionNotMet")
        kind = request.headers.get("x-ms-blob-content-type", "application/octet-stream")
        made = self._keep(key, request.content, kind, _metadata(request))
        return Answer(content=b"", status=201, headers=made.headers)

    def _annotate(self, key: tuple[str, str, str], request: Request) -> Answer:
        there = self._found(key)
        made = self._keep(key, there.content, there.kind, _metadata(request))
        return Answer(content=b"", headers=made.headers)

    def _keep(self, key: tuple[str, str, str], content: bytes, kind: str, metadata: Mapping[str, str]) -> Blob:
        self._written += 1
        self.content[key] = Blob(content=content, tag=f'"0x8D{self._written:012X}"', kind=kind, metadata=metadata)
        return self.content[key]

    def _get(self, key: tuple[str, str, str], request: Request) -> Answer:
        blob = self._found(key)
        headers = {**blob.headers, "Content-Type": blob.kind, "x-ms-blob-type": "BlockBlob"}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("x-ms-range", ""))
        if wanted is None:
            return Answer(content=blob.content, headers=headers)
        first, size = int(wanted[1]), len(blob.content)
        if first >= size:
            raise refused("InvalidRange")
        last = min(int(wanted[2]), size - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        return Answer(content=blob.content[first : last + 1], status=206, headers=headers)

    def _list(self, account: str, container: str, request: Request) -> Answer:
        query = request.query
        if request.method != "GET" or (query.get("restype"), query.get("comp")) != ("container", "list"):
            raise refused("UnsupportedHttpVerb")
        prefix, marker = query.get("prefix", ""), query.get("marker", "")
        names = sorted(name for *where, name in self.content if where == [account, container])
        names = [name for name in names if name.startswith(prefix) and name >= marker]
        names = _folded(names, prefix, query.get("delimiter", ""))
        size = min(self.page, int(query.get("maxresults", _MOST_IN_A_PAGE)))
        root = ET.Element("EnumerationResults", ContainerName=container)
        blobs = ET.SubElement(root, "Blobs")
        for name in names[:size]:
            if (account, container, name) not in self.content:
                ET.SubElement(ET.SubElement(blobs, "BlobPrefix"), "Name").text = name
                continue
            self._add(blobs, name, self.content[account, container, name], "metadata" in query.get("include", ""))
        ET.SubElement(root, "NextMarker").text = names[size] if len(names) > size else ""
        body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        return Answer(content=body, headers={"Content-Type": "application/xml"})

    def _add(self, blobs: ET.Element, name: str, blob: Blob, metadata: bool) -> None:
        one = ET.SubElement(blobs, "Blob")
        ET.SubElement(one, "Name").text = name
        known = {
            "Last-Modified": blob.headers["Last-Modified"],
            "Etag": blob.tag.strip('"'),
            "Content-Length": str(len(blob.content)),
            "Content-Type": blob.kind,
            "BlobType": "BlockBlob",
        }
        properties = ET.SubElement(one, "Properties")
        for label, value in known.items():
            ET.SubElement(properties, label).text = value
        if metadata:
            described = ET.SubElement(one, "Metadata")
            for label, value in blob.metadata.items():
                ET.SubElement(described, label).text = value

    def _found(self, key: tuple[str, str, str]) -> Blob:
        blob = self.content.get(key)
        if blob is None:
            raise refused("BlobNotFound")
        return blob


def _folded(names: list[str], prefix: str, delimiter: str) -> list[str]:
    """Names that go on behind a delimiter as one: what is before it, and the delimiter."""
    if not delimiter:
        return names
    parts = ((name, *name.removeprefix(prefix).partition(delimiter)[:2]) for name in names)
    return list(dict.fromkeys(f"{prefix}{first}{cut}" if cut else name for name, first, cut in parts))


def _metadata(request: Request) -> dict[str, str]:
    start = "x-ms-meta-"
    return {name.removeprefix(start): value for name, value in request.headers.items() if name.startswith(start)}


def refused(code: str) -> RefusedError:
    """The answer with which the service refuses, its code also in a header."""
    status, words = _WORDS[code]
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{words}</Message></Error>'
    headers = {"Content-Type": "application/xml", "x-ms-error-code": code}
    return RefusedError(Answer(content=body.encode(), status=status, headers=headers))
