"""Ports that endpoints listen on."""

import socket

from ....lifecycle.contract.deployment import PORTS
from ..diagnosis import Diagnosis, Situation

_RANGE = f"{PORTS[0]}-{PORTS[-1]}"


def look(situation: Situation) -> Diagnosis:
    """Whether one is free for an endpoint without a port of its own, and what holds the ports of the config."""
    if not any(_is_free("127.0.0.1", port) for port in PORTS):
        return Diagnosis(
            state="bad",
            found=f"none of {_RANGE} is free",
            needed="one",
            fix="End what listens there, or give the endpoint a port in groundplan.yaml.",
        )
    taken = _taken(situation)
    if taken:
        return Diagnosis(
            state="warn",
            found=f"taken: {', '.join(taken)}",
            needed="free, or held by the endpoint itself",
            fix="groundplan status shows which endpoints serve; end what else listens there.",
        )
    return Diagnosis(state="ok", found=f"free ones in {_RANGE}", needed="one")


def _taken(situation: Situation) -> list[str]:
    """The configured ports that something else than this project's endpoints holds."""
    if situation.config is None or situation.layout is None:
        return []
    serving: set[int] = set()
    if situation.platform == "local" and situation.layout.endpoints.is_dir():
        states = situation.session.platform(situation.config).endpoints.states()
        serving = {state.deployment.port for state in states if state.pid is not None}
    return [
        f"{endpoint.port} (endpoint {name})"
        for name, endpoint in situation.config.config.endpoints.items()
        if endpoint.port is not None and endpoint.port not in serving and not _is_free(endpoint.host, endpoint.port)
    ]


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        # As a server does: a connection of yesterday that still lingers is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
