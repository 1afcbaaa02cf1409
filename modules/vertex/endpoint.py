"""Endpoints on Vertex AI: the shell where models answer; a batch endpoint is a job that starts by the clock.

What is deployed, and the traffic, belong to the lifecycle: neither is said here, and the traffic is left as it is.
"""

from __future__ import annotations

import shlex
from typing import Any

import pulumi
from pulumi_gcp import vertex

from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.endpoint import EndpointArguments, EndpointOutputs
from . import chosen_names, connections, machines, names
from .batch import start
from .labels import labels


class Endpoint(Component):
    """An online endpoint, private or on an address of its own; or the schedule of a batch endpoint."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: EndpointArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._type = arguments.size or machines.SERVING_TYPE
        self._machine = machines.machine(self._type)
        self._display = chosen_names.hyphenated(context, arguments.endpoint)
        self.outputs = self._batch() if arguments.kind == "batch" else self._online()
        self.done({"name": self.outputs.name, "id": self.outputs.uri})

    def _online(self) -> EndpointOutputs:
        name = chosen_names.endpoint(self.context, self._arguments.endpoint)
        endpoint = self._endpoint(name)
        pool = self._pool() if self._arguments.shared_pool else None
        self.steps = (*self._deployment(name), *self._reaching(name))
        return EndpointOutputs(
            uri=endpoint.id,
            name=name,
            scoring_uri=self._scoring_uri(name),
            requests=self._logging() is not None,
            machine=self._machine,
            ready=(endpoint,) if pool is None else (endpoint, pool),
        )

    def _endpoint(self, name: str) -> vertex.AiEndpoint:
        return vertex.AiEndpoint(
            f"{self.name}-endpoint",
            project=self.context.account.project,
            location=self.context.region,
            region=self.context.region,
            name=name,
            display_name=self._display,
            description=f"Answers with the model {self._arguments.model}",
            encryption_spec=self._key(),
            predict_request_response_logging_config=self._logging(),
            labels=labels(self.context, **self._sizes()),
            opts=self.child(
                stateful=True, ignore_changes=["trafficSplit"], depends_on=list(self._arguments.workspace.ready)
            ),
            **self._access(),
        )

    def _access(self) -> dict[str, Any]:
        """Private by Private Service Connect or by peering; public on an address that is the endpoint's alone."""
        arguments = self._arguments
        if arguments.network.access == "public":
            return {"dedicated_endpoint_enabled": True}
        peered = connections.peered(self.context, arguments.foundation, arguments.network)
        if peered is not None:
            return {"network": peered}
        return {
            "private_service_connect_config": {
                "enable_private_service_connect": True,
                "project_allowlists": [self.context.account.project],
            }
        }

    def _logging(self) -> Any:
        arguments = self._arguments
        if not arguments.log_sample or not arguments.storage.requests_uri:
            return None
        table = arguments.endpoint.replace("-", "_")
        return {
            "enabled": True,
            "sampling_rate": arguments.log_sample,
            "bigquery_destination": {"output_uri": f"{arguments.storage.requests_uri}.{table}"},
        }

    def _sizes(self) -> dict[str, str]:
        """What a deployment is to run on, and as whom, for the lifecycle to read where it deploys."""
        arguments, machine = self._arguments, self._machine
        more = {"pool": self._display} if arguments.shared_pool else {}
        if machine is not None and machine.gpus:
            more |= {"gpu": machine.accelerator.replace("_", "-"), "gpus": str(machine.gpus)}
        return {
            "endpoint": arguments.endpoint,
            "model": arguments.model,
            "machine-type": self._type,
            "min-instances": str(arguments.min_instances),
            "max-instances": str(arguments.max_instances),
            "account": names.service_account(self.context, "endpoint"),
            **more,
        }

    def _pool(self) -> vertex.AiDeploymentResourcePool:
        """Machines that several models share."""
        arguments = self._arguments
        spec: Any = machines.spec(self._type, self._machine)
        return vertex.AiDeploymentResourcePool(
            f"{self.name}-pool",
            project=self.context.account.project,
            region=self.context.region,
            name=self._display,
            dedicated_resources={
                "machine_spec": spec,
                "min_replica_count": arguments.min_instances,
                "max_replica_count": max(arguments.min_instances, arguments.max_instances),
            },
            opts=self.child(depends_on=list(arguments.workspace.ready)),
        )

    def _key(self) -> Any:
        encryption = self._arguments.encryption
        return None if encryption is None else {"kms_key_name": encryption.key_id}

    def _scoring_uri(self, name: str) -> str:
        """Where a public endpoint answers needs the project's number; what is private answers at an own address."""
        number, region = self.context.account.number, self.context.region
        if self._arguments.network.access != "public" or not number:
            return ""
        host = f"{name}.{region}-{number}.prediction.vertexai.goog"
        return f"https://{host}/v1/{names.location_path(self.context)}/endpoints/{name}:predict"

    def _deployment(self, name: str) -> list[AfterUp]:
        arguments = self._arguments
        if arguments.pinned is None:
            return [
                AfterUp(
                    title=f"Deploy a model to endpoint {arguments.endpoint}",
                    reason="it answers once the lifecycle has deployed a version; up leaves that and the traffic alone",
                    command=f"groundplan deploy {arguments.endpoint} --environment {self.context.environment}",
                )
            ]
        return [
            AfterUp(
                title=f"Deploy the pinned model to endpoint {arguments.endpoint}",
                reason="the provider has no resource that deploys a model to an endpoint",
                command=shlex.join(self._deploy_words(name, arguments.pinned.uri)),
            )
        ]

    def _deploy_words(self, name: str, model: str) -> list[str]:
        arguments = self._arguments
        words = ["gcloud", "ai", "endpoints", "deploy-model", name, f"--project={self.context.account.project}",
                 f"--region={self.context.region}", f"--model={model}", f"--display-name={arguments.model}",
                 f"--service-account={names.service_account_email(self.context, 'endpoint')}",
                 "--traffic-split=0=100"]  # fmt: skip
        if arguments.shared_pool:
            pool = f"{names.location_path(self.context)}/deploymentResourcePools/{self._display}"
            return [*words, f"--shared-resources={pool}"]
        words += [f"--machine-type={self._type}", f"--min-replica-count={arguments.min_instances}",
                  f"--max-replica-count={max(arguments.min_instances, arguments.max_instances)}"]  # fmt: skip
        if self._machine is not None and self._machine.gpus:
            accelerator = self._machine.accelerator.lower().replace("_", "-")
            words.append(f"--accelerator=type={accelerator},count={self._machine.gpus}")
        return words

    def _reaching(self, name: str) -> list[AfterUp]:
        arguments = self._arguments
        if arguments.network.access == "public" or arguments.network.connection == "peering":
            return []
        return [
            AfterUp(
                title=f"Connect callers to endpoint {arguments.endpoint}",
                reason="Vertex AI makes the service attachment of a private endpoint with its first deployment; a "
                "forwarding rule of the callers' network then points to it",
                command=f"gcloud ai endpoints describe {name} --project={self.context.account.project} "
                f"--region={self.context.region} --format='value(deployedModels[].privateEndpoints.serviceAttachment)'",
            )
        ]

    def _batch(self) -> EndpointOutputs:
        started = start(self, self._arguments, self._type, self._machine)
        self.steps = started.steps
        return EndpointOutputs(uri=started.uri, name=self._display, ready=started.ready)
