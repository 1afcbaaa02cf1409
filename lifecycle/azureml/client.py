"""The clients of Azure: who is signed in, and how patiently they ask."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable
from typing import Any

from ...core.extras import load
from ..patience import Pace
from .places import Workspace

_NOWHERE = logging.NullHandler()
_MAKING = threading.Lock()
"""A client writes down for the whole process which cloud it found."""


def client(workspace: Workspace, pace: Pace, heard: Callable[[Any], None]) -> Any:
    """An ``MLClient`` for a workspace; who calls is found when the first call is made.

    Throttled and failed calls are repeated by the SDK itself, after the time that the service asks for. ``heard`` is
    told of each response, of which the SDK itself gives the body alone.
    """
    sdk = loaded()
    with _MAKING:
        return sdk.MLClient(
            credential(),
            workspace.subscription,
            workspace.group,
            workspace.name,
            enable_telemetry=False,
            show_progress=False,
            raw_response_hook=heard,
            **retries(pace),
        )


def address_of(ml: Any) -> str:
    """Where the cloud of an ``MLClient`` is asked, without a slash at the end."""
    address: str = ml._base_url  # noqa: SLF001 the SDK has no public name for the address of Azure that it found
    return address.rstrip("/")


def registry_client(registry: str, pace: Pace) -> Any:
    """An ``MLClient`` for a registry that several workspaces share; it asks at once where the registry is."""
    return loaded().MLClient(
        credential(), registry_name=registry, enable_telemetry=False, show_progress=False, **retries(pace)
    )


def monitor(ml: Any, pace: Pace) -> Any:
    """A client of Azure Monitor for the subscription and the cloud of an ``MLClient``."""
    address = address_of(ml)
    return load("azure.mgmt.monitor").MonitorManagementClient(
        credential(),
        ml.subscription_id,
        base_url=address,
        credential_scopes=[f"{address}/.default"],
        **retries(pace),
    )


def credential() -> Any:
    """Whoever is signed in: on a machine with ``az login``, in CI by federation, at Azure by a managed identity."""
    _silence()
    return load("azure.identity").DefaultAzureCredential()


def retries(pace: Pace) -> dict[str, Any]:
    """How often and how fast a client repeats what was throttled or failed."""
    return {
        "retry_total": pace.tries - 1,
        "retry_connect": pace.tries - 1,
        "retry_read": pace.tries - 1,
        "retry_status": pace.tries - 1,
        "retry_backoff_factor": pace.first_seconds,
        "retry_backoff_max": pace.longest_seconds,
    }


def loaded() -> Any:
    """azure-ai-ml; what it logs of failures is said in groundplan's own errors, what it warns of helps nobody."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sdk = load("azure.ai.ml")
    _quieten()
    return sdk


def _silence() -> None:
    """What Azure's libraries warn of is said in groundplan's own errors."""
    logger = logging.getLogger("azure")
    logger.propagate = False
    logger.addHandler(_NOWHERE)


def _quieten() -> None:
    """It writes to standard output and standard error by itself, where documents and errors are read by machines."""
    _silence()
    for name, below in list(logging.root.manager.loggerDict.items()):
        if name.startswith("azure.ai.ml") and isinstance(below, logging.Logger):
            below.handlers.clear()
            below.propagate = True
    # A dot for each look at a deployment that begins.
    polling = load("azure.ai.ml._utils._azureml_polling").AzureMLPolling
    polling.update_status = load("azure.mgmt.core.polling.arm_polling").ARMPolling.update_status
