"""What may be reached out of a workspace's managed network, where nothing else may."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from ..contract.component import Component
from ..contract.network import NetworkOutputs

_Destination = ml.FqdnOutboundRuleArgs | ml.PrivateEndpointOutboundRuleArgs


def outbound_rules(
    component: Component,
    workspace: ml.Workspace,
    workspace_name: str,
    *,
    group: str,
    network: NetworkOutputs,
    registry_id: pulumi.Input[str] | None,
) -> tuple[pulumi.Resource, ...]:
    """A rule for the model registry and one for each allowed host; none where all of the internet is allowed.

    One rule after another: a managed network takes one change at a time. What the workspace itself needs (its storage,
    vault and images) Azure ML adds.
    """
    if network.access == "public":
        return ()
    wanted: dict[str, _Destination] = {}
    if registry_id is not None:
        wanted["model-registry"] = ml.PrivateEndpointOutboundRuleArgs(
            type="PrivateEndpoint",
            category="UserDefined",
            destination=ml.PrivateEndpointDestinationArgs(
                service_resource_id=registry_id, subresource_target="amlregistry", spark_enabled=False
            ),
        )
    for host in dict.fromkeys(network.allowed_outbound):
        wanted[rule_name(host)] = ml.FqdnOutboundRuleArgs(type="FQDN", category="UserDefined", destination=host)
    made: list[pulumi.Resource] = []
    for name, destination in wanted.items():
        made.append(
            ml.ManagedNetworkSettingsRule(
                f"{component.name}-outbound-{name}",
                rule_name=name,
                workspace_name=workspace_name,
                resource_group_name=group,
                properties=destination,
                opts=component.child(depends_on=made[-1:] or [workspace]),
            )
        )
    return tuple(made)


def rule_name(host: str) -> str:
    """The name of a host's rule: letters, digits and hyphens."""
    return "host-" + host.lower().replace("*", "any").replace(".", "-")
