"""Endpoints at Azure ML: their shells; and what the config itself pins to them (deployment.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.endpoint import EndpointArguments, EndpointOutputs
from .catalogue.sizes import SIZES
from .deployment import DEFAULT_SIZE, batch_deployment, deployment_name, online_deployment
from .diagnostics import diagnostics
from .names import endpoint_name


class Endpoint(Component):
    """An endpoint that takes Entra tokens only, and acts as the identity of endpoints.

    Its traffic and its default deployment are the lifecycle's: what is set there stays at the next ``up``. A model that
    the config pins becomes a deployment, which gets its traffic by a step after ``up``: a new one is made beside the
    old one, and the old one stays until somebody who sees the new one answer takes it away.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: EndpointArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._endpoint = endpoint_name(context, arguments.endpoint)
        online = arguments.kind == "online"
        shell = self._online() if online else self._batch()
        diagnostics(self, "diagnostics", shell.id, arguments.foundation.logs_id, metrics="AllMetrics" if online else "")
        pinned, made = arguments.pinned, ()
        if pinned is not None:
            make = online_deployment if online else batch_deployment
            made = make(self, arguments, pinned, self._endpoint, shell)
        self.steps = tuple(self._after_up())
        self.outputs = EndpointOutputs(
            uri=shell.id,
            name=self._endpoint,
            scoring_uri=scoring_uri(context, arguments),
            deployment="" if pinned is None else deployment_name(arguments, pinned),
            machine=SIZES.get(arguments.size or DEFAULT_SIZE) if online else None,
            requests=online and self._logs,
            ready=(shell, *made),
        )
        self.done({"id": shell.id, "name": self._endpoint})

    @property
    def _logs(self) -> bool:
        return self._arguments.log_sample > 0 and bool(self._arguments.storage.requests_uri)

    def _online(self) -> ml.OnlineEndpoint:
        arguments = self._arguments
        public = arguments.network.access == "public"
        return ml.OnlineEndpoint(
            f"{self.name}-endpoint",
            endpoint_name=self._endpoint,
            workspace_name=arguments.workspace.name,
            resource_group_name=arguments.foundation.group,
            location=self.context.region,
            kind="Managed",
            identity=self._identity(),
            properties=ml.OnlineEndpointPropertiesArgs(
                auth_mode="AADToken",
                description=f"Serves the model {arguments.model}.",
                public_network_access="Enabled" if public else "Disabled",
            ),
            # The lifecycle deploys by these, and the plan counts the quota by them.
            tags={
                **self.context.tags,
                "machine-type": arguments.size or DEFAULT_SIZE,
                "min-instances": str(arguments.min_instances),
                "max-instances": str(arguments.max_instances),
                **({"log-sample": f"{arguments.log_sample:g}"} if self._logs else {}),
                **({"managed-monitors": "true"} if self._logs and arguments.managed_monitors else {}),
            },
            opts=self._options(["properties.traffic", "properties.mirrorTraffic"]),
        )

    def _batch(self) -> ml.BatchEndpoint:
        """Batch endpoints have no network of their own: they are reached as the workspace is."""
        arguments = self._arguments
        return ml.BatchEndpoint(
            f"{self.name}-endpoint",
            endpoint_name=self._endpoint,
            workspace_name=arguments.workspace.name,
            resource_group_name=arguments.foundation.group,
            location=self.context.region,
            identity=self._identity(),
            properties=ml.BatchEndpointPropertiesArgs(
                auth_mode="AADToken", description=f"Works through files with the model {arguments.model}."
            ),
            tags=self.context.tags,
            opts=self._options(["properties.defaults"]),
        )

    def _identity(self) -> ml.ManagedServiceIdentityArgs:
        identity = self._arguments.identity.endpoint
        if identity is None:
            return ml.ManagedServiceIdentityArgs(type="SystemAssigned")
        return ml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[identity.id])

    def _options(self, ignored: list[str]) -> pulumi.ResourceOptions:
        return self.child(
            stateful=True,
            ignore_changes=ignored,
            replace_on_changes=["identity.type"],
            delete_before_replace=True,
            depends_on=[
                *self._arguments.workspace.ready,
                *self._arguments.storage.ready,
                *self._arguments.identity.ready,
            ],
        )

    def _after_up(self) -> Iterator[AfterUp]:
        arguments, environment = self._arguments, self.context.environment
        online = arguments.kind == "online"
        where = f"--workspace-name {arguments.workspace.name} --resource-group {arguments.foundation.group}"
        noun = "online-endpoint" if online else "batch-endpoint"
        name = f"--name {self._endpoint} {where}"
        if arguments.pinned is None:
            yield AfterUp(
                title=f"Deploy a model to the endpoint {arguments.endpoint}",
                reason="the lifecycle decides which version of a model serves, and how much of the traffic it gets",
                command=f"groundplan deploy {arguments.endpoint} -e {environment}",
            )
        else:
            pinned = deployment_name(arguments, arguments.pinned)
            share = f'--traffic "{pinned}=100"' if online else f"--set defaults.deployment_name={pinned}"
            yield AfterUp(
                title=f"Let the pinned model of the endpoint {arguments.endpoint} answer",
                reason="an endpoint names its deployments, which can be made only when it is there; "
                "the deployment that answered before stays until you delete it",
                command=f"az ml {noun} update {name} {share}",
            )
        if arguments.schedule is not None:
            yield AfterUp(
                title=f"Start the batch endpoint {arguments.endpoint} at {arguments.schedule!r} (UTC)",
                reason="Azure does not describe what the schedule of a batch endpoint holds "
                "(endpointInvocationDefinition); a scheduler of yours, such as CI, starts it",
                command=f"az ml {noun} invoke {name} --input {arguments.storage.data_uri}/{arguments.endpoint}"
                " --input-type uri_folder",
            )


def scoring_uri(context: Context, arguments: EndpointArguments) -> str:
    """Where an online endpoint answers; Azure makes the address of its name and region. Empty for a batch endpoint."""
    if arguments.kind == "batch":
        return ""
    return f"https://{endpoint_name(context, arguments.endpoint)}.{context.region}.inference.ml.azure.com/score"
