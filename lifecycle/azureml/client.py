"""The client of an Azure ML workspace: who is signed in, and how patiently it asks."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from ...core.extras import load
from ..patience import Pace


def client(subscription: str, group: str, workspace: str, pace: Pace) -> Any:
    """An ``MLClient`` for a workspace; who calls is found when the first call is made.

    Throttled and failed calls are repeated by the SDK itself, after the time that the service asks for.
    """
    return _sdk().MLClient(
        load("azure.identity").DefaultAzureCredential(),
        subscription,
        group,
        workspace,
        enable_telemetry=False,
        show_progress=False,
        retry_total=pace.tries - 1,
        retry_connect=pace.tries - 1,
        retry_read=pace.tries - 1,
        retry_status=pace.tries - 1,
        retry_backoff_factor=pace.first_seconds,
        retry_backoff_max=pace.longest_seconds,
    )


def _sdk() -> Any:
    """azure-ai-ml; what it logs of failures is said in groundplan's own errors, what it warns of helps nobody."""
    logger = logging.getLogger("azure")
    logger.propagate = False
    logger.addHandler(logging.NullHandler())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load("azure.ai.ml")
