"""The quota that a plan needs at Google Cloud: what could run at once, by quota and region.

Vertex AI counts training (pipelines, machines that are kept) and serving apart from each other and from Compute
Engine's own quota, which Workbench instances use. While an endpoint moves from one version to the next, both run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from ..contract.planned import PlannedResource, QuotaNeed
from . import workload
from .catalogue.sizes import SIZES
from .machines import machine

_ROLLOUT_SLOTS = 2


@dataclass(frozen=True, kw_only=True)
class _Use:
    purpose: str
    region: str
    machine: str
    count: int
    accelerator: str = ""
    gpus: int = 0
    reason: str


def quota(resources: Sequence[PlannedResource]) -> tuple[QuotaNeed, ...]:
    """What the resources need of each quota, sorted; machine types that the list has not are left out."""
    needs: dict[tuple[str, str, str], list[tuple[float, str]]] = {}
    for one in resources:
        for use in _uses(one):
            for family, unit, amount in _amounts(use):
                needs.setdefault((family, use.region, unit), []).append((amount, use.reason))
    return tuple(
        QuotaNeed(
            family=family, region=region, unit=unit,
            amount=sum(amount for amount, _ in found), reasons=tuple(sorted(reason for _, reason in found)),
        )
        for (family, region, unit), found in sorted(needs.items())
    )  # fmt: skip


def _amounts(use: _Use) -> Iterator[tuple[str, str, float]]:
    size = SIZES.get(use.machine)
    if size is not None:
        family = f"{size.family} CPUs" if use.purpose == "Compute Engine" else f"CPUs for {size.family} machine types"
        yield f"{use.purpose} {family}", "vCPU", use.count * size.vcpus
    if use.gpus:
        yield f"{use.purpose} {use.accelerator} GPUs", "GPU", use.count * use.gpus


def _uses(one: PlannedResource) -> Iterator[_Use]:
    properties = cast("Mapping[str, Any]", one.properties)
    match one.type:
        case "gcp:vertex/aiPersistentResource:AiPersistentResource":
            for pool in properties["resourcePools"]:
                most = pool.get("autoscalingSpec", {}).get("maxReplicaCount") or pool.get("replicaCount", "1")
                yield _of_spec(one, "Custom model training", properties["location"], pool["machineSpec"], int(most))
        case "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool":
            resource = properties["dedicatedResources"]
            count = int(resource.get("maxReplicaCount", resource["minReplicaCount"]))
            yield _of_spec(one, "Custom model serving", properties["region"], resource["machineSpec"], count)
        case "gcp:vertex/aiEndpoint:AiEndpoint":
            yield from _of_endpoint(one, properties)
        case "gcp:workbench/instance:Instance":
            yield from _of_workstation(one, properties)
        case "gcp:storage/bucketObject:BucketObject":
            yield from _of_pipeline(one, properties.get("metadata", {}))
        case _:
            pass


def _of_spec(one: PlannedResource, purpose: str, region: str, spec: Mapping[str, Any], count: int) -> _Use:
    return _Use(
        purpose=purpose, region=region, machine=spec["machineType"], count=count,
        accelerator=spec.get("acceleratorType", ""), gpus=int(spec.get("acceleratorCount", 0)), reason=one.name,
    )  # fmt: skip


def _of_endpoint(one: PlannedResource, properties: Mapping[str, Any]) -> Iterator[_Use]:
    labels = properties.get("labels", {})
    type = labels.get("machine-type")
    if type is None or "pool" in labels:
        return
    size = machine(type)
    yield _Use(
        purpose="Custom model serving", region=properties["location"], machine=type,
        count=_ROLLOUT_SLOTS * int(labels["max-instances"]),
        accelerator="" if size is None else size.accelerator, gpus=0 if size is None else size.gpus,
        reason=f"{one.name}, both versions of a rollout",
    )  # fmt: skip


def _of_workstation(one: PlannedResource, properties: Mapping[str, Any]) -> Iterator[_Use]:
    setup = properties["gceSetup"]
    gpu = cast("list[Mapping[str, Any]]", setup.get("acceleratorConfigs") or [{}])[0]
    yield _Use(
        purpose="Compute Engine", region=properties["location"].rpartition("-")[0], machine=setup["machineType"],
        count=1, accelerator=gpu.get("type", ""), gpus=int(gpu.get("coreCount", 0)),
        reason=one.name,
    )  # fmt: skip


def _of_pipeline(one: PlannedResource, metadata: Mapping[str, str]) -> Iterator[_Use]:
    for (type, accelerator, gpus), count in workload.parsed(metadata.get("machines", "")).items():
        yield _Use(
            purpose="Custom model training", region=metadata["region"], machine=type, count=count,
            accelerator=accelerator, gpus=gpus, reason=f"{one.name}, one run",
        )  # fmt: skip
