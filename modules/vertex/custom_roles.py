"""Roles that Google lacks: each names the permissions of one kind of work, where Google's own roles give far more.

``roles/aiplatform.user``, the least of Google's that may predict or run a pipeline, may delete endpoints and models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_gcp import projects

from ..contract.component import Component
from . import names


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
ACCOUNT_KEEPER: Final = "account_keeper"
MODEL_PROMOTER: Final = "model_promoter"

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
        description="Uploads models, deploys them, shifts traffic, sees how they do; deletes their monitors alone",
        permissions=(
            "aiplatform.batchPredictionJobs.cancel",
            "aiplatform.batchPredictionJobs.create",
            "aiplatform.batchPredictionJobs.get",
            "aiplatform.batchPredictionJobs.list",
            "aiplatform.deploymentResourcePools.get",
            "aiplatform.deploymentResourcePools.list",
            "aiplatform.deploymentResourcePools.queryDeployedModels",
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
            "aiplatform.modelMonitoringJobs.list",
            "aiplatform.modelMonitors.create",
            "aiplatform.modelMonitors.delete",
            "aiplatform.modelMonitors.get",
            "aiplatform.modelMonitors.list",
            "aiplatform.modelMonitors.searchModelMonitoringAlerts",
            "aiplatform.modelMonitors.searchModelMonitoringStats",
            "aiplatform.modelMonitors.update",
            "aiplatform.models.get",
            "aiplatform.models.list",
            "aiplatform.models.update",
            "aiplatform.models.upload",
            "aiplatform.operations.list",
            "aiplatform.schedules.create",
            "aiplatform.schedules.list",
            "aiplatform.schedules.update",
            "logging.logEntries.list",
            "monitoring.timeSeries.list",
        ),
    ),
    PIPELINE_RUNNER: CustomRole(
        title="Pipeline runner",
        description="Starts, schedules and watches pipelines, and keeps their runs as experiments",
        permissions=(
            "aiplatform.artifacts.create",
            "aiplatform.artifacts.get",
            "aiplatform.artifacts.list",
            "aiplatform.artifacts.update",
            "aiplatform.contexts.addContextArtifactsAndExecutions",
            "aiplatform.contexts.addContextChildren",
            "aiplatform.contexts.create",
            "aiplatform.contexts.get",
            "aiplatform.contexts.list",
            "aiplatform.contexts.queryContextLineageSubgraph",
            "aiplatform.contexts.update",
            "aiplatform.customJobs.get",
            "aiplatform.customJobs.list",
            "aiplatform.datasets.create",
            "aiplatform.datasets.list",
            "aiplatform.executions.addExecutionEvents",
            "aiplatform.executions.create",
            "aiplatform.executions.get",
            "aiplatform.executions.list",
            "aiplatform.executions.queryExecutionInputsAndOutputs",
            "aiplatform.executions.update",
            "aiplatform.metadataStores.get",
            "aiplatform.operations.list",
            "aiplatform.pipelineJobs.cancel",
            "aiplatform.pipelineJobs.create",
            "aiplatform.pipelineJobs.get",
            "aiplatform.pipelineJobs.list",
            "aiplatform.schedules.create",
            "aiplatform.schedules.get",
            "aiplatform.schedules.list",
            "aiplatform.schedules.update",
            "logging.logEntries.list",
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
    MODEL_PROMOTER: CustomRole(
        title="Model promoter",
        description="Reads registered models and marks in which stages they are",
        permissions=("aiplatform.models.get", "aiplatform.models.list", "aiplatform.models.update"),
    ),
    ACCOUNT_KEEPER: CustomRole(
        title="Service account keeper",
        description="Makes, changes and stops service accounts; neither decides who acts as them nor makes keys",
        permissions=(
            "iam.serviceAccounts.create",
            "iam.serviceAccounts.disable",
            "iam.serviceAccounts.enable",
            "iam.serviceAccounts.get",
            "iam.serviceAccounts.getIamPolicy",
            "iam.serviceAccounts.list",
            "iam.serviceAccounts.update",
        ),
    ),
}
"""The custom roles by the names that end their ids."""


def custom_role(component: Component, role: str, depends_on: Sequence[pulumi.Resource]) -> projects.IAMCustomRole:
    """Make one of the custom roles in the component's Google project."""
    facts, context = CUSTOM_ROLES[role], component.context
    return projects.IAMCustomRole(
        f"{component.name}-role-{role.replace('_', '-')}",
        project=context.account.project,
        role_id=names.custom_role(context, role),
        title=f"{facts.title} ({context.project} {context.environment})",
        description=facts.description,
        permissions=list(facts.permissions),
        stage="GA",
        opts=component.child(depends_on=list(depends_on)),
    )
