"""Which environment a resource belongs to, and how much depends on it."""

from __future__ import annotations

from collections.abc import Mapping

from .config import Tier
from .outcome import not_applicable
from .resource import Resource
from .rule import Check, Facts, Said

_TIERS: Mapping[str, Tier] = {
    **dict.fromkeys(("dev", "develop", "development", "sandbox", "test", "experiment"), "development"),
    **dict.fromkeys(("staging", "stage", "qa", "uat", "preprod", "pre-prod", "acceptance"), "staging"),
    **dict.fromkeys(("prod", "production", "live"), "production"),
}


def tier(resource: Resource, facts: Facts) -> Tier:
    """The tier that the config gives its environment, else the one that its environment's name tells."""
    if facts.config is not None and facts.config.environment == resource.environment:
        return facts.config.tier
    return tier_of(resource.environment)


def tier_of(environment: str) -> Tier:
    """The tier that an environment's name tells; "" where it tells none."""
    return _TIERS.get(environment.lower(), "")


def in_production(resource: Resource, facts: Facts) -> bool:
    """Whether it is in production, or may be: where nothing says the environment, a rule must not look away."""
    return tier(resource, facts) in ("production", "")


def only_in_production(check: Check) -> Check:
    """``check`` where a resource is in production, or may be; not applicable elsewhere."""

    def conditional(resource: Resource, facts: Facts) -> Said:
        return check(resource, facts) if in_production(resource, facts) else not_applicable("it is not in production")

    return conditional
