"""The deployments of models that the config itself pins to an endpoint, and how they scale."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pulumi
from pulumi_azure_native import machinelearningservices as ml
from pulumi_azure_native import monitor

from ..contract.component import Component
from ..contract.endpoint import EndpointArguments, PinnedModel
from . import names
from .catalogue.sizes import SIZES
from .places import DEFAULT_SIZE

COLLECTIONS = ("model_inputs", "model_outputs")
"""What is logged of requests, as Azure ML's data collector names it."""

_OUT_ABOVE_PERCENT = 70
_IN_BELOW_PERCENT = 30


def deployment_name(arguments: EndpointArguments, pinned: PinnedModel) -> str:
    """The name of the pinned deployment: another model, environment or machine is another deployment."""
    whole = "\n".join((pinned.uri, pinned.environment_uri, arguments.size or DEFAULT_SIZE, arguments.compute))
    return f"pinned-{hashlib.sha256(whole.encode()).hexdigest()[:8]}"


def requests_asset(endpoint: str, deployment: str, collection: str) -> str:
    """The data asset that a deployment's logged requests become."""
    return f"{endpoint}-{deployment}-{collection}"


def online_deployment(
    component: Component, arguments: EndpointArguments, pinned: PinnedModel, endpoint: str, shell: pulumi.Resource
) -> tuple[pulumi.Resource, ...]:
    """The pinned deployment, where its requests are logged, and between how many machines it scales.

    What replaces it is made first; it stays when the config forgets it, since it may still have traffic.
    """
    context = component.context
    size, name = arguments.size or DEFAULT_SIZE, deployment_name(arguments, pinned)
    scales = arguments.max_instances > arguments.min_instances
    logs = _requests(component, arguments, endpoint, name) if arguments.log_sample > 0 else {}
    made = ml.OnlineDeployment(
        f"{component.name}-deployment",
        deployment_name=name,
        endpoint_name=endpoint,
        workspace_name=arguments.workspace.name,
        resource_group_name=arguments.foundation.group,
        location=context.region,
        kind="Managed",
        sku=ml.SkuArgs(name="Default", capacity=arguments.min_instances),
        properties=ml.ManagedOnlineDeploymentArgs(
            endpoint_compute_type="Managed",
            instance_type=size,
            model=pinned.uri,
            environment_id=pinned.environment_uri or None,
            app_insights_enabled=True,
            egress_public_network_access="Enabled" if arguments.network.access == "public" else "Disabled",
            data_collector=_collector(arguments, logs) if logs else None,
            request_settings=ml.OnlineRequestSettingsArgs(
                request_timeout=f"PT{arguments.timeout_seconds}S",
                max_concurrent_requests_per_instance=SIZES[size].vcpus if size in SIZES else 1,
            ),
            scale_settings=ml.DefaultScaleSettingsArgs(scale_type="Default"),
        ),
        tags=context.tags,
        opts=component.child(
            depends_on=[shell, *logs.values()],
            retain_on_delete=True,
            ignore_changes=["sku.capacity"] if scales else [],
        ),
    )
    return (made, *logs.values(), *([_autoscale(component, arguments, made)] if scales else []))


def batch_deployment(
    component: Component, arguments: EndpointArguments, pinned: PinnedModel, endpoint: str, shell: pulumi.Resource
) -> tuple[pulumi.Resource, ...]:
    """The pinned deployment of a batch endpoint. A file that cannot be worked through ends the run."""
    context = component.context
    made = ml.BatchDeployment(
        f"{component.name}-deployment",
        deployment_name=deployment_name(arguments, pinned),
        endpoint_name=endpoint,
        workspace_name=arguments.workspace.name,
        resource_group_name=arguments.foundation.group,
        location=context.region,
        properties=ml.BatchDeploymentPropertiesArgs(
            compute=names.resource_id(
                context,
                "Microsoft.MachineLearningServices/workspaces/computes",
                arguments.workspace.name,
                arguments.compute,
            ),
            model=ml.IdAssetReferenceArgs(reference_type="Id", asset_id=pinned.uri),
            environment_id=pinned.environment_uri or None,
            error_threshold=0,
            logging_level="Info",
            max_concurrency_per_instance=1,
            mini_batch_size=10,
            output_action="AppendRow",
            output_file_name="predictions.csv",
            resources=ml.DeploymentResourceConfigurationArgs(instance_count=arguments.max_instances),
            retry_settings=ml.BatchRetrySettingsArgs(max_retries=3, timeout=f"PT{arguments.timeout_seconds}S"),
        ),
        tags=context.tags,
        opts=component.child(depends_on=[shell], retain_on_delete=True),
    )
    return (made,)


