"""Where the lifecycle finds what the stacks have: the same names by which the components make it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ..lifecycle.contract.deployment import Machines
from ..modules.contract.context import SHARED
from ..modules.contract.places import Places
from . import settings
from .config.resolved import Resolved
from .platforms import module


def places(configs: Mapping[str, Resolved]) -> dict[str, Places]:
    """The places of each environment, in the order in which a model passes them; ``configs`` as of ``read_stacks``."""
    return {stack: _of(stack, configs) for stack in configs if stack != SHARED}


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
