"""A subscription as Azure Resource Manager shows it: its state, its resource providers, permissions, quotas.

The addresses and versions: https://learn.microsoft.com/rest/api/resources, /rest/api/authorization/permissions and
/rest/api/azureml/usages. Permissions are those of the caller on a place and on what is around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..store import Store
from . import arm
from .http import Answer, Json, Request

_ROUTES = {
    "subscription": (re.compile(r"/subscriptions/(?P<id>[^/]+)"), "2022-12-01"),
    "providers": (re.compile(r"/subscriptions/[^/]+/providers"), "2021-04-01"),
    "permissions": (re.compile(r"(?P<scope>/subscriptions/.+)/providers/Microsoft\.Authorization/permissions"),
                    "2022-04-01"),
    "usages": (re.compile(r"/subscriptions/[^/]+/providers/Microsoft\.MachineLearningServices"
                          r"/locations/(?P<region>[^/]+)/usages"), "2025-12-01"),
    **{
        kind: (re.compile(rf"(?P<scope>/subscriptions/.+)/providers/Microsoft\.Authorization/{kind}"), version)
        for kind, version in (
            ("denyAssignments", "2022-04-01"), ("policyAssignments", "2023-04-01"), ("roleAssignments", "2022-04-01"),
        )
    },
}  # fmt: skip
_FILTERS = {
    "denyAssignments": re.compile(r"atScope\(\)"),
    "policyAssignments": re.compile(r"atScope\(\)"),
    "roleAssignments": re.compile(r"atScope\(\)( and assignedTo\('(?P<who>[^']+)'\))?"),
}
"""What of each list may be asked for: https://learn.microsoft.com/azure/role-based-access-control, list assignments."""

_PAGE = 2
OWNER: Json = {"actions": ["*"], "notActions": [], "dataActions": ["*"], "notDataActions": []}


@dataclass(kw_only=True)
class Subscription:
    """The subscription. ``granted`` are the permissions of each role assignment by its scope.

    ``registered`` are the resource providers in use, ``usages`` are used and allowed virtual CPUs by
    family. ``groups`` are there although nothing is in them. ``assigned`` are role, deny and policy assignments by
    kind, each with the ``scope`` in its properties.
    """

    store: Store
    address: str
    state: str = "Enabled"
    tenant: str = "00000000-0000-4000-8000-0000000000aa"
    gone: bool = False
    granted: dict[str, list[Json]] = field(default_factory=dict[str, list[Json]])
    registered: set[str] = field(default_factory=set[str])
    usages: dict[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    groups: set[str] = field(default_factory=set[str])
    assigned: dict[str, list[Json]] = field(default_factory=dict[str, list[Json]])

    def answer(self, request: Request) -> Answer | None:
        """What Azure says; None for an address of another service."""
        for name, (route, version) in _ROUTES.items():
            found = route.fullmatch(request.path)
            if found is not None and request.method == "GET":
                if request.query.get("api-version") != version:
                    raise arm.refused(400, "InvalidApiVersionParameter", f"{name} has the version {version}")
                if name in _FILTERS:
                    return Answer(body=self._assignments(name, request, found))
                return Answer(body=getattr(self, f"_{name}")(request, found))
        return None

    def _subscription(self, _: Request, found: re.Match[str]) -> Json:
        if self.gone:
            raise arm.refused(404, "SubscriptionNotFound", f"The subscription '{found['id']}' could not be found.")
        return {
            "id": found[0], "subscriptionId": found["id"], "displayName": "Machine learning", "state": self.state,
            "tenantId": self.tenant,
        }  # fmt: skip

    def _providers(self, request: Request, _: re.Match[str]) -> Json:
        known = [
            {"id": f"{request.path}/{one}", "namespace": one, "registrationState": state}
            for one, state in sorted(
                {"Microsoft.Quantum": "NotRegistered", **dict.fromkeys(self.registered, "Registered")}.items()
            )
        ]
        return self._page(request, known)

    def _permissions(self, request: Request, found: re.Match[str]) -> Json:
        scope = found["scope"].lower()
        if not self._is_there(scope):
            raise arm.refused(404, "ResourceGroupNotFound", f"Resource group of '{scope}' could not be found.")
        held = [
            one
            for place, lists in self.granted.items()
            if scope == place.lower() or scope.startswith(f"{place.lower()}/")
            for one in lists
        ]
        return self._page(request, held)

    def _assignments(self, kind: str, request: Request, found: re.Match[str]) -> Json:
        """Those at the scope and around it; of role assignments only those to somebody, where that is asked for."""
        scope, wanted = found["scope"].lower(), _FILTERS[kind].fullmatch(request.query.get("$filter", ""))
        if wanted is None:
            raise arm.refused(400, "UnsupportedQuery", f"{kind} has no filter {request.query.get('$filter')!r}")
        if not self._is_there(scope):
            raise arm.refused(404, "ResourceGroupNotFound", f"Resource group of '{scope}' could not be found.")
        who = wanted.groupdict().get("who")
        around = [
            one
            for one in self.assigned.get(kind, [])
            if f"{scope}/".startswith(f"{one['properties']['scope'].lower()}/")
            and (who is None or one["properties"]["principalId"] == who)
        ]
        return {"value": around}

    def _usages(self, request: Request, found: re.Match[str]) -> Json:
        listed = [_usage(request.path, name, used, limit) for name, (used, limit) in self.usages.items()]
        # A workspace has lines of its own, of the same names.
        inner = (
            f"{request.path.partition('/providers/')[0]}/resourceGroups/rg/providers/Microsoft.MachineLearningServices"
        )
        listed += [_usage(f"{inner}/workspaces/mlw/usages", name, 0, 1) for name in self.usages]
        return self._page(request, listed)

    def _is_there(self, scope: str) -> bool:
        parts = scope.split("/")
        if len(parts) < 5:
            return not self.gone
        group = "/".join(parts[:5])
        inside = (*self.groups, *self.store.resources)
        return any(one.lower() == group or one.lower().startswith(f"{group}/") for one in inside)

    def _page(self, request: Request, listed: list[Any]) -> Json:
        """A page, and where the next one is."""
        start = int(request.query.get("$skiptoken", "0"))
        page: Json = {"value": listed[start : start + _PAGE]}
        if start + _PAGE < len(listed):
            version = request.query["api-version"]
            page["nextLink"] = f"{self.address}{request.path}?api-version={version}&$skiptoken={start + _PAGE}"
        return page


def _usage(id: str, name: str, used: int, limit: int) -> Json:
    return {
        "id": id, "type": "Microsoft.MachineLearningServices/usages", "unit": "Count", "currentValue": used,
        "limit": limit, "name": {"value": name, "localizedValue": name},
    }  # fmt: skip
