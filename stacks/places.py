"""Where the lifecycle finds what the stacks have: the same names by which the components make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..lifecycle.contract.batch import BatchPlace
from ..lifecycle.contract.deployment import Machines
from ..modules.contract.batch import BatchArguments
from ..modules.contract.context import SHARED
from ..modules.contract.places import Places
from ..modules.contract.submission import SubmittedCompute
from . import settings
from .config.resolved import Resolved
from .config.section import seconds
from .platforms import module


def places(configs: Mapping[str, Resolved]) -> dict[str, Places]:
    """The places of each environment, in the order in which a model passes them; ``configs`` as of ``read_stacks``."""
    return {stack: _of(stack, configs) for stack in configs if stack != SHARED}


def batches(configs: Mapping[str, Resolved], stack: str) -> dict[str, BatchPlace]:
    """Where the batch endpoints of an environment work, by their names in the config."""
    resolved, key = configs[stack], _key(stack, configs)
    return {
        name: _batch(resolved, name, key)
        for name, endpoint in resolved.config.endpoints.items()
        if endpoint.kind == "batch"
    }


def machines(resolved: Resolved, endpoint: str) -> Machines:
    """What a version runs on at an endpoint of a cloud's config."""
    section = resolved.config.endpoints[endpoint]
    default: str = module(resolved.config.platform, "places").DEFAULT_SIZE
    least = section.min_instances
    return Machines(type=section.size or default, least=least, most=max(least, section.max_instances))


def _of(stack: str, configs: Mapping[str, Resolved]) -> Places:
    resolved = configs[stack]
    config = resolved.config
    registry = SHARED if config.registry.shared else stack
    online = [name for name, endpoint in config.endpoints.items() if endpoint.kind == "online"]
    found: Places = module(config.platform, "places").places(
        settings.context(resolved, stack), settings.context(configs[registry], registry), online
    )
    return replace(found, key=_key(stack, configs))


def _key(stack: str, configs: Mapping[str, Resolved]) -> str:
    section, platform = configs[stack].config.encryption, configs[stack].config.platform
    if section is None or platform == "azureml":
        return ""
    made: str = module(platform, "places").key(settings.context(configs[SHARED], SHARED), stack)
    return section.key or made


def _batch(resolved: Resolved, name: str, key: str) -> BatchPlace:
    config = resolved.config
    section = config.endpoints[name]
    compute = config.compute[section.compute]
    arguments = BatchArguments(
        endpoint=name,
        compute=SubmittedCompute(type=compute.type, kind=compute.kind, size=compute.size, spot=compute.spot),
        compute_name=section.compute,
        size=section.size,
        least=section.min_instances,
        most=max(section.min_instances, section.max_instances),
        seconds=seconds(section.request_timeout),
        key=key,
    )
    made: BatchPlace = module(config.platform, "batch_places").batch_place(
        settings.context(resolved, resolved.environment), arguments
    )
    return made
