"""Cloud Storage's JSON API: objects with generations, uploads in one piece and in several, downloads, listings.

The rules: https://cloud.google.com/storage/docs/json_api, request-preconditions, resumable-uploads.
"""

from __future__ import annotations

import base64
import email.parser
import email.policy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import google_crc32c
from groundplan.core import clock

from ..store import Store
from . import discovery
from .http import Answer, Json, RefusedError, Request

_OBJECTS = re.compile(r"/(?P<kind>(?:download/|upload/)?storage)/v1/b/(?P<bucket>[^/]+)/o(?:/(?P<name>[^/]+))?")
_RANGE = re.compile(r"bytes (?:(?P<first>\d+)-(?P<last>\d+)|\*)/(?P<whole>\d+|\*)")
_MULTIPLE = 256 * 1024
"""Pieces of an upload but the last are multiples of this many bytes."""
_PAGE = 1000
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Generations are microseconds since then."""


@dataclass(frozen=True, kw_only=True)
class Object:
    """One object; ``generation`` is new with each content."""

    content: bytes
    generation: int
    type: str = "application/octet-stream"
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(kw_only=True)
class _Upload:
    bucket: str
    name: str
    query: Mapping[str, str]
    type: str
    content: bytes = b""


@dataclass(kw_only=True)
class Buckets:
    """What the store's buckets hold, by their names; ``page`` is how many a listing gives at once."""

    store: Store
    address: str
    content: dict[str, dict[str, Object]] = field(default_factory=dict[str, dict[str, Object]])
    page: int = _PAGE
    _generation: int = 1_700_000_000_000_000
    _uploads: dict[str, _Upload] = field(default_factory=dict[str, _Upload])

    def clear(self) -> None:
        """No bucket holds anything."""
        self.content.clear()
        self._uploads.clear()
        self.page = _PAGE

    def make(self, name: str) -> None:
        """An empty bucket."""
        self.store.occupy(name, "gcp:storage/bucket:Bucket", name=name)
        self.content[name] = {}

    def put(
        self, bucket: str, name: str, content: bytes, *, type: str = "application/octet-stream",
        metadata: Mapping[str, str] | None = None,
    ) -> Object:  # fmt: skip
        """Put an object there, whatever was there before."""
        self._generation += 1
        self.content[bucket][name] = Object(
            content=content, generation=self._generation, type=type, metadata=metadata or {}
        )
        return self.content[bucket][name]

    def held(self, bucket: str) -> Mapping[str, Object]:
        """What a bucket holds, with what the engine put there."""
        there = self.content.setdefault(bucket, {})
        for one in self.store.of_type("storage/bucketObject:BucketObject"):
            settings = one["inputs"]
            if settings["bucket"] == bucket and settings["name"] not in there:
                self.put(
                    bucket, settings["name"], settings["content"].encode(), type=settings["contentType"],
                    metadata=settings.get("metadata"),
                )  # fmt: skip
        return there

    def answer(self, request: Request) -> Answer:
        """What the service answers."""
        found = _OBJECTS.fullmatch(request.path)
        if found is None or self.store.get(found["bucket"]) is None:
            raise _refused(404, "notFound", "The specified bucket does not exist.")
        self.held(found["bucket"])
        if found["kind"].startswith("upload"):
            return _as_described(self._upload(request, found["bucket"]))
        _check(request, f"/{request.path.removeprefix('/').removeprefix('download/')}")
        if found["name"] is None:
            return _as_described(self._list(request, found["bucket"]))
        return _as_described(self._object(request, found["bucket"], unquote(found["name"])))

    def _object(self, request: Request, bucket: str, name: str) -> Answer:
        one = self.content[bucket].get(name)
        if one is None:
            raise _refused(404, "notFound", f"No such object: {bucket}/{name}")
        wanted = request.query.get("generation", str(one.generation))
        if wanted != str(one.generation):
            raise _refused(404, "notFound", f"No such object: {bucket}/{name}#{wanted}")
        self._demand(bucket, name, request.query)
        if request.method == "DELETE":
            del self.content[bucket][name]
            return Answer(status=204)
        if request.method != "GET":
            raise _refused(501, "notImplemented", f"the stand-in does not play {request.method} of an object")
        if request.query.get("alt") != "media":
            return Answer(body=_described(bucket, name, one))
        headers = {"Content-Type": one.type, "X-Goog-Generation": str(one.generation), "X-Goog-Hash": _hashes(one)}
        return Answer(content=one.content, headers=headers)

    def _list(self, request: Request, bucket: str) -> Answer:
        if request.method != "GET":
            raise _refused(501, "notImplemented", f"the stand-in does not play {request.method} of a bucket")
        prefix, after = request.query.get("prefix", ""), request.query.get("pageToken", "")
        names = sorted(name for name in self.content[bucket] if name.startswith(prefix) and name > after)
        shown = names[: min(self.page, int(request.query.get("maxResults", self.page)))]
        items = [_described(bucket, name, self.content[bucket][name]) for name in shown]
        more = {"nextPageToken": shown[-1]} if len(shown) < len(names) else {}
        return Answer(body={"kind": "storage#objects", **({"items": items} if items else {}), **more})

    def _upload(self, request: Request, bucket: str) -> Answer:
        kind = request.query.get("uploadType")
        if kind == "multipart" and request.method == "POST":
            _check(request, f"/storage/v1/b/{bucket}/o", body={})
            described, type, content = _parts(request)
            return self._insert(bucket, described, request.query, content, type)
        if kind == "resumable" and request.method == "POST":
            _check(request, f"/storage/v1/b/{bucket}/o")
            id = str(len(self._uploads) + 1)
            self._demand(bucket, request.body["name"], request.query)
            self._uploads[id] = _Upload(
                bucket=bucket, name=request.body["name"], query=request.query,
                type=request.headers.get("x-upload-content-type", ""),
            )  # fmt: skip
            where = f"{self.address}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={id}"
            return Answer(headers={"Location": where})
        if kind == "resumable" and request.method == "PUT":
            return self._piece(request)
        raise _refused(400, "invalid", f"Invalid upload: {request.method} {kind}")

    def _piece(self, request: Request) -> Answer:
        upload = self._uploads.get(request.query.get("upload_id", ""))
        part = _RANGE.fullmatch(request.headers.get("content-range", ""))
        if upload is None or part is None:
            raise _refused(404 if upload is None else 400, "invalid", "Invalid upload or range")
        if part["first"] is not None:
            if int(part["first"]) != len(upload.content):
                raise _refused(503, "backendError", "The range does not go on where the upload is")
            upload.content += request.content
        if part["whole"] != "*" and len(upload.content) == int(part["whole"]):
            return self._insert(upload.bucket, {"name": upload.name}, upload.query, upload.content, upload.type)
        if len(upload.content) % _MULTIPLE:
            raise _refused(400, "invalid", f"Pieces must be multiples of {_MULTIPLE} bytes")
        return Answer(status=308, headers={"Range": f"bytes=0-{len(upload.content) - 1}"} if upload.content else {})

    def _insert(
        self, bucket: str, described: Mapping[str, str], query: Mapping[str, str], content: bytes, type: str
    ) -> Answer:
        name = described.get("name") or query.get("name", "")
        if not name or len(name.encode()) > 1024:
            raise _refused(400, "required", "An object needs a name of at most 1024 bytes")
        self._demand(bucket, name, query)
        if "crc32c" in described and described["crc32c"] != _crc32c(content):
            raise _refused(400, "invalid", "Provided CRC32C does not match what was uploaded.")
        return Answer(body=_described(bucket, name, self.put(bucket, name, content, type=type)))

    def _demand(self, bucket: str, name: str, query: Mapping[str, str]) -> None:
        """Refuse what the preconditions of a request do not allow."""
        there = self.content[bucket].get(name)
        generation = str(there.generation) if there else "0"
        if query.get("ifGenerationMatch", generation) != generation:
            raise _refused(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")


def _check(request: Request, path: str, body: object = None) -> None:
    described = discovery.described("storage", "v1")
    method = described.method("GET" if request.method == "GET" else request.method, path)
    if method is None:
        raise _refused(404, "notFound", f"no method {request.method} {path}")
    query = {name: value for name, value in request.query.items() if name != "upload_id"}
    wrong = described.faults(method, query, request.body if body is None else body)
    if wrong:
        raise _refused(400, "invalid", "; ".join(wrong))


def _as_described(answer: Answer) -> Answer:
    """An answer that the description knows, or that has no body."""
    if answer.body is not None:
        path = {"storage#objects": "/storage/v1/b/-/o", "storage#object": "/storage/v1/b/-/o/-"}[answer.body["kind"]]
        described = discovery.described("storage", "v1")
        method = described.method("GET", path)
        wrong = described.answer_faults(method, answer.body) if method else [f"no method GET {path}"]
        assert not wrong, wrong
    return answer


def _parts(request: Request) -> tuple[Json, str, bytes]:
    """The description, the type and the content of an upload in one piece (multipart/related)."""
    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + request.content)
    parts = list(message.iter_parts())
    if message.get_content_type() != "multipart/related" or len(parts) != 2:
        raise _refused(400, "badContent", "An upload in one piece has two parts")
    content = parts[1].get_payload(decode=True)
    return json.loads(str(parts[0].get_payload())), parts[1].get_content_type(), bytes(content)


def _described(bucket: str, name: str, one: Object) -> Json:
    return {
        "kind": "storage#object",
        "id": f"{bucket}/{name}/{one.generation}",
        "name": name,
        "bucket": bucket,
        "generation": str(one.generation),
        "metageneration": "1",
        "contentType": one.type,
        "size": str(len(one.content)),
        "crc32c": _crc32c(one.content),
        "timeCreated": clock.to_text(_BEGINNING + timedelta(microseconds=one.generation)),
        "metadata": dict(one.metadata),
    }


def _crc32c(content: bytes) -> str:
    return base64.b64encode(google_crc32c.Checksum(content).digest()).decode()


def _hashes(one: Object) -> str:
    return f"crc32c={_crc32c(one.content)}"


def _refused(status: int, reason: str, message: str) -> RefusedError:
    inner = {"message": message, "domain": "global", "reason": reason}
    return RefusedError(Answer(status=status, body={"error": {"code": status, "message": message, "errors": [inner]}}))
