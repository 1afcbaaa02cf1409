"""How a model lives in an environment: who gets its requests, whether it drifts, what retraining decided last."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..core import clock
from ..core.errors import NotFoundError

if TYPE_CHECKING:
    from ..lifecycle.contract.deployment import EndpointState
    from ..lifecycle.contract.platform import Platform
    from ..lifecycle.contract.retraining import RetrainingDecision
    from ..stacks.config.resolved import Resolved


@dataclass(frozen=True, kw_only=True)
class Living:
    """``traffic`` is by version; ``alerts`` are those of the window until ``looked``, "" where no monitor looked, and
    ``drift`` says in words what it found.

    ``retraining`` is the last decision of this environment; ``exemptions`` are rules that somebody is let off, with
    the last day.
    """

    traffic: Mapping[int, int] = field(default_factory=dict[int, int])
    looked: str = ""
    alerts: tuple[str, ...] = ()
    drift: str = ""
    retraining: RetrainingDecision | None = None
    exemptions: tuple[str, ...] = ()

    @property
    def says_something(self) -> bool:
        """Whether there is more than one version that answers all."""
        return bool(len(self.traffic) > 1 or self.looked or self.retraining or self.exemptions)


def of(platform: Platform, config: Resolved, model: str, endpoint: EndpointState | None, *,
       traffic: Mapping[int, int] | None = None) -> Living:  # fmt: skip
    """What our own files tell; the registry is not asked. Raises StoreCorruptedError.

    ``traffic`` is what the endpoint has said of it already.
    """
    environment = config.environment
    decisions = [one for one in platform.retrainings.decisions(model) if one.environment == environment]
    exemptions = tuple(
        f"{one.rule} for {one.resource} until {one.expires}: {one.owner}" for one in config.config.policies.exemptions
    )
    living = Living(retraining=decisions[-1] if decisions else None, exemptions=exemptions)
    if endpoint is None:
        return living
    name = endpoint.deployment.settings.name
    shares = dict(traffic or {})
    if traffic is None:
        with contextlib.suppress(NotFoundError):
            shares = dict(platform.endpoints.traffic(name, environment).shares)
    reports = platform.monitors.reports(name, environment)
    newest = max(reports, key=lambda one: (one.window.end, one.version), default=None)
    return Living(
        traffic=shares,
        looked=newest.window.end if newest else "",
        alerts=newest.alerts if newest else (),
        drift=newest.in_words if newest else "",
        retraining=living.retraining,
        exemptions=exemptions,
    )


def data(living: Living) -> dict[str, object]:
    """As JSON values."""
    last = living.retraining
    return {
        "traffic": {str(version): share for version, share in living.traffic.items()},
        "drift": {
            "until": living.looked, "alerts": list(living.alerts), "found": living.drift,
        } if living.looked else None,
        "retraining": None if last is None else {
            "when": last.when, "decision": last.decision, "trigger": last.trigger, "outcome": last.outcome,
            "version": last.version, "obstacle": last.obstacle,
        },
        "exemptions": list(living.exemptions),
    }  # fmt: skip


def cells(living: Living) -> tuple[str, str, str, str]:
    """Traffic, drift, last retraining and exemptions for people."""
    traffic = ", ".join(f"v{version} {share} %" for version, share in sorted(living.traffic.items()))
    last = living.retraining
    retraining = "-"
    if last is not None:
        what = last.outcome or last.decision
        retraining = f"{clock.for_people(last.when)}  {what}{f', by {last.trigger}' if last.trigger else ''}"
    return traffic or "-", living.drift or "-", retraining, str(len(living.exemptions) or "-")
