"""Training on accelerators in development runs on spare capacity.

What: in development a cluster of Azure ML with a GPU has ``vmPriority`` LowPriority; absent means Dedicated.

Why: spare capacity costs a fraction, and an experiment that is cut off starts again.

Fix: set ``compute.<name>.spot: true``; a training that cannot be cut off gets an exemption with that reason.
"""

from collections.abc import Mapping

from ..accelerators import has_accelerator
from ..conditions import equals
from ..environments import tier
from ..outcome import not_applicable, unknown
from ..project import is_hidden
from ..resource import Resource
from ..rule import Facts, ResourceRule, Said, Severity, example

COMPUTE = "azure-native:machinelearningservices:Compute"
_INNER = "properties.properties"

_spare = equals(f"{_INNER}.vmPriority", "LowPriority", absent="Dedicated")


def _check(resource: Resource, facts: Facts) -> Said:
    if tier(resource, facts) != "development":
        return not_applicable("it is not known to be development")
    if str(resource.get("properties.computeType")).lower() != "amlcompute":
        return not_applicable("it is no cluster")
    if is_hidden(resource.get(f"{_INNER}.vmSize")):
        return unknown(f"{_INNER}.vmSize", "a machine type that is known")
    if not has_accelerator(str(resource.get(f"{_INNER}.vmSize"))):
        return not_applicable("it has no accelerator")
    return _spare(resource, facts)


def _cluster(**properties: object) -> Mapping[str, object]:
    return {"properties": {"computeType": "AmlCompute", "properties": {"vmSize": "Standard_NC6s_v3", **properties}}}


RULE = ResourceRule(
    id="MLG-045",
    title="Training on accelerators in development uses spare capacity",
    severity=Severity.LOW,
    types=(COMPUTE,),
    check=_check,
    relates_to=("FinOps rate",),
    packs=("governance",),
    remedy="compute: {gpu: {kind: gpu, spot: true}}",
    failing=(
        example("Azure's default", COMPUTE, _cluster(), environment="dev"),
        example("dedicated", COMPUTE, _cluster(vmPriority="Dedicated"), environment="dev"),
    ),
    passing=(example("spare", COMPUTE, _cluster(vmPriority="LowPriority"), environment="dev"),),
)
