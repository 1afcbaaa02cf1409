"""Roles that Google lacks: each names the permissions of one kind of work, where Google's own roles give far more.

``roles/aiplatform.user``, the least of Google's that may predict or run a pipeline, may delete endpoints and models.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class CustomRole:
    """A role of an environment; ``title`` is how people see it."""

    title: str
    description: str
    permissions: tuple[str, ...]


ENDPOINT_INVOKER: Final = "endpoint_invoker"
DEPLOYER: Final = "deployer"
PIPELINE_RUNNER: Final = "pipeline_runner"
FEATURE_ENGINEER: Final = "feature_engineer"

CUSTOM_ROLES: Final = {
    ENDPOINT_INVOKER: CustomRole(
        title="Endpoint invoker",
        description="Asks endpoints for predictions",
        permissions=(
            "aiplatform.endpoints.explain",
            "aiplatform.endpoints.get",
            "aiplatform.endpoints.predict",
        ),
    ),
    DEPLOYER: CustomRole(
        title="Deployer",
        description="Uploads models, deploys them and shifts traffic; deletes nothing",
        permissions=(
            "aiplatform.deploymentResourcePools.get",
            "aiplatform.deploymentResourcePools.list",
            "aiplatform.endpoints.create",
            "aiplatform.endpoints.deploy",
            "aiplatform.endpoints.get",
            "aiplatform.endpoints.list",
            "aiplatform.endpoints.predict",
            "aiplatform.endpoints.undeploy",
            "aiplatform.endpoints.update",
            "aiplatform.locations.get",
            "aiplatform.modelDeploymentMonitoringJobs.create",
            "aiplatform.modelDeploymentMonitoringJobs.get",
            "aiplatform.modelDeploymentMonitoringJobs.update",
            "aiplatform.modelMonitoringJobs.create",
            "aiplatform.modelMonitors.create",
            "aiplatform.modelMonitors.get",
            "aiplatform.models.get",
            "aiplatform.models.list",
            "aiplatform.models.update",
            "aiplatform.models.upload",
            "aiplatform.operations.list",
        ),
    ),
    PIPELINE_RUNNER: CustomRole(
        title="Pipeline runner",
        description="Starts, schedules and watches pipelines",
        permissions=(
            "aiplatform.artifacts.list",
            "aiplatform.contexts.list",
            "aiplatform.customJobs.get",
            "aiplatform.customJobs.list",
            "aiplatform.executions.list",
            "aiplatform.metadataStores.get",
            "aiplatform.pipelineJobs.cancel",
            "aiplatform.pipelineJobs.create",
            "aiplatform.pipelineJobs.get",
            "aiplatform.pipelineJobs.list",
            "aiplatform.schedules.create",
            "aiplatform.schedules.get",
            "aiplatform.schedules.list",
            "aiplatform.schedules.update",
        ),
    ),
    FEATURE_ENGINEER: CustomRole(
        title="Feature engineer",
        description="Defines features and refreshes what is served of them; deletes nothing",
        permissions=(
            "aiplatform.featureGroups.create",
            "aiplatform.featureGroups.get",
            "aiplatform.featureGroups.list",
            "aiplatform.featureGroups.update",
            "aiplatform.featureOnlineStores.get",
            "aiplatform.featureOnlineStores.list",
            "aiplatform.featureViewSyncs.get",
            "aiplatform.featureViewSyncs.list",
            "aiplatform.featureViews.create",
            "aiplatform.featureViews.get",
            "aiplatform.featureViews.list",
            "aiplatform.featureViews.sync",
            "aiplatform.featureViews.update",
            "aiplatform.features.create",
            "aiplatform.features.get",
            "aiplatform.features.list",
            "aiplatform.features.update",
            "aiplatform.operations.list",
        ),
    ),
}
"""The custom roles by the names that end their ids."""
