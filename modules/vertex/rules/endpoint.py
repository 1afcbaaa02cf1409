"""What Google Cloud asks of endpoints, of the machines they share, and of jobs that start by the clock."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

RULES = {
    "gcp:vertex/aiEndpoint:AiEndpoint": TypeRules(
        source="aiplatform v1 Endpoint; terraform-provider-google-beta 7.45, issue 12963 of terraform-provider-google",
        name=NameRule(property="name", pattern=r"[1-9][0-9]{0,8}", minimum=1, maximum=9, unique="region"),
        stateful=True,
        loses="its address, what is deployed to it, and the shares of its traffic",
        replaced_by=frozenset(
            {
                "encryptionSpec", "location", "name", "network", "project", "region",
                "privateServiceConnectConfig.enablePrivateServiceConnect",
            }
        ),
        at_most_one=(frozenset({"dedicatedEndpointEnabled", "network", "privateServiceConnectConfig"}),),
        patterns={
            "displayName": r"[\s\S]{1,128}",
            "network": r"projects/[0-9]+/global/networks/\S+",
            "predictRequestResponseLoggingConfig.bigqueryDestination.outputUri": r"bq://[^.\s]+(\.[^.\s]+){0,2}",
        },
        ranges={"predictRequestResponseLoggingConfig.samplingRate": (0, 1)},
    ),
    "gcp:vertex/aiDeploymentResourcePool:AiDeploymentResourcePool": TypeRules(
        source="aiplatform v1 DeploymentResourcePool; terraform-provider-google-beta 7.45",
        name=NameRule(
            property="name", pattern=r"[a-z]([a-z0-9-]*[a-z0-9])?", minimum=1, maximum=63, unique="region"
        ),
        replaced_by=frozenset({"dedicatedResources", "name", "project", "region"}),
        ranges={"dedicatedResources.minReplicaCount": (1, 1000), "dedicatedResources.maxReplicaCount": (1, 1000)},
        machines=frozenset({"dedicatedResources.maxReplicaCount"}),
    ),
    "gcp:cloudscheduler/job:Job": TypeRules(
        source="cloudscheduler v1 Job; terraform-provider-google-beta 7.45",
        name=NameRule(property="name", pattern=r"[A-Za-z0-9_-]+", minimum=1, maximum=500, unique="region"),
        replaced_by=frozenset({"name", "project", "region"}),
        exactly_one=(frozenset({"appEngineHttpTarget", "httpTarget", "pubsubTarget"}),),
        at_most_one=(frozenset({"httpTarget.oauthToken", "httpTarget.oidcToken"}),),
        patterns={"schedule": r"\S+( \S+){4}", "httpTarget.uri": r"https?://\S+", "attemptDeadline": r"[0-9.]+s"},
    ),
}  # fmt: skip
"""By type token."""
