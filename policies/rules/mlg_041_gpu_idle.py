"""Machines with accelerators do not run idle.

What: a compute instance of Azure ML with a GPU stops after at most the setting ``instance_minutes`` without work (60),
a cluster keeps no GPU node while idle and gives nodes back after at most ``cluster_minutes`` (30); a Workbench
instance and a Colab runtime with accelerators stop after ``instance_minutes``. What is absent means the cloud's own:
an Azure ML instance never stops, a cluster gives nodes back after 2 minutes, Google's machines stop after 3 hours.

Why: an idle GPU costs as much as a busy one.

Fix: set ``compute.<name>.idle`` and leave ``min_nodes`` at 0 in groundplan.yaml.

Decided: published rules ask only that an instance has any idle time, even days, and only of instances.
"""

from collections.abc import Mapping

from ..accelerators import has_accelerator
from ..conditions import all_of, at_most, number, satisfies
from ..durations import seconds
from ..outcome import not_applicable, unknown
from ..project import entries, is_hidden
from ..resource import Resource
from ..rule import Check, Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT

COMPUTE = "azure-native:machinelearningservices:Compute"
WORKBENCH = "gcp:workbench/instance:Instance"
COLAB = "gcp:colab/runtimeTemplate:RuntimeTemplate"
_SCALE = "properties.properties.scaleSettings"

_SIZES = (
    "properties.properties.vmSize",
    "gceSetup.machineType",
    "gceSetup.acceleratorConfigs",
    "machineSpec.machineType",
    "machineSpec.acceleratorCount",
)


def _check(resource: Resource, facts: Facts) -> Said:
    if any(is_hidden(resource.get(path)) for path in _SIZES):
        return unknown("", "a machine type that is known")
    if not _has_accelerator(resource):
        return not_applicable("it has no accelerator")
    instance = 60 * facts.number("instance_minutes")
    if resource.type == WORKBENCH:
        return _within("gceSetup.metadata.idle-timeout-seconds", instance, absent="10800")(resource, facts)
    if resource.type == COLAB:
        return _within("idleShutdownConfig.idleTimeout", instance, absent="10800s")(resource, facts)
    if str(resource.get("properties.computeType")).lower() == "computeinstance":
        return _within("properties.properties.idleTimeBeforeShutdown", instance)(resource, facts)
    cluster = 60 * facts.number("cluster_minutes")
    idle = _within(f"{_SCALE}.nodeIdleTimeBeforeScaleDown", cluster, absent="PT120S")
    return all_of(at_most(f"{_SCALE}.minNodeCount", 0, absent=0), idle)(resource, facts)


def _within(path: str, most: float, *, absent: object = ABSENT) -> Check:
    return satisfies(path, lambda value: seconds(value) <= most, f"at most {most / 60:g} minutes", absent=absent)


def _has_accelerator(resource: Resource) -> bool:
    if resource.type == WORKBENCH:
        own = entries(resource.get("gceSetup.acceleratorConfigs"))
        return bool(own) or has_accelerator(str(resource.get("gceSetup.machineType")))
    if resource.type == COLAB:
        count = resource.get("machineSpec.acceleratorCount")
        return number(count) > 0 or has_accelerator(str(resource.get("machineSpec.machineType")))
    return has_accelerator(str(resource.get("properties.properties.vmSize")))


def _azure(type: str, **properties: object) -> Mapping[str, object]:
    return {"properties": {"computeType": type, "properties": {"vmSize": "Standard_NC4as_T4_v3", **properties}}}


_T4 = [{"type": "NVIDIA_TESLA_T4", "coreCount": "1"}]

RULE = ResourceRule(
    id="MLG-041",
    title="Idle machines with accelerators shut down",
    severity=Severity.HIGH,
    types=(COMPUTE, WORKBENCH, COLAB),
    check=_check,
    relates_to=("FinOps waste", "ISO-42001 A.4.5"),
    packs=("governance",),
    remedy="compute: {gpu: {kind: gpu, min_nodes: 0, idle: 15m}}",
    options={
        "instance_minutes": Option(default=60, help="when an idle instance stops at the latest"),
        "cluster_minutes": Option(default=30, help="when an idle node of a cluster is given back at the latest"),
    },
    failing=(
        example("an instance that never stops", COMPUTE, _azure("ComputeInstance")),
        example("an instance that stops after a day", COMPUTE, _azure("ComputeInstance", idleTimeBeforeShutdown="P1D")),
        example("a cluster that keeps a node", COMPUTE, _azure("AmlCompute", scaleSettings={"minNodeCount": 1})),
        example(
            "a cluster that waits an hour",
            COMPUTE,
            _azure("AmlCompute", scaleSettings={"minNodeCount": 0, "nodeIdleTimeBeforeScaleDown": "PT1H"}),
        ),
        example("Google's default", WORKBENCH, {"gceSetup": {"acceleratorConfigs": _T4}}),
        example("Colab's default", COLAB, {"machineSpec": {"machineType": "a2-highgpu-1g"}}),
    ),
    passing=(
        example("half an hour", COMPUTE, _azure("ComputeInstance", idleTimeBeforeShutdown="PT30M")),
        example("Azure's default for clusters", COMPUTE, _azure("AmlCompute", scaleSettings={"maxNodeCount": 2})),
        example(
            "a Workbench of an hour",
            WORKBENCH,
            {"gceSetup": {"acceleratorConfigs": _T4, "metadata": {"idle-timeout-seconds": "3600"}}},
        ),
        example(
            "a runtime of half an hour",
            COLAB,
            {"machineSpec": {"acceleratorCount": 1}, "idleShutdownConfig": {"idleTimeout": "1800s"}},
        ),
    ),
)
