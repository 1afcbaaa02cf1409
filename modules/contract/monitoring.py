"""Monitoring: drift and quality monitors, alerts on endpoints, a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pulumi

    from .endpoint import EndpointOutputs
    from .foundation import FoundationOutputs
    from .identity import IdentityOutputs
    from .storage import StorageOutputs
    from .workspace import WorkspaceOutputs

Statistic = Literal["psi", "kolmogorov_smirnov", "jensen_shannon", "chi_squared", "wasserstein"]


@dataclass(frozen=True, kw_only=True)
class WatchedEndpoint:
    """An online endpoint and what its model predicts; ``model`` and ``target`` are the config's names.

    ``training`` is a table of the cloud's of what a pinned model learned from.
    """

    endpoint: str
    model: str
    task: Literal["classification", "regression"]
    target: str
    outputs: EndpointOutputs
    training: str = ""


@dataclass(frozen=True, kw_only=True)
class MonitoringArguments:
    """What is watched. ``latency_ms`` is the 95th percentile in milliseconds, ``error_share`` a share of requests,
    ``saturation`` a share of the machine; ``contacts`` are e-mail addresses; ``window_seconds`` is compared with the
    training data at a drift ``threshold``, or a test's chance ``alpha``, when it has at least ``min_rows``.
    """

    foundation: FoundationOutputs
    identity: IdentityOutputs
    storage: StorageOutputs
    workspace: WorkspaceOutputs
    endpoints: tuple[WatchedEndpoint, ...]
    contacts: tuple[str, ...] = ()
    window_seconds: int = 86400
    statistic: Statistic = "psi"
    threshold: float = 0.2
    alpha: float = 0.05
    min_rows: int = 500
    latency_ms: float = 500.0
    error_share: float = 0.01
    saturation: float = 0.8


@dataclass(frozen=True, kw_only=True)
class MonitoringOutputs:
    """Who is told (action group, notification channels) and the dashboard; ``monitors`` by endpoint."""

    channels: tuple[pulumi.Input[str], ...]
    dashboard_id: pulumi.Input[str]
    monitors: Mapping[str, pulumi.Input[str]]
