"""What is measured at Google Cloud: metrics of endpoints, and the log lines of runs that failed.

The metrics are Google's own (https://cloud.google.com/monitoring/api/metrics_gcp, aiplatform).
"""

from __future__ import annotations

from typing import Final

from ..contract.context import Context
from ..contract.monitoring import WatchedEndpoint
from . import names

_PREFIX: Final = "aiplatform.googleapis.com/prediction/online"

LATENCY: Final = f"{_PREFIX}/prediction_latencies"
"""How long answers take, in milliseconds, as a distribution."""

ERRORS: Final = f"{_PREFIX}/error_count"
"""The requests that were answered with an error."""

REQUESTS: Final = f"{_PREFIX}/prediction_count"
"""The requests that were answered."""

PROCESSORS: Final = f"{_PREFIX}/cpu/utilization"
"""How many processors are busy on a machine: a machine of four under full load shows 4."""

MEMORY: Final = f"{_PREFIX}/memory/utilization"
"""The share of a machine's memory that is used."""

GPUS: Final = f"{_PREFIX}/accelerator/duty_cycle"
"""The share of the time in which the GPUs work."""

REPLICAS: Final = f"{_PREFIX}/replicas"
"""The machines that answer."""


def of_endpoint(watched: WatchedEndpoint, metric: str) -> str:
    """The filter of a metric of one endpoint."""
    return (
        f'resource.type = "aiplatform.googleapis.com/Endpoint" AND '
        f'resource.labels.endpoint_id = "{watched.outputs.name}" AND metric.type = "{metric}"'
    )


def failed_runs(context: Context) -> str:
    """The filter of the log lines that say that a run of this stack's pipelines, told by its account, failed.

    The log and its labels: https://cloud.google.com/logging/docs/api/platform-logs.
    """
    return (
        'log_id("aiplatform.googleapis.com/pipeline_job_events") AND '
        'resource.type="aiplatform.googleapis.com/PipelineJob" AND jsonPayload.state="PIPELINE_STATE_FAILED" AND '
        f'labels.service_account="{names.service_account_email(context, "pipeline")}"'
    )
