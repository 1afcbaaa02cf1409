"""A subscription of Azure as ``doctor`` asks for it: plain questions to Azure Resource Manager that change nothing.

The pipeline is azure-core's own and not the one of Azure's management SDKs, which registers a resource provider by
itself when it is told that one is missing.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ...core.errors import NotFoundError, ResourceFailedError
from ...core.extras import load
from ..contract.account import AccountState, Asked, Caller, Held, Quota
from ..patience import Pace
from . import errors, reservations
from .client import address_of, client, credential, loaded, retries
from .permissions import lacking
from .places import Workspace

_PACE = Pace(first_seconds=0.5, longest_seconds=4.0, tries=3)
_CALL_SECONDS = 15
_USABLE = ("Enabled", "Warned", "PastDue")
_NAMES = ("upn", "preferred_username", "unique_name", "appid", "azp")
_PERMISSIONS, _PROVIDERS, _SUBSCRIPTION, _USAGES = "2022-04-01", "2021-04-01", "2022-12-01", "2025-12-01"
_ASSIGNMENTS, _DENIALS, _POLICIES = "2022-04-01", "2022-04-01", "2023-04-01"
"""The versions of the descriptions by which Azure is asked."""


_WORDS = {
    "roleAssignments": "role assignments", "denyAssignments": "deny assignments",
    "policyAssignments": "assignments of policies",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Asking:
    """Who asks where: the cloud's address, the scope of its tokens, who is signed in, and the pipeline."""

    address: str
    scope: str
    credential: Any
    pipeline: Any


