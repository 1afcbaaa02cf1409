"""What Azure is asked permission for by the calls of these adapters, by the kind of work.

An identity that an endpoint has is checked whenever the endpoint is written; the star is part of that action's name (https://learn.microsoft.com/azure/role-based-access-control/permissions/ai-machine-learning).
"""

from __future__ import annotations

from typing import Final

from ..contract.need import Need

_WORKSPACES = "Microsoft.MachineLearningServices/workspaces"
_ONLINE = f"{_WORKSPACES}/onlineEndpoints"
_BATCH = f"{_WORKSPACES}/batchEndpoints"
_DEPLOYMENTS = f"{_ONLINE}/deployments"
_VERSIONS = f"{_WORKSPACES}/models/versions"
_ASSETS = "Microsoft.MachineLearningServices/registries/assets"
_SCALING = "Microsoft.Insights/autoscalesettings"
_DATA = f"{_WORKSPACES}/data/versions"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"

LOOK: Final = "see what serves and how well"
READ_LOGS: Final = "read what containers wrote"
READ_RECORDS: Final = "read records"
KEEP_RECORDS: Final = "keep records"
READ_REQUESTS: Final = "read logged requests"
WATCH: Final = "have the cloud's own monitors watch"
DEPLOY: Final = "deploy and share requests"
SCALE: Final = "let a version scale"
PREDICT: Final = "predict"
BATCH: Final = "deploy to batch endpoints, predict by jobs"
REGISTER: Final = "register models"
FETCH: Final = "fetch models"
PROMOTE: Final = "promote models"
SHARE: Final = "copy models into the shared registry"
RUN: Final = "run pipelines"
READ_FEATURES: Final = "read features"

NEEDS: Final = (
    Need(
        work=LOOK,
        on="workspace",
        permissions=(f"{_ONLINE}/read", f"{_DEPLOYMENTS}/read", "Microsoft.Insights/metrics/read"),
    ),
    Need(work=READ_LOGS, on="workspace", permissions=(f"{_DEPLOYMENTS}/getLogs/action",)),
    Need(work=READ_RECORDS, on="artifacts", data=(f"{_BLOBS}/read",)),
    Need(work=KEEP_RECORDS, on="artifacts", data=(f"{_BLOBS}/read", f"{_BLOBS}/write")),
    Need(work=READ_REQUESTS, on="requests", data=(f"{_BLOBS}/read",)),
    Need(
        work=WATCH,
        on="workspace",
        permissions=(
            f"{_WORKSPACES}/read",
            f"{_DEPLOYMENTS}/read",
            f"{_WORKSPACES}/schedules/read",
            f"{_WORKSPACES}/schedules/write",
            f"{_WORKSPACES}/schedules/delete",
            f"{_WORKSPACES}/jobs/read",
            f"{_WORKSPACES}/experiments/runs/read",
            f"{_WORKSPACES}/datastores/read",
            f"{_DATA}/read",
            f"{_DATA}/write",
        ),
    ),
    Need(work=WATCH, on="artifacts", data=(f"{_BLOBS}/read", f"{_BLOBS}/write")),
    Need(work=WATCH, on="storage", data=(f"{_BLOBS}/read",)),
    Need(
        work=DEPLOY,
        on="workspace",
        permissions=(
            f"{_WORKSPACES}/read",
            f"{_ONLINE}/read",
            f"{_ONLINE}/write",
            f"{_DEPLOYMENTS}/read",
            f"{_DEPLOYMENTS}/write",
            f"{_DEPLOYMENTS}/delete",
            f"{_WORKSPACES}/datastores/read",
            f"{_DATA}/read",
            f"{_DATA}/write",
        ),
    ),
    Need(
        work=DEPLOY,
        on="endpoint identity",
        permissions=("Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",),
    ),
    Need(work=DEPLOY, on="models", permissions=(f"{_ASSETS}/read",)),
    Need(work=SCALE, on="group", permissions=(f"{_SCALING}/read", f"{_SCALING}/write", f"{_SCALING}/delete")),
    Need(work=PREDICT, on="workspace", permissions=(f"{_ONLINE}/read", f"{_ONLINE}/score/action")),
    Need(
        work=BATCH,
        on="workspace",
        permissions=(
            f"{_WORKSPACES}/read",
            f"{_BATCH}/read",
            f"{_BATCH}/write",
            f"{_BATCH}/jobs/write",
            f"{_BATCH}/deployments/read",
            f"{_BATCH}/deployments/write",
            f"{_BATCH}/deployments/jobs/write",
            f"{_WORKSPACES}/computes/read",
            f"{_WORKSPACES}/datastores/read",
            f"{_WORKSPACES}/jobs/read",
            f"{_WORKSPACES}/jobs/cancel/action",
        ),
    ),
    Need(
        work=BATCH,
        on="endpoint identity",
        permissions=("Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",),
    ),
    Need(work=BATCH, on="artifacts", data=(f"{_BLOBS}/read", f"{_BLOBS}/write")),
    Need(
        work=REGISTER,
        on="workspace",
        permissions=(
            f"{_WORKSPACES}/models/read",
            f"{_VERSIONS}/read",
            f"{_VERSIONS}/write",
            f"{_WORKSPACES}/datastores/read",
        ),
    ),
    Need(work=REGISTER, on="artifacts", data=(f"{_BLOBS}/read", f"{_BLOBS}/write")),
    Need(work=FETCH, on="workspace", permissions=(f"{_VERSIONS}/read", f"{_WORKSPACES}/datastores/read")),
    Need(work=FETCH, on="artifacts", data=(f"{_BLOBS}/read",)),
    Need(
        work=PROMOTE,
        on="workspace",
        permissions=(f"{_WORKSPACES}/models/read", f"{_VERSIONS}/read", f"{_VERSIONS}/write"),
    ),
    Need(work=PROMOTE, on="artifacts", data=(f"{_BLOBS}/read", f"{_BLOBS}/write")),
    Need(
        work=SHARE,
        on="models",
        permissions=("Microsoft.MachineLearningServices/registries/read", f"{_ASSETS}/read", f"{_ASSETS}/write"),
    ),
    Need(
        work=RUN,
        on="workspace",
        permissions=(
            f"{_WORKSPACES}/read",
            f"{_WORKSPACES}/jobs/read",
            f"{_WORKSPACES}/jobs/write",
            f"{_WORKSPACES}/jobs/cancel/action",
            f"{_WORKSPACES}/experiments/runs/read",
            f"{_WORKSPACES}/experiments/runs/write",
            f"{_WORKSPACES}/components/versions/read",
            f"{_WORKSPACES}/computes/read",
            f"{_WORKSPACES}/datastores/read",
            f"{_DATA}/read",
            f"{_DATA}/write",
        ),
    ),
    Need(
        work=READ_FEATURES,
        on="workspace",
        permissions=(f"{_WORKSPACES}/datastores/read", f"{_DATA}/read"),
        section="features",
    ),
    Need(work=READ_FEATURES, on="features", data=(f"{_BLOBS}/read",), section="features"),
    Need(work=RUN, on="storage", data=(f"{_BLOBS}/read", f"{_BLOBS}/write")),
)
"""Every permission, in the order in which a model meets them."""
