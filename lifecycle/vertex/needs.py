"""What Google Cloud is asked permission for by the calls of these adapters, by the kind of work.

An object that is written over is deleted first, as Cloud Storage counts it; a model's copy is an upload where it goes
(https://cloud.google.com/iam/docs/permissions-reference). A model monitor goes with its schedule; only a schedule on a
monitor that another endpoint has one on, too, is deleted alone, which takes aiplatform.schedules.delete.
"""

from __future__ import annotations

from typing import Final

from ..contract.need import Need

LOOK: Final = "see what serves and how well"
READ_LOGS: Final = "read what containers wrote"
READ_RECORDS: Final = "read records"
KEEP_RECORDS: Final = "keep records"
READ_REQUESTS: Final = "read logged requests"
WATCH: Final = "have the cloud's own monitors watch"
DEPLOY: Final = "deploy and share requests"
PREDICT: Final = "predict"
BATCH: Final = "predict by jobs"
REGISTER: Final = "register models"
FETCH: Final = "fetch models"
PROMOTE: Final = "promote models"
SHARE: Final = "copy models to an environment"
RUN: Final = "run pipelines"
SEND_DATA: Final = "run pipelines on data of the project"
READ_FEATURES: Final = "read features"
READ_VIEWS: Final = "read what views of features serve"

_READ_OBJECTS = ("storage.objects.get", "storage.objects.list")
_KEEP_OBJECTS = (*_READ_OBJECTS, "storage.objects.create", "storage.objects.delete")
_MODELS = ("aiplatform.models.get", "aiplatform.models.list", "aiplatform.models.update")
_UPLOAD = (*_MODELS, "aiplatform.models.upload", "aiplatform.operations.list")

NEEDS: Final = (
    Need(
        work=LOOK,
        on="project",
        permissions=(
            "aiplatform.endpoints.get",
            "aiplatform.deploymentResourcePools.queryDeployedModels",
            "monitoring.timeSeries.list",
        ),
    ),
    Need(work=READ_LOGS, on="project", permissions=("aiplatform.endpoints.get", "logging.logEntries.list")),
    Need(work=READ_RECORDS, on="artifacts", permissions=_READ_OBJECTS),
    Need(work=KEEP_RECORDS, on="artifacts", permissions=_KEEP_OBJECTS),
    Need(work=READ_REQUESTS, on="project", permissions=("aiplatform.endpoints.get", "bigquery.jobs.create")),
    Need(work=READ_REQUESTS, on="requests", permissions=("bigquery.tables.get", "bigquery.tables.getData")),
    Need(
        work=WATCH,
        on="project",
        section="monitoring.managed",
        permissions=(
            "aiplatform.endpoints.get",
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
            "aiplatform.schedules.create",
            "aiplatform.schedules.list",
            "aiplatform.schedules.update",
            "bigquery.jobs.create",
        ),
    ),
    Need(
        work=WATCH,
        on="requests",
        permissions=("bigquery.tables.get", "bigquery.tables.getData"),
        section="monitoring.managed",
    ),
    Need(work=WATCH, on="artifacts", permissions=_READ_OBJECTS, section="monitoring.managed"),
    Need(
        work=DEPLOY,
        on="project",
        permissions=(
            "aiplatform.endpoints.deploy",
            "aiplatform.endpoints.get",
            "aiplatform.endpoints.undeploy",
            "aiplatform.endpoints.update",
            "aiplatform.models.get",
            "aiplatform.models.list",
            "aiplatform.operations.list",
        ),
    ),
    Need(work=DEPLOY, on="endpoint account", permissions=("iam.serviceAccounts.actAs",)),
    Need(work=PREDICT, on="endpoint", permissions=("aiplatform.endpoints.get", "aiplatform.endpoints.predict")),
    Need(
        work=BATCH,
        on="project",
        permissions=(
            "aiplatform.batchPredictionJobs.cancel",
            "aiplatform.batchPredictionJobs.create",
            "aiplatform.batchPredictionJobs.get",
            "aiplatform.batchPredictionJobs.list",
            "aiplatform.models.get",
            "aiplatform.models.list",
        ),
    ),
    Need(work=BATCH, on="endpoint account", permissions=("iam.serviceAccounts.actAs",)),
    Need(work=BATCH, on="artifacts", permissions=_KEEP_OBJECTS),
    Need(work=REGISTER, on="project", permissions=_UPLOAD),
    Need(work=REGISTER, on="artifacts", permissions=_KEEP_OBJECTS),
    Need(work=FETCH, on="project", permissions=("aiplatform.models.get",)),
    Need(work=FETCH, on="artifacts", permissions=_READ_OBJECTS),
    Need(work=PROMOTE, on="project", permissions=_MODELS),
    Need(work=PROMOTE, on="artifacts", permissions=_KEEP_OBJECTS),
    Need(work=SHARE, on="project", permissions=_UPLOAD),
    Need(
        work=RUN,
        on="project",
        permissions=(
            "aiplatform.contexts.addContextChildren",
            "aiplatform.contexts.create",
            "aiplatform.contexts.get",
            "aiplatform.contexts.update",
            "aiplatform.pipelineJobs.cancel",
            "aiplatform.pipelineJobs.create",
            "aiplatform.pipelineJobs.get",
            "aiplatform.pipelineJobs.list",
            "logging.logEntries.list",
        ),
    ),
    Need(work=RUN, on="pipeline account", permissions=("iam.serviceAccounts.actAs",)),
    Need(work=RUN, on="artifacts", permissions=_READ_OBJECTS),
    Need(work=READ_FEATURES, on="project", permissions=("bigquery.jobs.create",), section="features"),
    Need(
        work=READ_FEATURES,
        on="features",
        permissions=("bigquery.tables.get", "bigquery.tables.getData"),
        section="features",
    ),
    Need(
        work=READ_VIEWS,
        on="views",
        section="features.online",
        permissions=(
            "aiplatform.featureOnlineStores.get",
            "aiplatform.featureViewSyncs.list",
            "aiplatform.featureViews.fetchFeatureValues",
        ),
    ),
    Need(
        work=SEND_DATA,
        on="project",
        permissions=("aiplatform.datasets.create", "aiplatform.datasets.list", "aiplatform.operations.list"),
    ),
    Need(work=SEND_DATA, on="data", permissions=("storage.objects.create", "storage.objects.list")),
)
"""Every permission, in the order in which a model meets them."""
