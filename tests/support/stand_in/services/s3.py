"""A bucket, as S3's REST API is published: what a backend of the engine asks of one, objects of one part."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from ..store import Store
from .http import Answer, RefusedError, Request, Service

BUCKET = "state"
_AT = "Thu, 01 Jan 2026 00:00:00 GMT"


class Bucket(Service):
    """The bucket ``state``; ``objects`` are what it holds."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.objects: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        """The backend's URL."""
        return (
            f"s3://{BUCKET}?region=eu-central-1&use_path_style=true&endpoint={quote(f'http://127.0.0.1:{self.port}')}"
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """What the engine's client of S3 reads."""
        return {
            "AWS_ACCESS_KEY_ID": "stand-in",
            "AWS_SECRET_ACCESS_KEY": "stand-in",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        }

    def answer(self, request: Request) -> Answer:
        """The service's own answer. Raises RefusedError."""
        bucket, _, key = unquote(request.path).lstrip("/").partition("/")
        if bucket != BUCKET:
            raise refusal(404, "NoSuchBucket")
        match request.method:
            case "GET" | "HEAD" if key:
                return self._object(key)
            case "GET":
                return self._listing(request.query.get("prefix", ""), request.query.get("delimiter", ""))
            case "HEAD":
                return Answer(content=b"")
            case "PUT" if key:
                return self._put(key, request)
            case "DELETE" if key:
                self.objects.pop(key, None)
                return Answer(content=b"", status=204)
            case _:
                raise refusal(501, "NotImplemented")

    def _object(self, key: str) -> Answer:
        if key not in self.objects:
            raise refusal(404, "NoSuchKey")
        headers = {"ETag": _tag(self.objects[key]), "Last-Modified": _AT, "Content-Type": "application/octet-stream"}
        return Answer(content=self.objects[key], headers=headers)

    def _put(self, key: str, request: Request) -> Answer:
        source = unquote(request.headers.get("x-amz-copy-source", "")).lstrip("/")
        content = self._object(source.partition("/")[2]).content if source else request.content
        assert content is not None
        self.objects[key] = content
        if source:
            return _xml(f"<CopyObjectResult><ETag>{_tag(content)}</ETag></CopyObjectResult>")
        return Answer(content=b"", headers={"ETag": _tag(content)})

    def _listing(self, prefix: str, delimiter: str) -> Answer:
        found = [key for key in sorted(self.objects) if key.startswith(prefix)]
        below = {key for key in found if delimiter and delimiter in key[len(prefix) :]}
        folders = sorted({prefix + key[len(prefix) :].partition(delimiter)[0] + delimiter for key in below})
        entries = [
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.objects[key])}</Size>"
            f"<ETag>{_tag(self.objects[key])}</ETag><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>"
            for key in found
            if key not in below
        ]
        entries += [f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in folders]
        return _xml(f"<ListBucketResult><IsTruncated>false</IsTruncated>{''.join(entries)}</ListBucketResult>")


def refusal(status: int, code: str) -> RefusedError:
    """What S3 says no with."""
    answer = _xml(f"<Error><Code>{code}</Code><Message>{code}</Message></Error>")
    return RefusedError(Answer(content=answer.content, status=status, headers=answer.headers))


def _xml(text: str) -> Answer:
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
    return Answer(content=content, headers={"Content-Type": "application/xml"})


def _tag(content: bytes) -> str:
    return f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
