"""How requests are shared at an endpoint of Vertex AI: what it can do, and putting it in place unseen by nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...core.errors import LockedError, NotFoundError, UsageError
from ...core.extras import load
from ..contract.traffic import Traffic
from ..patience import Patience
from . import naming
from .calls import Calls
from .client import CALL_SECONDS

_LOOKS = 4
"""So often shares that were put in place are looked for; Vertex AI may show them a moment later."""


def refuse(traffic: Traffic, endpoint: str) -> None:
    """Raises UsageError for what Vertex AI cannot do."""
    if traffic.mirrored is not None:
        raise UsageError(
            "Vertex AI sends no copies of requests to another version",
            where=endpoint,
            hint="Leave out the shadow phase: rollout.shadow in groundplan.yaml.",
        )
    if traffic.sticky:
        raise UsageError(
            f"Vertex AI does not keep a caller with a version by the field '{traffic.sticky}'",
            where=endpoint,
            hint="Leave out rollout.sticky in groundplan.yaml.",
        )


def by_version(endpoint: Any) -> dict[int, list[Any]]:
    """What groundplan deployed to an endpoint, by version; the one with the largest share first."""
    found: dict[int, list[Any]] = {}
    for one in sorted(endpoint.deployed_models, key=lambda one: (-endpoint.traffic_split.get(one.id, 0), one.id)):
        known = naming.deployed_version(one.display_name)
        if known is not None:
            found.setdefault(int(known[1]), []).append(one)
    return found


def without(endpoint: Any, id: str) -> Mapping[str, int]:
    """The shares when this model's goes to the one that has the most of the others; nothing where it has none.

    Vertex AI empties the shares by itself when the last model goes.
    """
    split = dict(endpoint.traffic_split)
    freed = split.pop(id, 0)
    others = [one.id for one in endpoint.deployed_models if one.id != id]
    if not freed or not others:
        return {}
    heir = max(others, key=lambda one: (split.get(one, 0), one))
    return {**split, heir: split.get(heir, 0) + freed}


def route(calls: Calls, endpoint: str, traffic: Traffic, patience: Patience, demand: Callable[[Any], None]) -> None:
    """Put these shares in place, where the endpoint still is as it was seen.

    ``demand`` is told the endpoint as it was read, and raises where its shares must not be changed.
    """
    refuse(traffic, endpoint)
    doing = "share the requests"
    first = calls.existing(endpoint, patience)
    demand(first)
    wanted, before = _split(first, traffic), _shares(first)
    if before == wanted:
        return
    looks = iter([first])

    def act() -> None:
        seen = next(looks, None) or calls.existing(endpoint, patience)
        if _shares(seen) == wanted:
            return
        if _shares(seen) != before:
            raise _changed(endpoint, before, _shares(seen))
        _put(calls, seen, _split(seen, traffic))

    calls.ask(act, patience, doing=doing, resource=endpoint)
    _demand_in_place(calls, endpoint, wanted, before, patience)


def _demand_in_place(
    calls: Calls, endpoint: str, wanted: Mapping[str, int], before: Mapping[str, int], patience: Patience
) -> None:
    """Raises LockedError when other shares are in place; a look that still sees the old ones is made again."""
    seen: list[dict[str, int]] = []

    def decided() -> bool:
        seen.append(_shares(calls.existing(endpoint, patience)))
        return seen[-1] != before or len(seen) >= _LOOKS

    patience.until(decided, doing="share the requests")
    if seen[-1] != wanted:
        raise _changed(endpoint, before, seen[-1])


def _put(calls: Calls, seen: Any, split: Mapping[str, int]) -> None:
    vertex = load("google.cloud.aiplatform_v1")
    calls.of(seen.name).endpoints.update_endpoint(
        endpoint=vertex.Endpoint(name=seen.name, traffic_split=split, etag=seen.etag),
        update_mask={"paths": ["traffic_split"]},
        timeout=CALL_SECONDS,
        retry=None,
    )


def _shares(endpoint: Any) -> dict[str, int]:
    return {id: share for id, share in endpoint.traffic_split.items() if share}


def _split(endpoint: Any, traffic: Traffic) -> dict[str, int]:
    there = by_version(endpoint)
    wanted = {version: share for version, share in traffic.shares.items() if share}
    missing = sorted(set(wanted) - set(there))
    if missing:
        raise NotFoundError(
            f"not at the endpoint: version {', '.join(map(str, missing))}; there: "
            f"{', '.join(map(str, sorted(there))) or 'none'}",
            where=endpoint.name,
            hint="groundplan deploy puts a version there first.",
        )
    return {there[version][0].id: share for version, share in wanted.items()}


def _changed(endpoint: str, before: Mapping[str, int], now: Mapping[str, int]) -> LockedError:
    return LockedError(
        f"somebody else changed the traffic meanwhile: it was {_said(before)} and is {_said(now)} now",
        where=endpoint,
        hint="groundplan status shows what is there; then run it again. Cloud Audit Logs say who it was.",
    )


def _said(shares: Mapping[str, int]) -> str:
    return ", ".join(f"{share} % to {id}" for id, share in sorted(shares.items())) or "nothing"
