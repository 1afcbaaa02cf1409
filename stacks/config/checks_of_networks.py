"""Address ranges that cannot be, or that meet; and networks that would be private and public at once."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .config import Config
from .problems import Place, problem_at
from .tree import Node, Path

_PRIVATE = tuple(
    ipaddress.IPv4Network(one) for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
)
_OF_DOCKER = ipaddress.IPv4Network("172.17.0.0/16")
_SMALLEST = 24
"""Prefix of the smallest range: room for the computes' subnet and the private endpoints' one."""


@dataclass(frozen=True, kw_only=True)
class _Range:
    """An address range that somebody wrote: where, for whom, and what it is."""

    path: Path
    owner: str
    network: ipaddress.IPv4Network


def network_places(tree: Node, config: Config) -> Iterator[Place]:
    """What is wrong with the network of one environment."""
    section = config.network
    for key in ("address_space", "hub"):
        text: str | None = getattr(section, key)
        if text is not None and (problem := _problem_with_range(text, config.platform)) is not None:
            yield problem_at(tree, ("network", key), f"network.{key}: {problem[0]}", hint=problem[1])
    if section.access == "public":
        asked = {"address_space": section.address_space, "hub": section.hub, "perimeter": section.perimeter or None}
        for key in [key for key, value in asked.items() if value is not None]:
            yield problem_at(
                tree, ("network", key), f"network.access is public, and network.{key} asks for a private network",
                hint="Write 'access: private', or remove this line.", at_key=True,
            )  # fmt: skip
    if section.perimeter and section.access_policy is None and config.platform == "vertex":
        yield problem_at(
            tree, ("network", "perimeter"), "network.perimeter needs network.access_policy, the policy's number",
            hint="gcloud access-context-manager policies list --organization ORGANIZATION", at_key=True,
        )  # fmt: skip


def places_between(file: Node, configs: Mapping[str, Config]) -> list[Place]:
    """What is wrong between the networks of the environments: ranges that meet, a hub that some miss, perimeters."""
    ranges = _ranges(file, configs)
    places = [
        problem_at(
            file, ("network", "hub"), f"environment {name} has no network that could join the hub", at_key=True,
            hint=f"Add 'environments: {{{name}: {{network: {{address_space: 10.1.0.0/16}}}}}}'.",
        )
        for name, config in configs.items()
        if config.platform != "local" and config.network.hub is not None and config.network.address_space is None
    ]  # fmt: skip
    return [*places, *_overlaps(file, ranges), *_perimeters(file, configs)]


def _perimeters(file: Node, configs: Mapping[str, Config]) -> Iterator[Place]:
    """Environments that would each enclose the same project, which Google lets into one perimeter only
    (https://cloud.google.com/vpc-service-controls/docs/service-perimeters)."""
    first: dict[str, str] = {}
    for environment, config in configs.items():
        project = config.account.project if config.account is not None else None
        if config.platform != "vertex" or not config.network.perimeter or project is None:
            continue
        holder = first.setdefault(project, environment)
        if holder != environment:
            own: Path = ("environments", environment, "network", "perimeter")
            yield problem_at(
                file, own if file.at(own) is not None else ("network", "perimeter"),
                f"environments {holder} and {environment} would each draw a perimeter around the project {project}",
                hint=f"Write 'perimeter: false' in one of them: the other encloses all of {project}.", at_key=True,
            )  # fmt: skip


def _overlaps(file: Node, ranges: Sequence[_Range]) -> Iterator[Place]:
    """Each range with every other line whose range it meets."""
    for position, one in enumerate(ranges):
        met = {other.path: other for other in reversed(ranges[:position]) if other.network.overlaps(one.network)}
        yield from (_overlap(file, one, other) for other in reversed(met.values()))


def _problem_with_range(text: str, platform: str) -> tuple[str, str] | None:
    """Why an address range cannot be used, and what to write instead; or None."""
    try:
        network = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        return f"{text} is no address range", "Such as 10.0.0.0/16."
    if str(network.network_address) != text.partition("/")[0]:
        return f"{text} does not start where a range of that size starts", f"Did you mean '{network}'?"
    if not any(network.subnet_of(one) for one in _PRIVATE):
        return f"{text} is not a private range", "Such as 10.0.0.0/16, 172.20.0.0/16 or 192.168.0.0/20."
    if network.prefixlen > _SMALLEST:
        return f"{text} is too small: it has {network.num_addresses} addresses", f"At least /{_SMALLEST}."
    if platform == "azureml" and network.overlaps(_OF_DOCKER):
        return f"{text} meets {_OF_DOCKER}, which Docker uses on Azure's computes", "Such as 10.0.0.0/16."
    return None


def _ranges(file: Node, configs: Mapping[str, Config]) -> list[_Range]:
    found: list[_Range] = []
    for environment, config in configs.items():
        if config.platform == "local":
            continue
        section = config.network
        own: Path = ("environments", environment, "network", "address_space")
        path = own if file.at(own) is not None else ("network", "address_space")
        found += _range(path, f"environment {environment}", section.address_space)
        if not any(one.owner == "the hub" for one in found):
            found += _range(("network", "hub"), "the hub", section.hub)
    return found


def _range(path: Path, owner: str, text: str | None) -> list[_Range]:
    try:
        return [_Range(path=path, owner=owner, network=ipaddress.IPv4Network(text))] if text is not None else []
    except ValueError:
        return []


def _overlap(file: Node, one: _Range, other: _Range) -> Place:
    if one.path == other.path:
        message = f"{one.owner} and {other.owner} have the same address range {one.network}"
    else:
        message = f"{one.network} of {one.owner} meets {other.network} of {other.owner}"
    return problem_at(
        file, one.path, message, hint="Give each environment, and the hub, an address range of its own.",
    )  # fmt: skip
