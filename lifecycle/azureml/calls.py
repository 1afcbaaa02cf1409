"""Calls to Azure: the client for each workspace, the waiting, and what becomes of errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ...core.errors import NotFoundError
from ...core.extras import load
from ..patience import Again, Pace, Patience
from . import errors
from .client import client, monitor
from .places import Workspace, last

LOOKING_SECONDS = 120.0
"""How long a question may take that changes nothing."""

_Answer = TypeVar("_Answer")


class Calls:
    """How one adapter asks Azure; ``headers`` are those of the last response."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace
        self.headers: Mapping[str, str] = {}
        self._clients: dict[str, Any] = {}
        self._monitors: dict[str, Any] = {}

    def of(self, resource: str) -> Any:
        """The ``MLClient`` for the workspace of a resource."""
        workspace = Workspace.of(resource)
        if workspace.id not in self._clients:
            self._clients[workspace.id] = client(workspace, self.pace, self._hear)
        return self._clients[workspace.id]

    def monitor(self, resource: str) -> Any:
        """The client of Azure Monitor for the subscription of a resource."""
        subscription = Workspace.of(resource).subscription
        if subscription not in self._monitors:
            self._monitors[subscription] = monitor(self.of(resource), self.pace)
        return self._monitors[subscription]

    def _hear(self, response: Any) -> None:
        self.headers = response.http_response.headers

    def looking(self) -> Patience:
        """The limit of a question that changes nothing."""
        return Patience(seconds=LOOKING_SECONDS, pace=self.pace)

    def found(
        self,
        act: Callable[[], _Answer],
        patience: Patience,
        *,
        doing: str,
        resource: str,
        role: str = errors.DEPLOYER,
        judge: Callable[[Exception], Again | None] = errors.again,
    ) -> _Answer | None:
        """What a call gives; None when what it is about is gone. ``role`` is who may make it."""
        core = load("azure.core.exceptions")
        try:
            return patience.call(act, judge, doing=doing)
        except core.ResourceNotFoundError:
            return None
        except core.AzureError as error:
            raise errors.translated(error, doing=doing, resource=resource, role=role) from error

    def work(self, begin: Callable[[], Any], patience: Patience, *, doing: str, resource: str) -> Any:
        """Begin an operation, unless there is none to begin, wait for its end, and give what it made."""
        poller = self.found(begin, patience, doing=doing, resource=resource)
        if poller is None:
            return None
        self.found(lambda: poller.wait(patience.remaining), patience, doing=doing, resource=resource)
        if not poller.done():
            raise patience.over(doing)
        return poller.result()

    def endpoint(self, resource: str, patience: Patience, *, doing: str) -> Any:
        """The endpoint as it is now, with every deployment in its traffic. Raises NotFoundError where it is gone."""
        found = self.endpoint_or_none(resource, patience, doing=doing)
        if found is None:
            raise NotFoundError(
                f"the endpoint {last(resource)} is gone", where=resource, hint="groundplan up makes it again."
            )
        return found

    def endpoint_or_none(self, resource: str, patience: Patience, *, doing: str) -> Any:
        """The endpoint as it is now; None where it is gone."""

        def act() -> Any:
            return self.of(resource).online_endpoints.get(name=last(resource))

        return self.found(act, patience, doing=doing, resource=resource)


def names(endpoint: Any) -> set[str]:
    """The deployments that an endpoint has; those that get nothing are among them."""
    answering: Mapping[str, int] = endpoint.traffic or {}
    mirrored: Mapping[str, int] = endpoint.mirror_traffic or {}
    return {*answering, *mirrored}
