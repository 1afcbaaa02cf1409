"""Images are named by their digest, environments by their version.

What: ``environmentId`` of an online deployment ends in a version; ``image`` of an Azure ML environment version, and
the image of a model or an agent that Vertex AI serves, ends in ``@sha256:`` and a digest. What is built from a
Dockerfile, or served without an own image, names none and is not judged.

Why: a tag is a name that anybody who may push can move; what was tested is then not what runs.

Fix: write ``pipelines.<name>.steps.<step>.environment.image`` with its digest (``docker buildx imagetools inspect``
shows it).
"""

from ..conditions import matches
from ..outcome import not_applicable
from ..resource import Resource
from ..rule import Facts, ResourceRule, Said, Severity, example
from ..values import ABSENT

DEPLOYMENT = "azure-native:machinelearningservices:OnlineDeployment"
ENVIRONMENT = "azure-native:machinelearningservices:EnvironmentVersion"
GARDEN = "gcp:vertex/aiEndpointWithModelGardenDeployment:AiEndpointWithModelGardenDeployment"
AGENT = "gcp:vertex/aiReasoningEngine:AiReasoningEngine"

_VERSION = r"(?i)(.*/versions/|azureml:[^:/]+:)(?!latest$)[\w.-]+"
_DIGEST = r".+@sha256:[0-9a-f]{64}"
_BY_DIGEST = "an image that ends in @sha256:…"
_PATHS = {
    DEPLOYMENT: ("properties.environmentId", _VERSION, "an environment that ends in its version"),
    ENVIRONMENT: ("properties.image", _DIGEST, _BY_DIGEST),
    GARDEN: ("modelConfig.containerSpec.imageUri", _DIGEST, _BY_DIGEST),
    AGENT: ("spec.containerSpec.imageUri", _DIGEST, _BY_DIGEST),
}
_CHECKS = {type: (path, matches(path, pattern, expected)) for type, (path, pattern, expected) in _PATHS.items()}
_SHA = "@sha256:" + "0a" * 32


def _check(resource: Resource, facts: Facts) -> Said:
    path, check = _CHECKS[resource.type]
    return not_applicable("it names no image") if resource.get(path) is ABSENT else check(resource, facts)


RULE = ResourceRule(
    id="MLG-007",
    title="Container or environment pinned by digest or version",
    severity=Severity.HIGH,
    types=(DEPLOYMENT, ENVIRONMENT, GARDEN, AGENT),
    check=_check,
    relates_to=("NIST-800-53r5 SR-4", "NIST-800-53r5 CM-2", "SLSA L2", "ISO-42001 A.10.3"),
    packs=("governance",),
    remedy='pipelines: {train: {steps: {train: {environment: {image: "registry.example.com/train@sha256:…"}}}}}',
    failing=(
        example("an image by its tag", ENVIRONMENT, {"properties": {"image": "mcr.microsoft.com/azureml/base:latest"}}),
        example("the newest environment", DEPLOYMENT, {"properties": {"environmentId": "azureml:churn@latest"}}),
        example(
            "a model's image", GARDEN, {"modelConfig": {"containerSpec": {"imageUri": "us-docker.pkg.dev/p/r/i:1"}}}
        ),
        example("an agent's image", AGENT, {"spec": {"containerSpec": {"imageUri": "us-docker.pkg.dev/p/r/i"}}}),
    ),
    passing=(
        example(
            "an image by its digest", ENVIRONMENT, {"properties": {"image": f"mcr.microsoft.com/azureml/base{_SHA}"}}
        ),
        example(
            "a version", DEPLOYMENT, {"properties": {"environmentId": "/subscriptions/s/environments/churn/versions/4"}}
        ),
        example(
            "a model's image",
            GARDEN,
            {"modelConfig": {"containerSpec": {"imageUri": f"us-docker.pkg.dev/p/r/i{_SHA}"}}},
        ),
    ),
)
