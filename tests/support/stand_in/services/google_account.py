"""What Google's services say of a project: that it is there, what is enabled, what the caller may do, how much.

Which of the permissions a place knows follows from its kind: a project none of a billing account's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .http import Json, Request
from .vertex_words import PROJECTS, refused

DOCUMENTS = (
    ("accesscontextmanager", "v1"), ("cloudbilling", "v1"), ("cloudresourcemanager", "v3"), ("compute", "v1"),
    ("iam", "v1"), ("serviceusage", "v1"), ("serviceusage", "v1beta1"), ("storage", "v1"),
)  # fmt: skip
SERVICES = ("ACCESSCONTEXTMANAGER", "CLOUDBILLING", "CLOUDRESOURCEMANAGER", "COMPUTE", "IAM", "SERVICEUSAGE")
ON_BUCKETS = "/iam/testPermissions"

_MOST = 100
_MOST_NAMES = 30
_ELSEWHERE = ("accesscontextmanager.", "billing.")
"""Permissions that no project knows."""


@dataclass(kw_only=True)
class Account:
    """The project; everything is enabled and allowed but what stands in ``disabled`` and ``denied``.

    ``gone`` are places that are not there, ``strange`` permissions that no place knows. ``metrics`` are quotas of
    Vertex AI by metric, with their limit by region ("" for every other one), ``compute`` those of Compute Engine with
    limit and usage. ``bindings`` are those of the project's policy.
    """

    state: str = "ACTIVE"
    disabled: set[str] = field(default_factory=set[str])
    denied: set[str] = field(default_factory=set[str])
    gone: set[str] = field(default_factory=set[str])
    strange: set[str] = field(default_factory=set[str])
    metrics: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict[tuple[str, str], dict[str, int]])
    bindings: list[Json] = field(default_factory=list[Json])
    compute: dict[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    def clear(self) -> None:
        """A project in which all is well and no quota is known."""
        self.state = "ACTIVE"
        for one in (self.disabled, self.denied, self.gone, self.strange, self.metrics, self.compute):
            one.clear()
        self.bindings.clear()

    @property
    def answers(self) -> Mapping[str, Callable[[Request], Json]]:
        """The methods that are played."""
        test = self._test
        return {
            "accesscontextmanager.accessPolicies.testIamPermissions": test,
            "cloudbilling.billingAccounts.testIamPermissions": test,
            "cloudresourcemanager.projects.get": self._project,
            "cloudresourcemanager.projects.getIamPolicy": self._policy,
            "cloudresourcemanager.projects.testIamPermissions": test,
            "compute.regions.get": self._region,
            "iam.projects.serviceAccounts.testIamPermissions": test,
            "serviceusage.services.batchGet": self._services,
            "serviceusage.services.consumerQuotaMetrics.list": self._metrics,
            "storage.buckets.testIamPermissions": self._test_bucket,
        }

    def _project(self, request: Request) -> Json:
        id = request.path.rpartition("/")[2]
        if id not in PROJECTS or id in self.gone:
            raise refused("PERMISSION_DENIED", "The caller does not have permission")
        return {"name": f"projects/{PROJECTS[id]}", "projectId": id, "displayName": id, "state": self.state}

    def _policy(self, request: Request) -> Json:
        """Conditions are left out, with their bindings, of a policy that is asked for in an older version."""
        version = request.body.get("options", {}).get("requestedPolicyVersion", 1)
        shown = [one for one in self.bindings if version == 3 or "condition" not in one]
        return {"version": version, "etag": "BwYA", "bindings": shown}

    def _services(self, request: Request) -> Json:
        names = [value for key, value in request.parameters if key == "names"]
        if not 0 < len(names) <= _MOST_NAMES:
            raise refused("INVALID_ARGUMENT", f"between 1 and {_MOST_NAMES} names, not {len(names)}")
        return {"services": [{"name": one, "state": self._enabled(one)} for one in names]}

    def _enabled(self, name: str) -> str:
        return "DISABLED" if name.rpartition("/")[2] in self.disabled else "ENABLED"

    def _test(self, request: Request) -> Json:
        place = request.path.split("/", 2)[2].rpartition(":")[0]
        return self._allowed(place, request.body.get("permissions", []))

    def _test_bucket(self, request: Request) -> Json:
        asked = [value for key, value in request.parameters if key == "permissions"]
        place = f"gs://{request.path.split('/')[4]}"
        return {"kind": "storage#testIamPermissionsResponse", **self._allowed(place, asked)}

    def _allowed(self, place: str, asked: list[str]) -> Json:
        if place in self.gone:
            raise refused("NOT_FOUND", f"{place} not found")
        if not 0 < len(asked) <= _MOST:
            raise refused("INVALID_ARGUMENT", f"between 1 and {_MOST} permissions, not {len(asked)}")
        for one in asked:
            unknown = place.startswith("projects/") and one.startswith(_ELSEWHERE)
            if unknown or one in self.strange or one.count(".") < 2:
                raise refused("INVALID_ARGUMENT", f"Permission {one} is not valid for this resource.")
        # What nobody has is not even an empty list.
        held = [one for one in asked if one not in self.denied]
        return {"permissions": held} if held else {}

    def _metrics(self, request: Request) -> Json:
        """A page holds two metrics."""
        start = int(request.query.get("pageToken", "0"))
        shown = [*self.metrics.items()][start : start + 2]
        more = {"nextPageToken": str(start + 2)} if start + 2 < len(self.metrics) else {}
        return {"metrics": [_metric(name, shown_as, limits) for (name, shown_as), limits in shown], **more}

    def _region(self, request: Request) -> Json:
        quotas = [{"metric": name, "limit": limit, "usage": used} for name, (limit, used) in self.compute.items()]
        return {"kind": "compute#region", "name": request.path.rpartition("/")[2], "quotas": quotas}


def _metric(name: str, shown_as: str, limits: Mapping[str, int]) -> Json:
    buckets: list[dict[str, Any]] = [
        {"effectiveLimit": str(limit), **({"dimensions": {"region": region}} if region else {})}
        for region, limit in limits.items()
    ]
    return {
        "metric": f"aiplatform.googleapis.com/{name}", "displayName": shown_as,
        "consumerQuotaLimits": [{"unit": "1/{project}/{region}", "quotaBuckets": buckets}],
    }  # fmt: skip
