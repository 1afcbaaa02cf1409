"""Azure Monitor's autoscale settings over ARM, as strictly as its published model of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import arm
from .http import Answer, Json, Request

if TYPE_CHECKING:
    from .azureml import AzureMLService

_ROUTE = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Insights/autoscalesettings/[^/]+", re.IGNORECASE
)
_TYPE = "azure-native:monitor:AutoscaleSetting"
_NEEDED = {
    "": {"location", "properties"},
    "properties": {"profiles", "targetResourceUri", "enabled"},
    "profile": {"name", "capacity", "rules"},
    "capacity": {"minimum", "maximum", "default"},
    "rule": {"metricTrigger", "scaleAction"},
    "metricTrigger": {
        "metricName", "metricResourceUri", "timeGrain", "statistic", "timeWindow", "timeAggregation", "operator",
        "threshold",
    },
    "scaleAction": {"direction", "type", "value", "cooldown"},
}  # fmt: skip


class Scaling:
    """The settings, in the store."""

    def __init__(self, service: AzureMLService) -> None:
        self._service = service

    def answer(self, request: Request) -> Answer | None:
        """What Azure Monitor says; None for an address of another service."""
        if _ROUTE.fullmatch(request.path) is None:
            return None
        if request.method == "DELETE":
            there = self._service.store.get(request.path) is not None
            self._service.store.delete(request.path)
            return Answer(content=b"", status=200 if there else 204)
        if request.method != "PUT":
            raise arm.refused(405, "MethodNotAllowed", "the stand-in does not play this")
        wrong = [*self._faults(request.body)]
        if wrong:
            raise arm.refused(400, "BadRequest", "; ".join(wrong))
        self._service.store.occupy(request.path, _TYPE, **request.body)
        name = request.path.rpartition("/")[2]
        return Answer(
            body={"id": request.path, "name": name, "type": "Microsoft.Insights/autoscaleSettings", **request.body}
        )

    def _faults(self, body: Json) -> list[str]:
        properties: Json = body["properties"]
        wrong = [*_differing("", body), *_differing("properties", properties)]
        if self._service.store.get(properties["targetResourceUri"]) is None:
            wrong.append("the target is not there")
        for profile in properties["profiles"]:
            least, usual, most = (int(profile["capacity"][one]) for one in ("minimum", "default", "maximum"))
            wrong += [*_differing("profile", profile), *_differing("capacity", profile["capacity"])]
            wrong += [] if least <= usual <= most else [f"{least}, {usual} and {most} are in no order"]
            for rule in profile["rules"]:
                wrong += [*_differing("rule", rule), *_differing("scaleAction", rule["scaleAction"])]
                wrong += _differing("metricTrigger", rule["metricTrigger"])
        return wrong


def _differing(kind: str, value: Json) -> list[str]:
    return [f"{kind}: {one}" for one in sorted(set(value) ^ _NEEDED[kind])]
