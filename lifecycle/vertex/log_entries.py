"""Entries of Cloud Logging, from as many pages as there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from ..patience import Patience
from .calls import Calls
from .client import address_of

_LARGEST_PAGE: Final = 1000


def read(
    calls: Calls,
    resource: str,
    wanted: str,
    patience: Patience,
    *,
    order: Literal["asc", "desc"],
    most: int | None = None,
) -> Iterator[Mapping[str, Any]]:
    """The entries of a resource's project that a filter lets through, by their time, no more than ``most``."""
    url = f"{address_of('logging', 'logging.googleapis.com')}/v2/entries:list"
    body: dict[str, object] = {
        "resourceNames": [f"projects/{resource.split('/')[1]}"],
        "filter": wanted,
        "orderBy": f"timestamp {order}",
    }
    token, left = "", most
    while left is None or left > 0:
        size = _LARGEST_PAGE if left is None else min(left, _LARGEST_PAGE)
        asked = {**body, "pageSize": size, **({"pageToken": token} if token else {})}
        page = calls.ask(
            lambda asked=asked: calls.of(resource).post(url, asked), patience, doing="read the log", resource=resource
        )
        entries = page.get("entries", [])
        yield from entries if left is None else entries[:left]
        left = None if left is None else left - len(entries)
        token = page.get("nextPageToken", "")
        if not token:
            return


def message(entry: Mapping[str, Any]) -> str:
    """What an entry says."""
    payload: Mapping[str, Any] = entry.get("jsonPayload", {})
    return str(entry.get("textPayload") or payload.get("message") or payload).rstrip()


def any_of(values: Sequence[str]) -> str:
    """One of these, as a filter says it."""
    return "(" + " OR ".join(f'"{value}"' for value in values) + ")"
