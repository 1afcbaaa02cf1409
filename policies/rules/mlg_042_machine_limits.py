"""Machines are of the types that are allowed, and not too many of them have accelerators.

What: the machine type of a compute, a deployment, a persistent resource, a deployed index and a Workbench instance is
one of the setting ``sizes``, where that names any; the most machines times the accelerators of each do not exceed
``max_accelerators``. An accelerated type that is in no table here is unknown.

Why: one line of a config can order more than a team spends in a year.

Fix: set ``compute.<name>.size`` and ``max_nodes``, ``endpoints.<name>.size`` and ``max_instances`` in groundplan.yaml;
other limits for an environment: ``environments.<name>.policies.settings.MLG-042``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..accelerators import count
from ..conditions import number
from ..outcome import Outcome, Verdict, failed, not_applicable, passed, unknown
from ..project import entries, is_hidden, mapping
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT

COMPUTE = "azure-native:machinelearningservices:Compute"
DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
PERSISTENT = "gcp:vertex/aiPersistentResource:AiPersistentResource"
INDEX = "gcp:vertex/aiIndexEndpointDeployedIndex:AiIndexEndpointDeployedIndex"
WORKBENCH = "gcp:workbench/instance:Instance"


@dataclass(frozen=True, kw_only=True)
class _Machines:
    path: str
    size: object
    most: object
    accelerators: object = ABSENT


def _check(resource: Resource, facts: Facts) -> Said:
    found = list(_machines(resource))
    return [one for machines in found for one in _judged(machines, facts)] or not_applicable("it names no machine")


def _machines(resource: Resource) -> Iterator[_Machines]:
    if resource.type == COMPUTE:
        inner = "properties.properties"
        most = resource.get(f"{inner}.scaleSettings.maxNodeCount")
        yield _Machines(path=f"{inner}.vmSize", size=resource.get(f"{inner}.vmSize"), most=_one(most))
    elif resource.type == DEPLOYMENT:
        most = resource.get("properties.scaleSettings.maxInstances")
        capacity = _one(resource.get("sku.capacity")) if most is ABSENT else most
        yield _Machines(path="properties.instanceType", size=resource.get("properties.instanceType"), most=capacity)
    elif resource.type == INDEX:
        own = "dedicatedResources"
        path = f"{own}.machineSpec.machineType"
        most = resource.get(f"{own}.maxReplicaCount")
        least = resource.get(f"{own}.minReplicaCount")
        yield _Machines(path=path, size=resource.get(path), most=_one(least if most is ABSENT else most))
    elif resource.type == WORKBENCH:
        configs = entries(resource.get("gceSetup.acceleratorConfigs"))
        own = sum(number(_one(one.get("coreCount", ABSENT))) for one in configs) if configs else ABSENT
        path = "gceSetup.machineType"
        yield _Machines(path=path, size=resource.get(path), most=1, accelerators=own)
    else:
        yield from _pools(resource)


def _pools(resource: Resource) -> Iterator[_Machines]:
    if is_hidden(resource.get("resourcePools")):
        yield _Machines(path="resourcePools", size=resource.get("resourcePools"), most=1)
    for index, pool in enumerate(entries(resource.get("resourcePools"))):
        spec = mapping(pool.get("machineSpec"))
        most = mapping(pool.get("autoscalingSpec")).get("maxReplicaCount", pool.get("replicaCount", 1))
        yield _Machines(
            path=f"resourcePools[{index}].machineSpec.machineType",
            size=spec.get("machineType", ABSENT),
            most=most,
            accelerators=spec.get("acceleratorCount", ABSENT),
        )


def _one(value: object) -> object:
    return 1 if value is ABSENT else value


def _judged(machines: _Machines, facts: Facts) -> Iterator[Outcome]:
    path, size = machines.path, machines.size
    if size is ABSENT:
        return
    if is_hidden(size) or is_hidden(machines.most):
        yield unknown(path, "a machine type and a number of machines")
        return
    sizes = {one.lower() for one in facts.texts("sizes")}
    if sizes and str(size).lower() not in sizes:
        yield failed(path, size, " or ".join(facts.texts("sizes")))
    each = count(str(size)) if machines.accelerators is ABSENT else number(machines.accelerators)
    limit = facts.number("max_accelerators")
    if each is None:
        yield Outcome(verdict=Verdict.UNKNOWN, path=path, found=str(size), expected="a type that is known")
    elif each * number(machines.most) > limit:
        yield failed(path, f"{machines.most} × {each:g} accelerators", f"at most {limit:g}")
    else:
        yield passed(path, size)


def _cluster(size: str, nodes: int) -> Mapping[str, object]:
    inner = {"vmSize": size, "scaleSettings": {"maxNodeCount": nodes}}
    return {"properties": {"computeType": "AmlCompute", "properties": inner}}


def _pool(count: int, replicas: int) -> Mapping[str, object]:
    spec = {"machineType": "n1-standard-8", "acceleratorCount": count}
    return {"resourcePools": [{"machineSpec": spec, "autoscalingSpec": {"maxReplicaCount": replicas}}]}


_ONLY = {"sizes": ("Standard_DS3_v2",)}

RULE = ResourceRule(
    id="MLG-042",
    title="Machine types allowed, accelerators limited",
    severity=Severity.HIGH,
    types=(COMPUTE, DEPLOYMENT, PERSISTENT, INDEX, WORKBENCH),
    check=_check,
    relates_to=("FinOps rate", "NIST-AI-RMF MAP 3.2"),
    packs=("governance",),
    remedy="compute: {gpu: {size: Standard_NC4as_T4_v3, max_nodes: 2}}",
    options={
        "sizes": Option(default=(), help="the machine types that are allowed; none: any"),
        "max_accelerators": Option(default=8, help="the most accelerators of one resource"),
    },
    failing=(
        example(
            "a type that is not allowed",
            COMPUTE,
            _cluster("Standard_D4s_v3", 1),
            settings=_ONLY,
        ),
        example("too many nodes", COMPUTE, _cluster("Standard_NC64as_T4_v3", 3)),
        example(
            "too many instances",
            DEPLOYMENT,
            {"sku": {"capacity": 3}, "properties": {"instanceType": "Standard_NC96ads_A100_v4"}},
        ),
        example("too many replicas", PERSISTENT, _pool(4, 3)),
    ),
    passing=(
        example("within the limit", COMPUTE, _cluster("Standard_NC64as_T4_v3", 2)),
        example("no accelerator", COMPUTE, _cluster("Standard_D4s_v3", 100)),
        example(
            "an allowed type",
            DEPLOYMENT,
            {"properties": {"instanceType": "standard_ds3_v2"}},
            settings=_ONLY,
        ),
        example("a pool", PERSISTENT, _pool(4, 2)),
    ),
)
