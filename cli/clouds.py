"""Puts a cloud's platform together: where things are by the config, what they are by the cloud's own adapters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.layout import Layout

if TYPE_CHECKING:
    from ..lifecycle.contract.features import Features
    from ..lifecycle.contract.monitor_store import Key, LoggedRequests
    from ..lifecycle.contract.monitoring import Baseline, Label, MonitorPlan, Watched, Window
    from ..lifecycle.contract.platform import Platform
    from ..lifecycle.contract.registry import Registry
    from ..lifecycle.recorded.endpoints import Site
    from ..modules.contract.places import Places
    from ..stacks.config.resolved import Resolved

PLATFORMS = frozenset({"azureml", "vertex"})
"""The clouds whose adapters have all that a model's life needs."""

VERBS = frozenset(
    {"run", "runs", "models", "deploy", "predict", "rollout", "rollback", "monitor", "feedback", "watch", "retrain",
     "status", "logs", "features"}
)  # fmt: skip
"""The commands that work on a cloud; the nouns of the others are not there yet."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What a cloud's adapters give: the site of each environment, and the registry of all."""

    sites: Mapping[str, Site]
    registry: Registry


def platform(config: Resolved) -> Platform:
    """The cloud that the config names, with all of its environments; nothing is asked yet."""
    from ..lifecycle.local.models import LocalModels
    from ..lifecycle.recorded.platform import platform as recorded
    from ..stacks.config.reading import read_stacks
    from ..stacks.places import places
    from .submitting import prepared

    configs = read_stacks(config.root)
    found = parts(configs, places(configs))
    layout = Layout(config.root)
    return recorded(
        config.config.platform,
        found.sites,
        found.registry,
        measuring=LocalModels(layout),
        judge=_judge,
        row_schema=_row_schema,
        prepare=partial(prepared, configs, layout),
        folder=layout.cloud,
    )


def features(config: Resolved, folder: Path) -> Features:
    """What the cloud that the config names has of feature sets; what is fetched goes into ``folder``."""
    if config.config.platform == "vertex":
        from ..lifecycle.vertex.features import VertexFeatures

        return VertexFeatures()
    from ..lifecycle.azureml.features import AzureMLFeatures
    from ..lifecycle.local.data import feature_rows
    from ..lifecycle.local.features import LocalFeatures

    return AzureMLFeatures(here=LocalFeatures(Layout(config.root)), reading=feature_rows, folder=folder)


def parts(configs: Mapping[str, Resolved], places: Mapping[str, Places]) -> Parts:
    """The adapters of the cloud that these configs name, one of each for every environment."""
    platform = next(iter(configs.values())).config.platform
    return _azureml(configs, places) if platform == "azureml" else _vertex(configs, places)


def _judge(
    requests: LoggedRequests,
    plan: MonitorPlan,
    window: Window,
    labels: Mapping[Key, Label],
    baselines: Mapping[int, Baseline | None],
) -> Mapping[int, Watched]:
    from ..lifecycle.local.monitoring.watching import watched

    return watched(requests, plan, window, labels, baselines)


def _row_schema(path: Path) -> Mapping[str, object]:
    from ..lifecycle.local.loading import columns
    from ..lifecycle.local.serving.schema import RequestSchema

    return RequestSchema(columns(path), max_rows=1).json_schema()


def _azureml(configs: Mapping[str, Resolved], places: Mapping[str, Places]) -> Parts:
    from ..lifecycle.azureml.batch import AzureMLBatches
    from ..lifecycle.azureml.endpoints import AzureMLEndpoints
    from ..lifecycle.azureml.jobs import AzureMLJobs
    from ..lifecycle.azureml.managed_monitors import AzureMLManagedMonitors
    from ..lifecycle.azureml.records import AzureMLRecords
    from ..lifecycle.azureml.registry import AzureMLRegistry
    from ..lifecycle.azureml.request_log import AzureMLRequestLog
    from ..lifecycle.recorded.endpoints import Site
    from ..stacks.places import batches

    home = next(iter(places))
    shared = configs[home].config.registry.shared
    registry = places[home].registry if shared else ""
    return Parts(
        sites={
            environment: Site(
                records=AzureMLRecords(place.storage),
                endpoints=AzureMLEndpoints(registry=registry, request_seconds=_request_seconds(configs[environment])),
                jobs=AzureMLJobs(place.workspace, environment=environment),
                ids=place.endpoints,
                batch=AzureMLBatches(registry=registry),
                batch_places=batches(configs, environment),
                requests=AzureMLRequestLog(place.storage),
                managed=AzureMLManagedMonitors(),
            )
            for environment, place in places.items()
        },
        registry=AzureMLRegistry(places[home].workspace, environment=home, registry=registry),
    )


def _vertex(configs: Mapping[str, Resolved], places: Mapping[str, Places]) -> Parts:
    from ..lifecycle.recorded.endpoints import Site
    from ..lifecycle.recorded.taken_off import TakenOff
    from ..lifecycle.vertex.batch import VertexBatches
    from ..lifecycle.vertex.endpoints import VertexEndpoints
    from ..lifecycle.vertex.jobs import VertexJobs
    from ..lifecycle.vertex.managed_monitors import VertexManagedMonitors
    from ..lifecycle.vertex.records import VertexRecords
    from ..lifecycle.vertex.registry import VertexRegistry
    from ..lifecycle.vertex.request_log import VertexRequestLog
    from ..stacks.places import batches

    home = next(iter(places))
    product = configs[home].config.project
    records = {environment: VertexRecords(place.storage) for environment, place in places.items()}
    taken_off = TakenOff(
        records={
            id.rpartition("/")[2]: records[environment]
            for environment, place in places.items()
            for id in place.endpoints.values()
        }
    )
    endpoints = VertexEndpoints(product=product, taking_off=taken_off.note)
    requests, managed = VertexRequestLog(taken_off=taken_off.of), VertexManagedMonitors()
    return Parts(
        sites={
            environment: Site(
                records=records[environment],
                endpoints=endpoints,
                jobs=VertexJobs(place.workspace, product=product, environment=environment),
                ids=place.endpoints,
                requests=requests,
                batch=VertexBatches(product=product),
                batch_places=batches(configs, environment),
                managed=managed,
            )
            for environment, place in places.items()
        },
        registry=VertexRegistry(
            places[home].workspace,
            bucket=places[home].storage,
            product=product,
            images=_images(configs[home]),
            environments={environment: place.workspace for environment, place in places.items()},
            # Environments in one project and region share its models: the first one's key encrypts them.
            keys={place.workspace: place.key for place in reversed(list(places.values())) if place.key},
        ),
    )


def _images(config: Resolved) -> dict[str, str]:
    """By model, the image of the container that serves it; an endpoint says that for the model that it serves."""
    from ..stacks.pipelines import served_model

    return {
        served_model(config, name): endpoint.image
        for name, endpoint in config.config.endpoints.items()
        if endpoint.image is not None
    }


def _request_seconds(config: Resolved) -> int:
    """How long a version may take over a request, at the endpoint that gives it the most."""
    from ..stacks.config.section import seconds

    return max((seconds(one.request_timeout) for one in config.config.endpoints.values()), default=30)
