"""The commands that change something in a cloud, each with what was there before it and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from groundplan.core.errors import NotFoundError
from groundplan.lifecycle import promotion, rollouts

from conformance_kit import PLAN, good, transitions
from conformance_on_clouds import CloudRig

Shares = Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class Verb:
    """A command: what was there ``before`` it, what it does, and who may answer while it is at work."""

    before: Callable[[CloudRig], object]
    act: Callable[[CloudRig], object]
    allowed: tuple[Shares, ...]


def _served(rig: CloudRig) -> None:
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))


def at_half(rig: CloudRig) -> None:
    _served(rig)
    rig.deploy("canary")
    for minute in (2, 4):
        rig.look(minute)


def _taken_over(rig: CloudRig) -> None:
    _served(rig)
    rig.deploy()


def _in_staging(rig: CloudRig) -> None:
    rig.promote(rig.promote(rig.register("a")), to="staging")
    rig.register("b")


def _promote(rig: CloudRig) -> None:
    """Through both environments: Azure ML shares a version with the first one, Vertex AI with the one that is apart."""
    for environment in ("dev", "staging"):
        version = rig.platform().models.get("churn", 2)
        if version.stage != "staging":
            rig.promote(version, to=environment)


def _reject(rig: CloudRig) -> None:
    platform = rig.platform()
    promotion.reject(platform, PLAN, platform.models.get("churn", 1), who="bob", reason="bad data")


def roll_back(rig: CloudRig) -> None:
    rollouts.roll_back(rig.platform(), "churn", "dev", who="bob", reason="errors", now=rig.at(9))


def step(rig: CloudRig) -> None:
    if rig.current().phase == 2 or rollouts.is_left(rig.current()):
        rig.look(6)


def _undeploy(rig: CloudRig) -> None:
    with suppress(NotFoundError):  # as the one that was killed may have come to its end
        rig.platform().endpoints.undeploy("churn", "dev")


VERBS = {
    "register": Verb(before=lambda rig: rig.register("a"), act=lambda rig: rig.register("b"), allowed=({},)),
    "promote": Verb(before=_in_staging, act=_promote, allowed=({},)),
    "reject": Verb(before=lambda rig: rig.promote(rig.register("a")), act=_reject, allowed=({},)),
    "deploy the first": Verb(
        before=lambda rig: rig.promote(rig.register("a")), act=lambda rig: rig.deploy(), allowed=({}, {1: 100})
    ),
    "begin a rollout": Verb(before=_served, act=lambda rig: rig.deploy("blue-green"), allowed=({1: 100},)),
    "a rollout's step": Verb(before=at_half, act=step, allowed=({1: 50, 2: 50}, {2: 100})),
    "roll back": Verb(before=_taken_over, act=roll_back, allowed=({2: 100}, {1: 100})),
    "undeploy": Verb(before=lambda rig: rig.serve("a"), act=_undeploy, allowed=({1: 100}, {})),
}  # fmt: skip


def outcome(rig: CloudRig) -> object:
    """All that a kill must not change: stages, labels, traffic, versions, and every line of the log exactly once."""
    platform = rig.platform()
    log = [one for one in platform.models.audit_log() if one.details.get("kind") != "held"]
    lines = [(one.action, one.version, one.environment, one.details.get("kind")) for one in log]
    pages = sorted((one.version, one.digest, one.stages, one.labels) for one in rig.registry().versions("churn"))
    rollout = platform.rollouts.current("churn", "dev")
    served = [
        (one.deployment.served.version, one.health, one.deployment.traffic) for one in platform.endpoints.states()
    ]
    kinds = [] if rollout is None else [rollout.status, rollouts.is_left(rollout), *transitions(rollout)]
    return rig.stages(), pages, dict(rig.shares()), rig.mirrored(), rig.there(), served, kinds, lines
