"""The shares of an online endpoint: what Azure ML can do with them, and how they are put in place."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ...core.errors import LockedError, NotFoundError, Problem, UsageError
from ..contract.traffic import Traffic
from ..patience import Patience
from .calls import Calls, names
from .deployments import name_of
from .places import last

MIRROR_MOST_PERCENT = 50
"""Azure ML mirrors at most this share of the requests, to one deployment that answers nobody."""

DOING = "route the requests"
_LOOKS = 4
_AT_WORK = ("Creating", "Updating", "Deleting")
_Shares = tuple[dict[str, int], dict[str, int]]


def refuse(traffic: Traffic, resource: str) -> None:
    """Raises UsageError for what Azure ML cannot do with requests."""
    problems: list[Problem] = []
    if traffic.sticky:
        problems.append(
            Problem(
                message=f"Azure ML keeps no caller with a version, neither by {traffic.sticky!r} nor otherwise",
                where=resource,
                hint="Take rollout.sticky out of the config.",
            )
        )
    if traffic.mirror_share > MIRROR_MOST_PERCENT:
        problems.append(
            Problem(
                message=f"Azure ML mirrors at most {MIRROR_MOST_PERCENT} % of the requests, not "
                f"{traffic.mirror_share} %",
                where=resource,
                hint=f"Mirror {MIRROR_MOST_PERCENT} % or less.",
            )
        )
    if problems:
        raise UsageError(problems[0].message, problems=problems)


def route(calls: Calls, resource: str, traffic: Traffic, patience: Patience, demand: Callable[[Any], None]) -> None:
    """Put shares in place; they are read again afterwards, since Azure ML compares nothing by itself (no ETag).

    ``demand`` is told the endpoint as it was read, and raises where its shares must not be changed.
    """
    refuse(traffic, resource)
    wanted = _wanted(traffic)
    before: list[_Shares] = []

    def act() -> Any:
        endpoint = _at_rest(calls, resource, patience)
        demand(endpoint)
        there = shares(endpoint)
        if there == wanted:
            return None
        _demand_versions(calls, endpoint, {*wanted[0], *wanted[1]}, patience)
        if before and before[0] != there:
            raise _changed(resource, there)
        before.append(there)
        endpoint.traffic, endpoint.mirror_traffic = wanted
        return calls.of(resource).online_endpoints.begin_create_or_update(endpoint)

    made = calls.work(act, patience, doing=DOING, resource=resource)
    if made is not None:
        _demand_in_place(calls, resource, made, wanted, before[0], patience)


def silence(calls: Calls, resource: str, gone: Collection[str], patience: Patience) -> None:
    """Take the shares of these deployments, which the largest of the others gets; Azure deletes none that has one."""
    doing = "take the traffic off the endpoint"

    def act() -> Any:
        endpoint = calls.endpoint_or_none(resource, patience, doing=doing)
        if endpoint is None:
            return None
        there = shares(endpoint)
        left = _without(there, gone)
        if left == there:
            return None
        endpoint.traffic, endpoint.mirror_traffic = left
        return calls.of(resource).online_endpoints.begin_create_or_update(endpoint)

    calls.work(act, patience, doing=doing, resource=resource)


def shares(endpoint: Any) -> _Shares:
    """Who answers and who gets copies, without those that get nothing."""
    return _flowing(endpoint.traffic), _flowing(endpoint.mirror_traffic)


def _wanted(traffic: Traffic) -> _Shares:
    mirrored = {} if traffic.mirrored is None else {name_of(traffic.mirrored): traffic.mirror_share}
    return _flowing({name_of(version): share for version, share in traffic.shares.items()}), mirrored


def _without(there: _Shares, gone: Collection[str]) -> _Shares:
    answering, mirrored = ({name: share for name, share in part.items() if name not in gone} for part in there)
    freed = sum(there[0].values()) - sum(answering.values())
    if answering and freed:
        heir = max(answering, key=lambda name: (answering[name], name))
        answering[heir] += freed
    return answering, mirrored if answering else {}


def _flowing(named: Mapping[str, int] | None) -> dict[str, int]:
    return {name: int(share) for name, share in (named or {}).items() if share}


def _at_rest(calls: Calls, resource: str, patience: Patience) -> Any:
    """The endpoint once nobody's change of it is under way: what is read before may be over in a moment."""
    seen: list[Any] = []

    def rests() -> bool:
        seen.append(calls.endpoint(resource, patience, doing=DOING))
        return seen[-1].provisioning_state not in _AT_WORK

    patience.until(rests, doing=DOING)
    return seen[-1]


def _demand_versions(calls: Calls, endpoint: Any, wanted: set[str], patience: Patience) -> None:
    """Raises NotFoundError for a version that is not there; a list may be late, so each is asked for by name."""
    for name in sorted(wanted - names(endpoint)):

        def act(name: str = name) -> Any:
            return calls.of(endpoint.id).online_deployments.get(name=name, endpoint_name=endpoint.name)

        if calls.found(act, patience, doing=DOING, resource=endpoint.id) is None:
            raise NotFoundError(f"no deployment {name} at this endpoint", where=endpoint.id)


def _demand_in_place(
    calls: Calls, resource: str, made: Any, wanted: _Shares, before: _Shares, patience: Patience
) -> None:
    """Raises LockedError when other shares are in place; a read that still shows the old ones is made again."""
    there, looks = shares(made), 0

    def decided() -> bool:
        nonlocal there, looks
        if looks:
            there = shares(calls.endpoint(resource, patience, doing=DOING))
        looks += 1
        return there != before or looks >= _LOOKS

    patience.until(decided, doing=DOING)
    if there != wanted:
        raise _changed(resource, there)


def _changed(resource: str, there: _Shares) -> LockedError:
    answering, mirrored = ({name: f"{share} %" for name, share in part.items()} for part in there)
    told = ", ".join(f"{share} to {name}" for name, share in answering.items()) or "none"
    copies = "".join(f", copies of {share} to {name}" for name, share in mirrored.items())
    return LockedError(
        f"somebody else changed the shares of {last(resource)} meanwhile; they are {told}{copies}",
        where=resource,
        hint="Look at it with groundplan status, agree with who works on it, then run it again.",
    )
