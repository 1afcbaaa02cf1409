"""How many machines a deployment has under load: a setting of Azure Monitor's that is made and taken away with it."""

from __future__ import annotations

from typing import Any

from ...core.extras import load
from ..contract.deployment import Machines
from ..patience import Patience
from . import errors
from .calls import Calls
from .places import Workspace, last

TAG = "most-instances"
"""The tag of a deployment that scales."""

_OUT_ABOVE_PERCENT = 70
_IN_BELOW_PERCENT = 30


def tags(machines: Machines) -> dict[str, str]:
    """What a deployment says of its scaling."""
    return {TAG: str(machines.most)} if machines.most > machines.least else {}


def keep(calls: Calls, endpoint: Any, name: str, machines: Machines, patience: Patience, *, doing: str) -> None:
    """See that a deployment scales between its bounds; one whose bounds are the same has no setting."""
    if machines.most <= machines.least:
        return
    target = f"{endpoint.id}/deployments/{name}"
    models = load("azure.mgmt.monitor.models")
    setting = models.AutoscaleSettingResource(
        location=endpoint.location,
        enabled=True,
        target_resource_uri=target,
        profiles=[
            models.AutoscaleProfile(
                name="load",
                capacity=models.ScaleCapacity(
                    minimum=str(machines.least), maximum=str(machines.most), default=str(machines.least)
                ),
                rules=[
                    _rule(models, target, "GreaterThan", _OUT_ABOVE_PERCENT, "Increase"),
                    _rule(models, target, "LessThan", _IN_BELOW_PERCENT, "Decrease"),
                ],
            )
        ],
    )

    def act() -> Any:
        group = Workspace.of(endpoint.id).group
        settings = calls.monitor(endpoint.id).autoscale_settings
        return settings.create_or_update(group, _name(endpoint.id, name), setting)

    calls.found(act, patience, doing=doing, resource=endpoint.id, role=errors.SCALER)


def forget(calls: Calls, resource: str, deployment: Any, patience: Patience, *, doing: str) -> None:
    """Take the setting of a deployment away that scales; one that is not there is fine."""
    if TAG not in (deployment.tags or {}):
        return

    def act() -> Any:
        group = Workspace.of(resource).group
        return calls.monitor(resource).autoscale_settings.delete(group, _name(resource, deployment.name))

    calls.found(act, patience, doing=doing, resource=resource, role=errors.SCALER)


def _name(resource: str, deployment: str) -> str:
    return f"scale-{last(resource)}-{deployment}"


def _rule(models: Any, target: str, operator: str, percent: float, direction: str) -> Any:
    """One machine more or less, by how busy the processors were for five minutes; then five minutes' rest."""
    return models.ScaleRule(
        metric_trigger=models.MetricTrigger(
            metric_name="CpuUtilizationPercentage",
            metric_resource_uri=target,
            time_grain="PT1M",
            statistic="Average",
            time_window="PT5M",
            time_aggregation="Average",
            operator=operator,
            threshold=percent,
        ),
        scale_action=models.ScaleAction(direction=direction, type="ChangeCount", value="1", cooldown="PT5M"),
    )