def _requests(
    component: Component, arguments: EndpointArguments, endpoint: str, name: str
) -> dict[str, ml.DataVersion]:
    """The data assets of logged requests, in the container that is kept for them."""
    return {
        collection: ml.DataVersion(
            f"{component.name}-{collection.replace('_', '-')}",
            name=requests_asset(endpoint, name, collection),
            version="1",
            workspace_name=arguments.workspace.name,
            resource_group_name=arguments.foundation.group,
            properties=ml.UriFolderDataVersionArgs(
                data_type="uri_folder",
                data_uri=f"{arguments.storage.requests_uri}/{endpoint}/{name}/{collection}",
                tags=component.context.tags,
            ),
            opts=component.child(
                depends_on=[*arguments.workspace.ready, *arguments.storage.ready], retain_on_delete=True
            ),
        )
        for collection in COLLECTIONS
    }


def _collector(arguments: EndpointArguments, logs: Mapping[str, ml.DataVersion]) -> ml.DataCollectorArgs:
    return ml.DataCollectorArgs(
        collections={
            collection: ml.CollectionArgs(
                data_collection_mode="Enabled", data_id=asset.id, sampling_rate=arguments.log_sample
            )
            for collection, asset in logs.items()
        },
        rolling_rate="Hour",
    )


def _autoscale(component: Component, arguments: EndpointArguments, made: ml.OnlineDeployment) -> pulumi.Resource:
    """One machine more while they are busy, one less while they are idle, five minutes apart."""
    context = component.context
    return monitor.AutoscaleSetting(
        f"{component.name}-autoscale",
        autoscale_setting_name=names.within(context, "scale", 260, arguments.endpoint),
        name=names.within(context, "scale", 260, arguments.endpoint),
        resource_group_name=arguments.foundation.group,
        location=context.region,
        enabled=True,
        target_resource_uri=made.id,
        profiles=[
            monitor.AutoscaleProfileArgs(
                name="load",
                capacity=monitor.ScaleCapacityArgs(
                    default=str(arguments.min_instances),
                    minimum=str(arguments.min_instances),
                    maximum=str(arguments.max_instances),
                ),
                rules=[
                    _scale_rule(
                        made.id,
                        monitor.ComparisonOperationType.GREATER_THAN,
                        _OUT_ABOVE_PERCENT,
                        monitor.ScaleDirection.INCREASE,
                    ),
                    _scale_rule(
                        made.id,
                        monitor.ComparisonOperationType.LESS_THAN,
                        _IN_BELOW_PERCENT,
                        monitor.ScaleDirection.DECREASE,
                    ),
                ],
            )
        ],
        tags=context.tags,
        opts=component.child(depends_on=[made]),
    )


def _scale_rule(
    deployment_id: pulumi.Input[str],
    operator: monitor.ComparisonOperationType,
    percent: float,
    direction: monitor.ScaleDirection,
) -> monitor.ScaleRuleArgs:
    return monitor.ScaleRuleArgs(
        metric_trigger=monitor.MetricTriggerArgs(
            metric_name="CpuUtilizationPercentage",
            metric_resource_uri=deployment_id,
            operator=operator,
            statistic=monitor.MetricStatisticType.AVERAGE,
            threshold=percent,
            time_aggregation=monitor.TimeAggregationType.AVERAGE,
            time_grain="PT1M",
            time_window="PT5M",
        ),
        scale_action=monitor.ScaleActionArgs(
            type=monitor.ScaleType.CHANGE_COUNT, direction=direction, value="1", cooldown="PT5M"
        ),
    )
