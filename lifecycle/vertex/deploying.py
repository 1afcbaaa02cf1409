"""Putting a model version on an endpoint of Vertex AI, beside the others and without traffic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.extras import load
from ..contract.deployment import Machines, ServedModel
from ..contract.serving import DeployedModel
from ..patience import Patience
from . import deployed, errors, naming, sharing, undeploying, versions
from .calls import Calls
from .client import CALL_SECONDS

_TAKING_BACK_SECONDS = 600.0
"""What fails at the end of its time has this long to go: why it failed must be told."""


@dataclass(frozen=True, kw_only=True)
class Deploying:
    """One version on its way to one endpoint. What it runs on beside the machines is said by the endpoint's labels."""

    calls: Calls
    product: str
    endpoint: str
    served: ServedModel
    machines: Machines
    patience: Patience

    def run(self) -> DeployedModel:
        """Deploy it and wait until it is ready; what is there already stays as it is."""
        operation = self.calls.ask(self._begin, self.patience, doing=self._doing, resource=self.endpoint)
        if operation is not None:
            self._wait(operation)
        return self._seen()

    @property
    def _doing(self) -> str:
        return f"deploy {self.served.name} version {self.served.version}"

    def _begin(self) -> Any:
        """Begin, unless it is there: a try whose answer was lost, or a killed command, may have done it.

        What did not come up and answers nobody goes first: a command that was killed could not take it away.
        """
        self.calls.settle(self.endpoint, self.patience, doing=self._doing)
        endpoint = self.calls.existing(self.endpoint, self.patience)
        known = self._among(endpoint)
        if known is not None and (known.health != "unhealthy" or known.traffic):
            return None
        if known is not None:
            undeploying.undeploy(self.calls, known, self.patience)
        model = versions.to_serve(self.calls, self.endpoint, self.product, self.served, self.patience)
        begun = self.calls.of(self.endpoint).endpoints.deploy_model(
            endpoint=self.endpoint, deployed_model=self._wanted(endpoint, model), timeout=CALL_SECONDS, retry=None
        )
        return self.calls.begun(begun, self.endpoint, "DeployModelResponse")

    def _wanted(self, endpoint: Any, model: str) -> Any:
        """Without shares: those of the endpoint stay, and none are there when it is the first."""
        labels: Mapping[str, str] = endpoint.labels
        where = naming.location_of(self.endpoint)
        project = self.endpoint.split("/")[1]
        wanted: dict[str, Any] = {
            "model": model,
            "display_name": naming.deployed_name(self.served.name, self.served.version),
        }
        if "account" in labels:
            wanted["service_account"] = f"{labels['account']}@{project}.iam.gserviceaccount.com"
        if "pool" in labels:
            wanted["shared_resources"] = f"{where}/deploymentResourcePools/{labels['pool']}"
        else:
            wanted["dedicated_resources"] = self._resources(labels)
        return load("google.cloud.aiplatform_v1").DeployedModel(**wanted)

    def _resources(self, labels: Mapping[str, str]) -> dict[str, Any]:
        machines = self.machines
        spec: dict[str, Any] = {"machine_type": machines.type}
        if "gpu" in labels:
            spec["accelerator_type"] = labels["gpu"].upper().replace("-", "_")
            spec["accelerator_count"] = int(labels.get("gpus", "1"))
        return {
            "machine_spec": spec,
            "min_replica_count": machines.least,
            "max_replica_count": max(machines.least, machines.most),
        }

    def _wait(self, operation: Any) -> None:
        failure = self.calls.ended(operation, self.patience, doing=self._doing, resource=self.endpoint)
        if failure is None:
            return
        self._take_back()
        machines = self.machines
        asked = f"{machines.least} to {max(machines.least, machines.most)} machines {machines.type}"
        raise errors.not_deployed(failure, doing=self._doing, resource=self.endpoint, asked=asked) from failure

    def _seen(self) -> DeployedModel:
        """The version on its endpoint; Vertex AI may show a moment later what it has done."""
        found: list[DeployedModel] = []

        def look() -> bool:
            known = self._among(self.calls.existing(self.endpoint, self.patience))
            found.extend([] if known is None else [known])
            return bool(found)

        self.patience.until(look, doing=self._doing)
        return found[0]

    def _take_back(self) -> None:
        """Take away what is left of a version that did not become ready."""
        left = self._among(self.calls.existing(self.endpoint, self.patience))
        if left is not None:
            undeploying.undeploy(self.calls, left, self.calls.patience(_TAKING_BACK_SECONDS))

    def _among(self, endpoint: Any) -> DeployedModel | None:
        mine = sharing.by_version(endpoint).get(self.served.version, [])
        known = [one for one in mine if one.display_name == naming.deployed_name(self.served.name, self.served.version)]
        return deployed.model(endpoint, known[0]) if known else None
