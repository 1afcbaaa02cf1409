"""What it takes to bring a stack up and to work in it: services, permissions and quota."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..lifecycle.contract.need import Need
from ..modules.contract.context import SHARED
from ..modules.contract.needs import Needs, Permission
from ..modules.contract.planned import QuotaNeed
from . import settings
from .config.resolved import Resolved
from .places import places
from .planning.plan import Plan
from .planning.planning import plans
from .platforms import module


@dataclass(frozen=True, kw_only=True)
class StackNeeds:
    """What one stack needs of its cloud before it can be brought up."""

    needs: Needs
    quota: tuple[QuotaNeed, ...]


def needs(configs: Mapping[str, Resolved], stack: str) -> StackNeeds:
    """What a stack needs; ``configs`` as of ``read_stacks``. Raises ConfigError for a plan that would be refused."""
    (plan,) = plans(configs, [stack])
    return StackNeeds(needs=of_plan(configs[stack], plan), quota=plan.quota)


def of_plan(config: Resolved, plan: Plan) -> Needs:
    """What the resources of a plan need."""
    found: Needs = module(plan.platform, "needs").needs(plan.resources, settings.context(config, plan.stack))
    return found


def works(configs: Mapping[str, Resolved], stack: str, asked: tuple[Need, ...]) -> tuple[Permission, ...]:
    """What the lifecycle asks for, with the ids of what it asks it on in this environment, and roles that bring it."""
    config = configs[stack].config
    of_cloud = module(config.platform, "needs")
    registry = SHARED if config.registry.shared else stack
    sections = {
        "": True,
        "features": bool(config.features.sets),
        "features.online": config.features.online,
        "monitoring.managed": config.monitoring.managed,
    }
    context = settings.context(configs[stack], stack)
    scopes = of_cloud.scopes(context, settings.context(configs[registry], registry), places(configs)[stack])
    return tuple(
        Permission(
            name=name, scope=scopes.get(need.on, scopes[""]), purpose=need.work, role=of_cloud.role(name, context),
            data=name in need.data, hidden=of_cloud.hidden(need.on),
        )
        for need in asked
        if sections[need.section] and (config.registry.shared or need.on != "models")
        for name in (*need.permissions, *need.data)
    )  # fmt: skip
