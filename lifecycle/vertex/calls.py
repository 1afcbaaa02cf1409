"""Calls to Vertex AI: asked again as long as that helps, and what fails is said in groundplan's own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ...core.errors import NotFoundError
from ...core.extras import load
from ..patience import Pace, Patience
from . import errors
from .client import CALL_SECONDS, Clients, clients

_Answer = TypeVar("_Answer")


class Calls:
    """The services of all regions; a resource's name says in which region it is."""

    def __init__(self, pace: Pace | None = None) -> None:
        self._pace = pace or Pace()
        self._clients: dict[str, Clients] = {}

    def patience(self, seconds: float) -> Patience:
        """A piece of work that may take so long from now on."""
        return Patience(seconds=seconds, pace=self._pace)

    def of(self, resource: str) -> Clients:
        """The clients of a resource's region."""
        region = resource.split("/")[3]
        if region not in self._clients:
            self._clients[region] = clients(region)
        return self._clients[region]

    def ask(
        self, act: Callable[[], _Answer], patience: Patience, *, doing: str, resource: str, machines: str = ""
    ) -> _Answer:
        """What a call gives; ``machines`` are those that it asks for. Raises NotFoundError for what is not there."""
        api, auth = load("google.api_core.exceptions"), load("google.auth.exceptions")
        network = load("requests.exceptions").RequestException
        try:
            return patience.call(act, errors.again, doing=doing)
        except (api.GoogleAPICallError, auth.GoogleAuthError, network) as error:
            raise errors.translated(error, doing=doing, resource=resource, asked=machines) from error

    def found(self, act: Callable[[], _Answer], patience: Patience, *, doing: str, resource: str) -> _Answer | None:
        """What a call gives; None when what it is about is gone."""
        missing = load("google.api_core.exceptions").NotFound

        def tried() -> _Answer | None:
            try:
                return act()
            except missing:
                return None

        return self.ask(tried, patience, doing=doing, resource=resource)

    def endpoint(self, name: str, patience: Patience) -> Any:
        """An endpoint as it is now; None where it is gone."""

        def act() -> Any:
            return self.of(name).endpoints.get_endpoint(name=name, timeout=CALL_SECONDS, retry=None)

        return self.found(act, patience, doing="say what is deployed", resource=name)

    def existing(self, name: str, patience: Patience) -> Any:
        """The same. Raises NotFoundError where it is gone."""
        endpoint = self.endpoint(name, patience)
        if endpoint is None:
            raise NotFoundError(f"there is no endpoint {name}", where=name, hint="groundplan up makes it.")
        return endpoint

    def begun(self, operation: Any, resource: str, answer: str) -> Any:
        """An operation that a call began, to be waited for; ``answer`` is the message that it ends with."""
        kind = getattr(load("google.cloud.aiplatform_v1"), answer)
        return load("google.api_core.operation").from_gapic(operation.operation, self.of(resource).operations, kind)

    def ended(self, operation: Any, patience: Patience, *, doing: str, resource: str) -> Exception | None:
        """Wait for the end of an operation, and give why it failed; it stays failed, however often it is asked."""

        def end() -> bool:
            patience.until(operation.done, doing=doing)
            return True

        return operation.exception() if self.found(end, patience, doing=doing, resource=resource) else None

    def settle(self, resource: str, patience: Patience, *, doing: str, kind: str = "") -> None:
        """Wait for everything of a kind that is at work on a resource, such as what a killed command began."""
        going = self.found(lambda: self._going(resource, kind), patience, doing=doing, resource=resource) or []
        operations = self.of(resource).operations
        for name in going:

            def done(name: str = name) -> bool:
                return operations.get_operation(name, timeout=CALL_SECONDS, retry=None).done

            self.found(lambda done=done: patience.until(done, doing=doing), patience, doing=doing, resource=resource)

    def _going(self, resource: str, kind: str) -> Sequence[str]:
        pages = self.of(resource).operations.list_operations(name=resource, timeout=CALL_SECONDS, retry=None)
        return [one.name for one in pages if not one.done and kind in one.metadata.type_url]
