"""Where a batch endpoint of Azure ML works: on a compute of the config; its rows and predictions are artifacts."""

from __future__ import annotations

from ...lifecycle.contract.batch import BatchPlace
from ...lifecycle.contract.deployment import Machines
from ..contract.batch import BatchArguments
from ..contract.context import Context
from . import compute, names
from .storage import datastore_uri

_WORKSPACES = "Microsoft.MachineLearningServices/workspaces"


def batch_place(context: Context, arguments: BatchArguments) -> BatchPlace:
    """The place of a batch endpoint."""
    workspace, name = names.workspace_name(context), names.endpoint_name(context, arguments.endpoint)
    wanted = arguments.compute
    size = wanted.size or compute.DEFAULT_SIZES[wanted.kind]
    cluster = compute.cluster_name(arguments.compute_name, size, spot=wanted.spot)
    return BatchPlace(
        id=names.resource_id(context, f"{_WORKSPACES}/batchEndpoints", workspace, name),
        name=name,
        folder=f"{datastore_uri('artifacts')}/batch/{arguments.endpoint}",
        machines=Machines(type=size, least=arguments.least, most=arguments.most),
        compute=names.resource_id(context, f"{_WORKSPACES}/computes", workspace, cluster),
        seconds=arguments.seconds,
    )
