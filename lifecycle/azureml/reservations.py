"""What Azure's lists say that may refuse a caller who holds the permission."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def of(kind: str, listed: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of one list: conditions on roles, denials, policies that are enforced."""
    for one in listed:
        found: Mapping[str, Any] = one.get("properties", {})
        place = found.get("scope", "")
        if kind == "roleAssignments" and found.get("condition"):
            yield f"a condition on the role assignment {one.get('name', '')} on {place}: {_short(found['condition'])}"
        elif kind == "denyAssignments":
            yield f"the deny assignment {found.get('denyAssignmentName', one.get('name', ''))} on {place}"
        elif kind == "policyAssignments" and found.get("enforcementMode", "Default") != "DoNotEnforce":
            yield f"the policy {found.get('displayName') or one.get('name', '')} on {place}"


def _short(text: object) -> str:
    return " ".join(str(text).split())[:200]
