"""What one environment has: its foundation, network, identities, storage, workspace, and what works in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from ..modules.contract.access import AccessArguments
from ..modules.contract.budget import BudgetArguments
from ..modules.contract.compute import ComputeArguments, ComputeOutputs
from ..modules.contract.context import SHARED
from ..modules.contract.encryption import EncryptionKey
from ..modules.contract.endpoint import EndpointArguments, EndpointOutputs
from ..modules.contract.features import FeaturesArguments
from ..modules.contract.foundation import FoundationArguments, FoundationOutputs
from ..modules.contract.identity import IdentityArguments, IdentityOutputs
from ..modules.contract.monitoring import MonitoringArguments, WatchedEndpoint
from ..modules.contract.network import NetworkArguments, NetworkOutputs
from ..modules.contract.pipeline import PipelineArguments
from ..modules.contract.registry import RegistryArguments, RegistryOutputs
from ..modules.contract.storage import StorageArguments, StorageOutputs
from ..modules.contract.workspace import WorkspaceArguments, WorkspaceOutputs
from . import pipelines, settings
from .causes import caused_by
from .components import Components
from .config.resolved import Resolved
from .config.section import seconds
from .platforms import module
from .references import SharedStack


@dataclass(frozen=True, kw_only=True)
class _Base:
    """What everything in an environment stands on."""

    foundation: FoundationOutputs
    network: NetworkOutputs
    identity: IdentityOutputs
    storage: StorageOutputs
    workspace: WorkspaceOutputs
    registry: RegistryOutputs
    encryption: EncryptionKey | None


def provision(resolved: Resolved, configs: Mapping[str, Resolved]) -> None:
    """Make an environment's components and export how they are reached."""
    components = Components(resolved, resolved.environment)
    shared = SharedStack(resolved, configs[SHARED])
    base = _base(components, shared, configs[SHARED])
    endpoints = _workloads(components, base)
    _access(components, base, shared, endpoints, settings.beside(resolved, configs))
    _export(components, base, endpoints)


def _workloads(components: Components, base: _Base) -> Mapping[str, EndpointOutputs]:
    """Make what works in the environment; the endpoints by name. Raises ConfigError with all that is refused of it."""
    config, noted = components.config, components.noted
    computes = noted.each(config.compute, lambda name: _compute(components, base, name))
    if config.features.sets:
        with noted.noting():
            _features(components, base)
    for name, pipeline in config.pipelines.items():
        if all(step.compute in computes for step in pipeline.steps.values()):  # else its compute is refused already
            with noted.noting():
                _pipeline(components, base, name, computes)
    endpoints = noted.each(config.endpoints, lambda name: _endpoint(components, base, name, computes))
    if config.monitoring.enabled:
        with noted.noting():
            _monitoring(components, base, endpoints)
    if config.budget is not None:
        with noted.noting():
            _budget(components, base)
    components.refuse()
    return endpoints


def _base(components: Components, shared: SharedStack, shared_config: Resolved) -> _Base:
    config, encryption = components.config, shared.encryption
    with caused_by("project"):
        foundation: FoundationOutputs = components.make(
            "foundation",
            FoundationArguments(
                private=config.network.access == "private", log_retention_days=settings.log_retention_days(config)
            ),
        ).outputs
    network = _network(components, foundation, shared)
    with caused_by("identity"):
        identity: IdentityOutputs = components.make("identity", IdentityArguments(foundation=foundation)).outputs
    with caused_by("data"):
        storage: StorageOutputs = components.make(
            "storage",
            StorageArguments(foundation=foundation, network=network, identity=identity, encryption=encryption),
        ).outputs
    registry = _registry(components, foundation, network, encryption, shared_config)
    with caused_by("project"):
        workspace: WorkspaceOutputs = components.make(
            "workspace",
            WorkspaceArguments(
                foundation=foundation,
                network=network,
                identity=identity,
                storage=storage,
                encryption=encryption,
                registry_id=registry.images_id,
                model_registry_id=registry.id,
            ),
        ).outputs
    return _Base(
        foundation=foundation, network=network, identity=identity, storage=storage,
        workspace=workspace, registry=registry, encryption=encryption,
    )  # fmt: skip


def _network(components: Components, foundation: FoundationOutputs, shared: SharedStack) -> NetworkOutputs:
    section = components.config.network
    with caused_by("network"):
        outputs: NetworkOutputs = components.make(
            "network",
            NetworkArguments(
                foundation=foundation,
                access=section.access,
                address_space=section.address_space,
                allowed_outbound=tuple(section.allowed_outbound),
                connection=section.connection,
                perimeter=section.perimeter,
                access_policy=section.access_policy or "",
                hub_network_id=shared.hub_network_id,
                shared=shared.account,
            ),
        ).outputs
    return outputs


def _registry(
    components: Components,
    foundation: FoundationOutputs,
    network: NetworkOutputs,
    encryption: EncryptionKey | None,
    shared_config: Resolved,
) -> RegistryOutputs:
    if components.config.registry.shared:
        found: RegistryOutputs = module(components.platform, "registry").registry_outputs(
            settings.context(shared_config, SHARED)
        )
        return found
    with caused_by("registry"):
        made: RegistryOutputs = components.make(
            "registry",
            RegistryArguments(
                foundation=foundation,
                network=network,
                encryption=encryption,
                regions=(components.context.region,),
                retention_days=components.retention_days,
            ),
        ).outputs
    return made


