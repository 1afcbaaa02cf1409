"""Where a resource's logs and metrics go: to the Log Analytics workspace of its stack."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_azure_native import monitor

from ..contract.component import Component


def diagnostics(
    component: Component,
    name: str,
    target_id: pulumi.Input[str],
    logs_id: pulumi.Input[str],
    *,
    logs: bool = True,
    metrics: str = "AllMetrics",
    depends_on: Sequence[pulumi.Resource] = (),
) -> monitor.DiagnosticSetting:
    """Send all logs and ``metrics`` (a category; empty for none) of ``target_id`` to the workspace ``logs_id``."""
    return monitor.DiagnosticSetting(
        f"{component.name}-{name}",
        name="groundplan",
        resource_uri=target_id,
        workspace_id=logs_id,
        logs=[monitor.DiagnosticsLogSettingsArgs(category_group="allLogs", enabled=True)] if logs else None,
        metrics=[monitor.DiagnosticsMetricSettingsArgs(category=metrics, enabled=True)] if metrics else None,
        opts=component.child(depends_on=list(depends_on)),
    )
