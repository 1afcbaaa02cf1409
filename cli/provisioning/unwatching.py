"""Removes the cloud's own monitors before the endpoints go that they watch: nothing else would, and they are billed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ...core.errors import GroundplanError
from .cloud import Cloud

if TYPE_CHECKING:
    from ...lifecycle.contract.managed_monitors import ManagedMonitors
    from ...lifecycle.recorded.endpoints import Site


def unwatch(cloud: Cloud, stack: str, endpoints: Sequence[str]) -> list[str]:
    """Remove the monitors of these endpoints, and of those that are on record; what may be left, in words.

    Nobody is asked where the stack has no endpoint at all.
    """
    from ...stacks.places import places
    from .. import clouds

    sites = clouds.parts(cloud.configs, places(cloud.configs)).sites
    monitors = next((site.managed for site in sites.values() if site.managed is not None), None)
    if monitors is None or not endpoints:
        return []
    left: list[str] = []
    ids = dict.fromkeys((*endpoints, *_on_record(sites.get(stack), monitors, left)))
    return [*left, *_removed(cloud, monitors, list(ids))]


def _on_record(site: Site | None, monitors: ManagedMonitors, left: list[str]) -> list[str]:
    """The endpoints that may have monitors, by what groundplan put on record itself."""
    from ...lifecycle.recorded.managed import on_record

    try:
        return [] if site is None else [one.id for one in on_record(site.records, monitors)]
    except GroundplanError as error:
        left.append(f"monitors of endpoints that are gone may be left: {error.message}")
        return []


def _removed(cloud: Cloud, monitors: ManagedMonitors, endpoints: Sequence[str]) -> Iterator[str]:
    for endpoint in endpoints:
        name = endpoint.rpartition("/")[2]
        try:
            gone = monitors.remove(endpoint, ())
        except GroundplanError as error:
            hint = error.problems[0].hint
            yield f"the cloud's own monitors of {name} may be left, and billed: {error.message}. {hint}".strip()
        else:
            for version in gone:
                cloud.tell(f"removed the cloud's own monitor of version {version} at {name}", "dim")