class AzureAccount:
    """The subscription in which a workspace is or will be."""

    def __init__(self, workspace: str, *, pace: Pace = _PACE) -> None:
        self._workspace = Workspace.of(workspace)
        self._pace = pace
        self._lock = threading.Lock()
        self._made: _Asking | None = None
        self._allowed: dict[str, list[Mapping[str, Any]] | None] = {}

    @property
    def _id(self) -> str:
        return f"/subscriptions/{self._workspace.subscription}"

    def prepare(self) -> None:
        """Import what the questions need."""
        loaded()
        for name in ("azure.core.rest", "azure.core.pipeline.policies", "azure.identity", "requests"):
            load(name)

    def caller(self) -> Caller:
        """Who is signed in, as the token says it; the token itself goes nowhere."""
        try:
            asking = self._asking()
            claims = _claims(asking.credential.get_token(asking.scope).token)
        except load("azure.core.exceptions").AzureError as error:
            raise errors.of_account(error, doing="sign you in", account=self._id) from error
        return Caller(
            name=next((str(claims[one]) for one in _NAMES if one in claims), ""),
            id=str(claims.get("oid", "")),
            tenant=str(claims.get("tid", "")),
        )

    def state(self) -> AccountState:
        """The subscription."""
        found = self._get(self._id, _SUBSCRIPTION, doing="show the subscription")
        if found is None:
            raise self._unseen()
        state = str(found.get("state", ""))
        return AccountState(
            name=str(found.get("displayName", "")), state=state, usable=state in _USABLE,
            tenant=str(found.get("tenantId", "")),
        )  # fmt: skip

    def switched_off(self, services: Collection[str]) -> Sequence[str]:
        """The resource providers that are not registered."""
        listed = self._list(f"{self._id}/providers", _PROVIDERS, doing="list the resource providers")
        registered = {str(one["namespace"]).lower() for one in listed or () if one["registrationState"] == "Registered"}
        return [one for one in services if one.lower() not in registered]

    def held(self, scope: str, permissions: Sequence[Asked]) -> Held:
        """What is lacking on the scope, its resource group, or the subscription: the first of them that is there."""
        for place in _around(scope):
            lists = self._permissions(place)
            if lists is not None:
                return Held(scope=place, lacking=lacking(permissions, lists))
        raise self._unseen()

    def reservations(self, scopes: Collection[str]) -> Sequence[str]:
        """Conditions on role assignments, deny assignments and policies at these places and around them."""
        places = [place for scope in scopes if (place := self._there(scope)) is not None]
        found = [text for place in dict.fromkeys(places) for text in self._reserved(place)]
        return list(dict.fromkeys(found))

    def quotas(self, region: str, families: Collection[str]) -> Mapping[str, Quota]:
        """Azure ML's quotas of virtual CPUs in a region."""
        path = f"{self._id}/providers/Microsoft.MachineLearningServices/locations/{region}/usages"
        listed = self._list(path, _USAGES, doing="list the quotas")
        wanted = {one.lower(): one for one in families}
        return {
            wanted[name]: Quota(limit=float(one["limit"]), used=float(one["currentValue"]))
            for one in listed or ()
            # Those of single workspaces are listed too, by the workspace's id.
            if (name := str(one["name"]["value"]).lower()) in wanted and "/workspaces/" not in str(one.get("id", ""))
        }

    def _there(self, scope: str) -> str | None:
        return next((place for place in _around(scope) if self._permissions(place) is not None), None)

    def _reserved(self, place: str) -> Iterator[str]:
        caller = self.caller().id
        below = f"{place}/providers/Microsoft.Authorization"
        given = f"atScope() and assignedTo('{caller}')" if caller else "atScope()"
        for kind, version, wanted in (
            ("roleAssignments", _ASSIGNMENTS, given), ("denyAssignments", _DENIALS, "atScope()"),
            ("policyAssignments", _POLICIES, "atScope()"),
        ):  # fmt: skip
            listed = self._list(f"{below}/{kind}", version, doing=f"list the {_WORDS[kind]}", wanted=wanted)
            yield from reservations.of(kind, listed or ())

    def _permissions(self, place: str) -> list[Mapping[str, Any]] | None:
        """What the caller may do on a place, asked once; None for one that is not there."""
        if place not in self._allowed:
            path = f"{place}/providers/Microsoft.Authorization/permissions"
            self._allowed[place] = self._list(path, _PERMISSIONS, doing="list your permissions")
        return self._allowed[place]

    def _unseen(self) -> NotFoundError:
        return NotFoundError(
            f"there is no subscription {self._workspace.subscription}, or you may not see it",
            where=self._id,
            hint="az account list --all shows those that you may see; account.subscription in the config names one.",
        )

    def _list(self, path: str, version: str, *, doing: str, wanted: str = "") -> list[Mapping[str, Any]] | None:
        """All pages of a list, of what is ``wanted`` alone; None where what it is about is not there."""
        found: list[Mapping[str, Any]] = []
        page = self._get(path, version, doing=doing, wanted=wanted)
        while page is not None:
            found += page.get("value") or ()
            following = str(page.get("nextLink") or "")
            if not following.startswith(self._asking().address):  # the token goes to Azure alone
                return found
            page = self._get(following, "", doing=doing)
        return None

    def _get(self, path: str, version: str, *, doing: str, wanted: str = "") -> Mapping[str, Any] | None:
        """The answer to a question, by a path or a whole address; None for what is not there."""
        core, rest = load("azure.core.exceptions"), load("azure.core.rest")
        asking = self._asking()
        url = path if path.startswith(asking.address) else asking.address + path
        parameters = {**({"api-version": version} if version else {}), **({"$filter": wanted} if wanted else {})}
        try:
            answer = asking.pipeline.send_request(rest.HttpRequest("GET", url, params=parameters or None))
            answer.raise_for_status()
            return _object(answer.json())
        except core.AzureError as error:
            if errors.status(error) == 404:
                return None
            raise errors.of_account(error, doing=doing, account=self._id) from error
        except ValueError as error:
            raise ResourceFailedError(
                f"Azure could not {doing}: the answer is not Azure's", where=self._id, hint="Look at the proxy."
            ) from error

    def _asking(self) -> _Asking:
        with self._lock:
            if self._made is None:
                self._made = _asking(self._workspace, self._pace)
        return self._made


def _asking(workspace: Workspace, pace: Pace) -> _Asking:
    """The way to the cloud that is configured."""
    policies = load("azure.core.pipeline.policies")
    address = address_of(client(workspace, pace, lambda _: None))
    who, scope = credential(), f"{address}/.default"
    kinds = [
        policies.HeadersPolicy(),
        policies.RetryPolicy(**retries(pace)),
        policies.BearerTokenCredentialPolicy(who, scope),
    ]
    pipeline = load("azure.core").PipelineClient(
        address, policies=kinds, connection_timeout=_CALL_SECONDS, read_timeout=_CALL_SECONDS
    )
    return _Asking(address=address, scope=scope, credential=who, pipeline=pipeline)


def _around(scope: str) -> Iterator[str]:
    """The scope, its resource group, its subscription."""
    parts = scope.split("/")
    yield from dict.fromkeys(["/".join(parts), "/".join(parts[:5]), "/".join(parts[:3])])


def _object(answer: object) -> Mapping[str, Any]:
    """The answer, where it is a JSON object, as all of Azure's are. Raises ValueError."""
    if not isinstance(answer, dict):
        raise ValueError("not an object")  # noqa: TRY004 as for an answer that is no JSON
    return cast("Mapping[str, Any]", answer)


def _claims(token: str) -> Mapping[str, Any]:
    """What a token says of its bearer; nothing for one that is opaque."""
    try:
        payload = token.split(".")[1]
        found: object = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}
