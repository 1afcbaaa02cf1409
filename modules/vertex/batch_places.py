"""Where batch predictions of Vertex AI work: on machines of their own; their rows and predictions are artifacts."""

from __future__ import annotations

from ...lifecycle.contract.batch import BatchPlace
from ...lifecycle.contract.deployment import Machines
from ..contract.batch import BatchArguments
from ..contract.context import Context
from . import chosen_names, machines, names
from .labels import labels


def batch_place(context: Context, arguments: BatchArguments) -> BatchPlace:
    """The place of a batch endpoint; its id is that of the location, in which jobs run."""
    type = arguments.size or machines.SERVING_TYPE
    known = machines.machine(type)
    return BatchPlace(
        id=names.location_path(context),
        name=chosen_names.hyphenated(context, arguments.endpoint),
        folder=f"gs://{names.artifacts_bucket(context)}/artifacts/batch/{arguments.endpoint}",
        machines=Machines(type=type, least=arguments.least, most=max(arguments.least, arguments.most)),
        gpu=known.accelerator if known is not None and known.gpus else "",
        gpus=0 if known is None else known.gpus,
        account=names.service_account_email(context, "endpoint"),
        key=arguments.key,
        seconds=arguments.seconds,
        labels=labels(context, endpoint=arguments.endpoint),
    )
