"""Encryption keys of Google Cloud, as resources name them and as programs make them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .graph import Graph
from .project import is_hidden
from .resource import Resource
from .values import ABSENT

KEY = "gcp:kms/cryptoKey:CryptoKey"
RING = "gcp:kms/keyRing:KeyRing"
_NAME = re.compile(r"projects/([^/]+)/locations/([^/]+)/keyRings/[^/]+/cryptoKeys/[^/]+.*")


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key that a resource names: its region and project, "" where not known, and its resource, if planned."""

    region: str
    project: str
    planned: Resource | None = None


def key_of(resource: Resource, path: str, graph: Graph) -> Key | None:
    """The key that a property names; None where nothing is known of it."""
    value = resource.get(path)
    planned = next(iter(graph.targets(resource, path, KEY)), None)
    ring = next(iter(graph.targets(planned, "keyRing", RING)), None) if planned else None
    named = ring.get("location") if ring else ABSENT
    project = ring.get("project") if ring else ABSENT
    if isinstance(value, str) and (found := _NAME.fullmatch(value)):
        return Key(project=found[1], region=found[2].lower(), planned=planned)
    if planned is None:
        return None
    if isinstance(planned.get("keyRing"), str) and (found := _NAME.fullmatch(f"{planned.get('keyRing')}/cryptoKeys/-")):
        return Key(project=found[1], region=found[2].lower(), planned=planned)
    return Key(region=_text(named).lower(), project=_text(project), planned=planned)


def region_of(resource: Resource) -> str:
    """The region of a resource of Google Cloud, in lower case, that of its zone included; "" where it is not known."""
    for path in ("region", "location"):
        found = resource.get(path)
        if isinstance(found, str) and found:
            place = found.lower()
            return place[:-2] if place[-2:-1] == "-" and place[-1].isalpha() else place
    return ""


def _text(value: object) -> str:
    return "" if value is ABSENT or is_hidden(value) else str(value)