def _compute(components: Components, base: _Base, name: str) -> ComputeOutputs:
    section = components.config.compute[name]
    with caused_by(f"compute.{name}"):
        outputs: ComputeOutputs = components.make(
            "compute",
            ComputeArguments(
                compute=name,
                foundation=base.foundation,
                network=base.network,
                identity=base.identity,
                storage=base.storage,
                workspace=base.workspace,
                encryption=base.encryption,
                type=section.type,
                kind=section.kind,
                size=section.size,
                max_nodes=section.max_nodes,
                min_nodes=section.min_nodes,
                idle_seconds=seconds(section.idle),
                spot=section.spot,
                owner=None if section.owner is None else settings.principal(section.owner),
            ),
            name=name,
        ).outputs
    return outputs


def _features(components: Components, base: _Base) -> None:
    section = components.config.features
    with caused_by("features"):
        components.make(
            "features",
            FeaturesArguments(
                foundation=base.foundation,
                network=base.network,
                identity=base.identity,
                storage=base.storage,
                workspace=base.workspace,
                encryption=base.encryption,
                sets=settings.feature_sets(components.config),
                online=section.online,
                schedule=section.schedule,
            ),
        )


def _pipeline(components: Components, base: _Base, name: str, computes: Mapping[str, ComputeOutputs]) -> None:
    pipeline = pipelines.pipeline(components.resolved, name)
    with caused_by(f"pipelines.{name}"):
        components.make(
            "pipeline",
            PipelineArguments(
                pipeline=pipeline,
                version=settings.pipeline_version(components.resolved, pipeline),
                root=components.resolved.root,
                foundation=base.foundation,
                network=base.network,
                identity=base.identity,
                storage=base.storage,
                workspace=base.workspace,
                registry=base.registry,
                computes=computes,
                data_uris=settings.data_uris(components.config, base.storage.data_uri),
                encryption=base.encryption,
                schedule=settings.schedule_of(components.resolved, name),
            ),
            name=name,
        )


def _endpoint(
    components: Components, base: _Base, name: str, computes: Mapping[str, ComputeOutputs]
) -> EndpointOutputs:
    section = components.config.endpoints[name]
    with caused_by(f"endpoints.{name}"):
        outputs: EndpointOutputs = components.make(
            "endpoint",
            EndpointArguments(
                endpoint=name,
                model=pipelines.served_model(components.resolved, name),
                foundation=base.foundation,
                network=base.network,
                identity=base.identity,
                storage=base.storage,
                workspace=base.workspace,
                encryption=base.encryption,
                kind=section.kind,
                size=section.size,
                min_instances=section.min_instances,
                max_instances=section.max_instances,
                timeout_seconds=seconds(section.request_timeout),
                log_sample=section.log_sample if section.log_requests else 0.0,
                shared_pool=section.shared_pool,
                pinned=settings.pinned(section),
                compute=computes[section.compute].name if section.compute in computes else "",
                schedule=section.schedule,
                managed_monitors=components.config.monitoring.managed,
            ),
            name=name,
        ).outputs
    return outputs


def _monitoring(components: Components, base: _Base, endpoints: Mapping[str, EndpointOutputs]) -> None:
    section = components.config.monitoring
    with caused_by("monitoring"):
        components.make(
            "monitoring",
            MonitoringArguments(
                foundation=base.foundation,
                identity=base.identity,
                storage=base.storage,
                workspace=base.workspace,
                endpoints=tuple(
                    _watched(components, name, outputs)
                    for name, outputs in endpoints.items()
                    if components.config.endpoints[name].kind == "online"
                ),
                contacts=tuple(section.alerts),
                window_seconds=seconds(section.window),
                statistic=section.drift.statistic,
                threshold=section.drift.threshold,
                alpha=section.drift.alpha,
                min_rows=section.drift.min_rows,
                latency_ms=section.endpoint.latency_ms,
                error_share=section.endpoint.error_share,
                saturation=section.endpoint.saturation,
            ),
        )


def _watched(components: Components, name: str, outputs: EndpointOutputs) -> WatchedEndpoint:
    model = pipelines.served_model(components.resolved, name)
    section, data = components.config.models[model], components.config.data
    pinned = components.config.endpoints[name].pinned
    return WatchedEndpoint(
        endpoint=name,
        model=model,
        task=section.task or data.task,
        target=section.target or data.target,
        outputs=outputs,
        training="" if pinned is None else pinned.training or "",
    )


def _budget(components: Components, base: _Base) -> None:
    section = components.config.budget
    if section is None:
        return
    with caused_by("budget"):
        components.make(
            "budget",
            BudgetArguments(
                foundation=base.foundation,
                amount=section.amount,
                currency=section.currency,
                notify_at=tuple(section.notify_at),
                contacts=tuple(section.contacts),
                start=section.start or "",
            ),
        )


def _access(
    components: Components,
    base: _Base,
    shared: SharedStack,
    endpoints: Mapping[str, EndpointOutputs],
    beside: tuple[str, ...],
) -> None:
    with caused_by("team"):
        components.make(
            "access",
            AccessArguments(
                foundation=base.foundation,
                identity=base.identity,
                storage=base.storage,
                workspace=base.workspace,
                registry=base.registry,
                endpoints=endpoints,
                team=settings.team(components.config),
                ci=shared.ci_principal,
                beside=beside,
                promoting=shared.promoting(),
                retraining=shared.retraining(),
            ),
        )


def _export(components: Components, base: _Base, endpoints: Mapping[str, EndpointOutputs]) -> None:
    pulumi.export("workspace", {"name": base.workspace.name, "id": base.workspace.uri})
    pulumi.export(
        "storage", {"name": base.storage.name, "artifacts": base.storage.artifacts_uri, "data": base.storage.data_uri}
    )
    pulumi.export(
        "endpoints",
        {name: {"name": one.name, "id": one.uri, "scoring_uri": one.scoring_uri} for name, one in endpoints.items()},
    )
    components.export()
