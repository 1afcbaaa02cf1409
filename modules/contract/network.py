"""The network: how private the platform is, and where private endpoints stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .context import Account

if TYPE_CHECKING:
    import pulumi

    from .foundation import FoundationOutputs


@dataclass(frozen=True, kw_only=True)
class NetworkArguments:
    """``address_space`` asks for a network of one's own (CIDR); without it the platform manages the network.

    ``hub``: whether this is the hub of the shared stack; ``hub_network_id`` of the hub to join. ``connection``
    (Google Cloud): private service connect or peering. ``perimeter``: VPC service controls around the project,
    below ``access_policy`` (the organization's access policy number); what is inside may use the keys and images that
    are in the account ``shared``.
    """

    foundation: FoundationOutputs
    access: Literal["private", "public"] = "private"
    address_space: str | None = None
    allowed_outbound: tuple[str, ...] = ()
    connection: Literal["psc", "peering"] = "psc"
    perimeter: bool = False
    access_policy: str = ""
    hub: bool = False
    hub_network_id: pulumi.Input[str] | None = None
    shared: Account | None = None


@dataclass(frozen=True, kw_only=True)
class NetworkOutputs:
    """``subnet_id`` for computes and ``endpoints_subnet_id`` for private endpoints, where there is a network.

    ``zones`` holds the ids of the private DNS zones by zone name. ``connection`` as asked for.
    """

    access: Literal["private", "public"]
    allowed_outbound: tuple[str, ...] = ()
    connection: Literal["psc", "peering"] = "psc"
    network_id: pulumi.Input[str] | None = None
    subnet_id: pulumi.Input[str] | None = None
    endpoints_subnet_id: pulumi.Input[str] | None = None
    attachment_id: pulumi.Input[str] | None = None
    zones: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, "pulumi.Input[str]"])
    ready: tuple[pulumi.Resource, ...] = ()
