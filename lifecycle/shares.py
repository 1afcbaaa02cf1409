"""A deployment with other shares, with a version more or less: decided here, put in place elsewhere."""

from __future__ import annotations

import dataclasses

from ..core.errors import NotFoundError, PolicyError
from .contract.deployment import Deployment, EndpointSettings, ServedModel
from .contract.traffic import Traffic


def with_version(deployment: Deployment, settings: EndpointSettings, served: ServedModel) -> Deployment:
    """The deployment set like this and with this version, which gets no traffic unless it is there and has some.

    Raises PolicyError when its number has traffic as another model.
    """
    split = deployment.split
    there = [one for one in deployment.versions if one.version == served.version]
    if there and there[0].digest == served.digest:
        return dataclasses.replace(deployment, settings=settings)
    if split.shares.get(served.version, 0) or split.mirrored == served.version:
        raise PolicyError(f"version {served.version} gets requests already, and is another model there")
    return dataclasses.replace(
        deployment,
        settings=settings,
        beside=(*(one for one in deployment.beside if one.version != served.version), served),
        traffic=dataclasses.replace(split, shares={**split.shares, served.version: 0}),
    )


def routed(deployment: Deployment, traffic: Traffic) -> Deployment:
    """The deployment with these shares; versions that are not named get none. Raises NotFoundError."""
    known = {served.version: served for served in deployment.versions}
    named = {*traffic.shares, *(() if traffic.mirrored is None else (traffic.mirrored,))}
    if strange := sorted(named - known.keys()):
        raise NotFoundError(
            f"version {strange[0]} is not at endpoint {deployment.settings.name!r} in "
            f"{deployment.settings.environment!r}; there are: {', '.join(map(str, sorted(known)))}"
        )
    shares = {version: traffic.shares.get(version, 0) for version in sorted(known)}
    main = max(known, key=lambda version: (shares[version], version == deployment.served.version, version))
    served = known[main] if shares[main] else deployment.served
    return dataclasses.replace(
        deployment,
        served=served,
        previous=deployment.previous if served == deployment.served else deployment.served,
        beside=tuple(one for one in deployment.versions if one != served),
        traffic=dataclasses.replace(traffic, shares=shares),
    )


def gaining(before: Deployment, after: Deployment) -> list[int]:
    """The versions that are asked after a change and were not before."""
    then, now = _asked(before.split), _asked(after.split)
    return sorted(now - then)


def without(deployment: Deployment, version: int) -> Deployment:
    """The deployment without a version that has no traffic, and that is not the only one."""
    split = deployment.split
    shares = {known: share for known, share in split.shares.items() if known != version}
    left = [served for served in deployment.versions if served.version != version]
    served = max(left, key=lambda one: (shares.get(one.version, 0), one.version))
    return dataclasses.replace(
        deployment,
        served=served,
        beside=tuple(one for one in left if one != served),
        traffic=dataclasses.replace(split, shares=shares),
    )


def _asked(split: Traffic) -> set[int]:
    answering = {version for version, share in split.shares.items() if share}
    return answering if split.mirrored is None else answering | {split.mirrored}
