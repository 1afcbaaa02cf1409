"""Monitoring at Azure: alerts on endpoints and who is told, monitors of pinned deployments, a workbook."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi
from pulumi_azure_native import applicationinsights, monitor

from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.monitoring import MonitoringArguments, MonitoringOutputs, WatchedEndpoint
from . import names, workbook
from .drift import own_monitors, unwatched

_SEVERITY = {"production": 1, "staging": 2, "development": 3}
_ENDPOINTS = "Microsoft.MachineLearningServices/workspaces/onlineEndpoints"
_OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
_EVERY, _WINDOW = "PT5M", "PT15M"


class Monitoring(Component):
    """Who is told, and of what: slow answers, failed requests, machines that are full, data that has drifted.

    A monitor of Azure ML and an alert on machines belong to a deployment, and deployments are the lifecycle's: both are
    made here for what the config pins, and are steps after ``up`` for the rest. Azure ML knows no least number of rows.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: MonitoringArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._group = self._action_group()
        monitors: dict[str, pulumi.Input[str]] = {}
        for watched in arguments.endpoints:
            self._latency(watched)
            self._errors(watched)
            if watched.outputs.deployment:
                self._saturation(watched)
            if watched.outputs.deployment and watched.outputs.requests:
                first, *_ = own_monitors(self, arguments, watched)
                monitors[watched.endpoint] = first.id
        board = self._workbook()
        self.steps = tuple(step for watched in arguments.endpoints for step in self._after_up(watched))
        self.outputs = MonitoringOutputs(channels=(self._group.id,), dashboard_id=board.id, monitors=monitors)
        self.done({"channels": [self._group.id], "dashboard_id": board.id})

    def _action_group(self) -> monitor.ActionGroup:
        """Without addresses the owners of the resource group are told."""
        contacts = dict.fromkeys(self._arguments.contacts)
        owners = monitor.ArmRoleReceiverArgs(name="owners", role_id=_OWNER, use_common_alert_schema=True)
        return monitor.ActionGroup(
            f"{self.name}-action-group",
            action_group_name=names.within(self.context, "ag", 260),
            group_short_name=self.context.environment[:12],
            resource_group_name=self._arguments.foundation.group,
            location="global",
            enabled=True,
            email_receivers=[
                monitor.MicrosoftCommonEmailReceiverArgs(name=one, email_address=one, use_common_alert_schema=True)
                for one in contacts
            ],
            arm_role_receivers=[] if contacts else [owners],
            tags=self.context.tags,
            opts=self.child(depends_on=list(self._arguments.foundation.ready)),
        )

    def _latency(self, watched: WatchedEndpoint) -> None:
        self._alert(
            f"{watched.endpoint}-latency",
            f"The slowest twentieth of the answers of {watched.endpoint} take longer than"
            f" {self._arguments.latency_ms:g} ms.",
            scope=watched.outputs.uri,
            needs=watched.outputs.ready,
            namespace=_ENDPOINTS,
            metric="RequestLatency_P95",
            threshold=self._arguments.latency_ms,
        )

    def _saturation(self, watched: WatchedEndpoint) -> None:
        scope = names.resource_id(
            self.context,
            f"{_ENDPOINTS}/deployments",
            self._arguments.workspace.name,
            watched.outputs.name,
            watched.outputs.deployment,
        )
        for what, metric in _machine_metrics(watched):
            self._alert(
                f"{watched.endpoint}-{what}",
                f"The machines of {watched.endpoint} use more than {self._arguments.saturation:.0%} of their {what}.",
                scope=scope,
                needs=watched.outputs.ready,
                namespace=f"{_ENDPOINTS}/deployments",
                metric=metric,
                threshold=self._arguments.saturation * 100,
            )

    def _errors(self, watched: WatchedEndpoint) -> None:
        """From the log, since a metric alert compares numbers and not shares; 429 is an endpoint that is full."""
        name = f"{watched.endpoint}-errors"
        share = self._arguments.error_share
        query = (
            f'AmlOnlineEndpointTrafficLog | where EndpointName == "{watched.outputs.name}"'
            " | extend Code = toint(ResponseCode)"
            " | summarize Requests = count(), Failed = countif(Code >= 500 or Code == 429)"
            f" | where Failed > Requests * {share:g}"
        )
        monitor.ScheduledQueryRule(
            f"{self.name}-{name}",
            rule_name=names.within(self.context, "alert", 260, name),
            resource_group_name=self._arguments.foundation.group,
            location=self.context.region,
            kind="LogAlert",
            display_name=names.within(self.context, "alert", 260, name),
            description=f"More than {share:.2%} of the requests of {watched.endpoint} fail.",
            enabled=True,
            auto_mitigate=True,
            severity=_SEVERITY[self.context.tier],
            scopes=[self._arguments.foundation.logs_id],
            evaluation_frequency=_EVERY,
            window_size=_WINDOW,
            skip_query_validation=True,  # the table is there only once an endpoint has answered
            criteria=monitor.ScheduledQueryRuleCriteriaArgs(
                all_of=[
                    monitor.ConditionArgs(
                        query=query,
                        time_aggregation="Count",
                        operator="GreaterThan",
                        threshold=0,
                        failing_periods=monitor.ConditionFailingPeriodsArgs(
                            min_failing_periods_to_alert=1, number_of_evaluation_periods=1
                        ),
                    )
                ]
            ),
            actions=monitor.ActionsArgs(action_groups=[self._group.id]),
            tags=self.context.tags,
            opts=self.child(depends_on=list(self._arguments.foundation.ready)),
        )

    def _alert(
        self,
        name: str,
        description: str,
        *,
        scope: pulumi.Input[str],
        needs: tuple[pulumi.Resource, ...],
        namespace: str,
        metric: str,
        threshold: float,
    ) -> None:
        monitor.MetricAlert(
            f"{self.name}-{name}",
            rule_name=names.within(self.context, "alert", 260, name),
            resource_group_name=self._arguments.foundation.group,
            location="global",
            description=description,
            enabled=True,
            auto_mitigate=True,
            severity=_SEVERITY[self.context.tier],
            scopes=[scope],
            evaluation_frequency=_EVERY,
            window_size=_WINDOW,
            criteria=monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
                odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
                all_of=[
                    monitor.MetricCriteriaArgs(
                        criterion_type="StaticThresholdCriterion",
                        name="threshold",
                        metric_name=metric,
                        metric_namespace=namespace,
                        operator="GreaterThan",
                        threshold=threshold,
                        time_aggregation="Average",
                    )
                ],
            ),
            actions=[monitor.MetricAlertActionArgs(action_group_id=self._group.id)],
            tags=self.context.tags,
            opts=self.child(depends_on=list(needs)),
        )

    def _workbook(self) -> applicationinsights.Workbook:
        """Its source is the log, so that its queries need to name none."""
        return applicationinsights.Workbook(
            f"{self.name}-workbook",
            resource_name_=names.guid(self.context, "workbook"),
            resource_group_name=self._arguments.foundation.group,
            location=self.context.region,
            category="workbook",
            kind="shared",
            display_name=f"{self.context.project} {self.context.environment}",
            serialized_data=workbook.serialized(self.context, self._arguments.endpoints),
            source_id=self._arguments.foundation.logs_id,
            tags=self.context.tags,
            opts=self.child(depends_on=list(self._arguments.foundation.ready)),
        )

    def _after_up(self, watched: WatchedEndpoint) -> Iterator[AfterUp]:
        outputs, endpoint = watched.outputs, watched.endpoint
        if not outputs.requests:
            yield AfterUp(
                title=f"Log requests of the endpoint {endpoint}, so that drift can be seen",
                reason=f"endpoints.{endpoint}.log_sample is 0, and a monitor reads what was logged",
            )
        elif not outputs.deployment:
            yield AfterUp(
                title=f"Look at what the endpoint {endpoint} is asked, by the clock",
                reason="alerts on machines and Azure ML's own monitors belong to a deployment; the lifecycle, which "
                "makes those, judges the log of requests itself",
                command=f"groundplan monitor run {endpoint} -e {self.context.environment}",
            )
        else:
            columns = unwatched(self._arguments.statistic)
            if columns:
                yield AfterUp(
                    title=f"Know that drift of {columns} columns of {endpoint} is not seen",
                    reason=f"Azure ML has no {self._arguments.statistic} for them; psi and jensen_shannon judge all",
                )


def _machine_metrics(watched: WatchedEndpoint) -> Iterator[tuple[str, str]]:
    yield "cpu", "CpuUtilizationPercentage"
    yield "memory", "CpuMemoryUtilizationPercentage"
    if watched.outputs.machine is not None and watched.outputs.machine.gpus:
        yield "gpu", "GpuUtilizationPercentage"
