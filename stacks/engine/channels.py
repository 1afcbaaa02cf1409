"""Keeps the connections to an engine apart from those to engines that are gone."""

from __future__ import annotations

from pulumi.runtime import _grpc_settings as settings

_OWN_CONNECTION = ("grpc.use_local_subchannel_pool", 1)


def keep_apart() -> None:
    """Have each channel that pulumi opens in this process connect by itself.

    gRPC shares connections by address, pulumi closes none, and one that was refused is tried anew only after a pause of
    up to two minutes: an engine that is given the port of an earlier one could not be reached all that time. Pulumi
    takes no options of its callers, so its own list is added to.
    """
    options = settings._GRPC_CHANNEL_OPTIONS  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    if _OWN_CONNECTION not in options:
        options.append(_OWN_CONNECTION)
