"""What is there at a cloud's endpoint, held beside what is on record of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ...core.errors import PolicyError
from ..contract.deployment import Deployment, EndpointHealth, ServedModel
from ..contract.serving import DeployedModel
from ..contract.traffic import Traffic, VersionState


def ours(there: Sequence[DeployedModel], model: str) -> list[DeployedModel]:
    """The versions of this model, oldest first."""
    found = [one for one in there if one.model == model and one.version.isdecimal()]
    return sorted(found, key=lambda one: int(one.version))


def states(there: Sequence[DeployedModel], model: str) -> list[VersionState]:
    """Every version of this model and how it is, oldest first."""
    return [
        VersionState(
            version=int(one.version), health=one.health, share=one.traffic, mirrored=one.mirrored > 0, detail=one.detail
        )
        for one in ours(there, model)
    ]


def sharing(there: Sequence[DeployedModel], model: str, traffic: Traffic) -> list[DeployedModel]:
    """The versions of this model, oldest first, with these shares in place."""
    return [
        replace(
            one,
            traffic=traffic.shares.get(int(one.version), 0),
            mirrored=traffic.mirror_share if int(one.version) == traffic.mirrored else 0,
        )
        for one in ours(there, model)
    ]


def health(versions: Sequence[VersionState]) -> tuple[EndpointHealth, str]:
    """How an endpoint is: as the worst of those that are asked, with what is said of it."""
    asked = [one for one in versions if one.share or one.mirrored] or list(versions)
    for worst in ("unhealthy", "stopped", "starting"):
        for one in asked:
            if one.health == worst:
                return worst, f"version {one.version}: {one.detail}" if one.detail else ""
    return "ready", ""


def merged(kept: Deployment, there: Sequence[DeployedModel]) -> Deployment | None:
    """What is served: versions and shares as they are there, the rest as it is on record; None where nothing is.

    Raises PolicyError where the endpoint sends requests to what groundplan did not deploy.
    """
    model = kept.served.name
    mine = ours(there, model)
    if not mine:
        return None
    _demand_no_stranger(there, mine, kept)
    shares = {int(one.version): one.traffic for one in mine}
    main = max(shares, key=lambda version: (shares[version], version == kept.served.version, version))
    known = {one.version: one for one in (kept.previous, *kept.versions) if one is not None}
    versions = {number: known.get(number) or _unknown(kept, number) for number in shares}
    mirror = next((one for one in mine if one.mirrored), None)
    return replace(
        kept,
        served=versions[main],
        previous=kept.previous if main == kept.served.version else kept.served,
        beside=tuple(one for number, one in versions.items() if number != main),
        traffic=Traffic(
            shares=shares,
            mirrored=None if mirror is None else int(mirror.version),
            mirror_share=0 if mirror is None else mirror.mirrored,
        ),
    )


def _unknown(kept: Deployment, number: int) -> ServedModel:
    """A version that is there and on no record, as after somebody else's work at the cloud."""
    return ServedModel(name=kept.served.name, version=number, digest="", path=Path(), task=kept.served.task)


def _demand_no_stranger(there: Sequence[DeployedModel], mine: Sequence[DeployedModel], kept: Deployment) -> None:
    keys = {one.key for one in mine}
    strange = next((one for one in there if one.key not in keys and (one.traffic or one.mirrored)), None)
    if strange is not None:
        raise PolicyError(
            f"{strange.id} ({strange.model} version {strange.version}), which groundplan did not deploy, gets "
            f"{strange.traffic} % of the requests of endpoint {kept.settings.name!r}",
            where=strange.endpoint,
            hint="Take its share away at the cloud, or take it off; then run the command again.",
        )
