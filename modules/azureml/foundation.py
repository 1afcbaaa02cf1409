"""The foundation of a stack at Azure: its resource group, and the Log Analytics workspace that all logs go to."""

from __future__ import annotations

import pulumi
from pulumi_azure_native import operationalinsights, resources

from ..contract.component import Component
from ..contract.context import Context
from ..contract.foundation import FoundationArguments, FoundationOutputs
from . import names


class Foundation(Component):
    """A resource group and a Log Analytics workspace.

    In production both are protected by Pulumi. There is no management lock on the group: a lock refuses the deletion
    of everything below it, an outdated endpoint too, and needs rights that CI does not have.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: FoundationArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        group = resources.ResourceGroup(
            f"{name}-group",
            resource_group_name=names.group(context),
            location=context.region,
            tags=context.tags,
            opts=self.child(stateful=True),
        )
        logs = self._logs(arguments, group)
        self.outputs = FoundationOutputs(
            group=names.group(context),
            group_id=names.group_id(context),
            logs_id=logs.id,
            ready=(group, logs),
        )
        self.done({"group_id": group.id, "logs_id": logs.id})

    def _logs(self, arguments: FoundationArguments, group: resources.ResourceGroup) -> operationalinsights.Workspace:
        """Diagnostic settings deliver within Azure, so ingestion over the internet can be off; queries need Entra."""
        context = self.context
        return operationalinsights.Workspace(
            f"{self.name}-logs",
            workspace_name=names.within(context, "log", 63),
            resource_group_name=names.group(context),
            location=context.region,
            sku=operationalinsights.WorkspaceSkuArgs(name="PerGB2018"),
            retention_in_days=arguments.log_retention_days,
            features=operationalinsights.WorkspaceFeaturesArgs(
                disable_local_auth=True, enable_log_access_using_only_resource_permissions=True
            ),
            public_network_access_for_ingestion="Disabled" if arguments.private else "Enabled",
            public_network_access_for_query="Enabled",
            tags=context.tags,
            opts=self.child(stateful=True, depends_on=[group]),
        )
