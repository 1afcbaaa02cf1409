"""What a capability of Vertex AI stands on, as plain values, so that a test makes one component and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from groundplan.modules.contract.component import Component
from groundplan.modules.contract.context import AfterUp
from groundplan.modules.contract.encryption import EncryptionKey
from groundplan.modules.contract.foundation import FoundationOutputs
from groundplan.modules.contract.identity import IdentityOutputs, WorkloadIdentity
from groundplan.modules.contract.network import NetworkOutputs
from groundplan.modules.contract.planned import PlannedResource
from groundplan.modules.contract.storage import StorageOutputs
from groundplan.modules.contract.workspace import WorkspaceOutputs
from groundplan.modules.vertex import agents, names
from groundplan.modules.vertex.rules import rules
from groundplan.stacks.planning.validation import facts

import google_oracle
import pulumi_kit
from google_stack import KEY, LABELS, NUMBER, PROJECT, REGION, context

VPC = f"projects/{PROJECT}/global/networks/churn-dev"
SUBNET = f"projects/{PROJECT}/regions/{REGION}/subnetworks/churn-dev-computes"
ATTACHMENT = f"projects/{PROJECT}/regions/{REGION}/networkAttachments/churn-dev"
ENCRYPTION = EncryptionKey(key_id=KEY, version_id=KEY)
DEV = context()
PROD = context("prod", "production", billing_account="0A0A0A-1B1B1B-2C2C2C")
BUCKET = names.artifacts_bucket(DEV)

FOUNDATION = FoundationOutputs(
    group=PROJECT, group_id=f"projects/{PROJECT}", logs_id="logs",
    agents={service: f"serviceAccount:service-{NUMBER}@{service}" for service in agents.MADE_ON_REQUEST},
)  # fmt: skip
STORAGE = StorageOutputs(
    artifacts_uri=f"gs://{BUCKET}/artifacts", cache_uri=f"gs://{BUCKET}/cache", data_uri="gs://churn-data",
    requests_uri=f"bq://{PROJECT}.churn_dev_requests", name=BUCKET,
)  # fmt: skip
WORKSPACE = WorkspaceOutputs(uri=f"projects/{PROJECT}/locations/{REGION}", name="churn-dev")


def account(purpose: str) -> str:
    """The address of a workload's service account."""
    return f"churn-dev-{purpose}@{PROJECT}.iam.gserviceaccount.com"


def _workload(purpose: str) -> WorkloadIdentity:
    return WorkloadIdentity(name=purpose, id=account(purpose), principal=f"serviceAccount:{account(purpose)}")


IDENTITY = IdentityOutputs(
    workspace=_workload("workspace"), pipeline=_workload("pipeline"), endpoint=_workload("endpoint")
)


def network(
    access: Literal["private", "public"] = "private", connection: Literal["psc", "peering"] = "psc"
) -> NetworkOutputs:
    """A network: private ones are entered by an attachment or by peering, public ones need none."""
    if access == "public":
        return NetworkOutputs(access=access)
    attachment = ATTACHMENT if connection == "psc" else None
    return NetworkOutputs(
        access=access, connection=connection, network_id=VPC, subnet_id=SUBNET, attachment_id=attachment
    )


def labels(environment: str = "dev", **more: str) -> dict[str, str]:
    """What every resource says of itself."""
    return {**LABELS, "environment": environment, **more}


def parts(access: Literal["private", "public"] = "private", **changes: Any) -> dict[str, Any]:
    """What most capabilities stand on."""
    return {
        "foundation": FOUNDATION, "network": network(access), "identity": IDENTITY, "storage": STORAGE,
        "workspace": WORKSPACE, **changes,
    }  # fmt: skip


def refused(resources: Sequence[PlannedResource]) -> list[str]:
    """What Google's descriptions, or the facts that groundplan knows, would refuse; every type must have facts."""
    known = rules()
    found = [
        f"{one.name}: {finding.message}"
        for one in resources
        if not one.component
        for finding in facts.findings(known[one.type], one.properties)
    ]
    return [*google_oracle.problems(resources), *found]


class Recorded:
    """A component that was made: the inputs of its children, its outputs, the steps after up."""

    def __init__(self, make: Callable[[], Component]) -> None:
        self.component: Any = None

        def program() -> None:
            self.component = make()

        self.resources: list[PlannedResource] = pulumi_kit.record(program)
        self.children: Mapping[str, PlannedResource] = pulumi_kit.by_name(self.resources)

    def inputs(self, name: str) -> Mapping[str, object]:
        """The inputs of a child by its logical name."""
        return self.children[name].properties

    @property
    def names(self) -> list[str]:
        """The logical names of the children."""
        return sorted(self.children)

    @property
    def steps(self) -> tuple[AfterUp, ...]:
        """What must happen after up."""
        return self.component.steps

    @property
    def titles(self) -> list[str]:
        """The titles of the steps after up."""
        return [step.title for step in self.steps]
