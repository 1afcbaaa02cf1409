"""What works at batch endpoints of a cloud: a version is brought there, and turned back when it was not good.

The cloud is told first, then it is put on record in one write, then stage and audit log say so; what a killed command
left of that the next one finishes.
"""

from __future__ import annotations

from ..core.errors import NotFoundError, PolicyError, UsageError
from . import deployment
from .contract.batch import BatchDeployment, Batches
from .contract.deployment import EndpointSettings, ServedModel
from .contract.platform import Platform
from .rollout_log import restore_stage


def work(platform: Platform, settings: EndpointSettings, served: ServedModel, *, who: str) -> BatchDeployment:
    """Let this version work at a batch endpoint from its next job on, and log it. Raises UsageError without such."""
    batches = _batches(platform, settings.name)
    there = _there(batches, settings.name, settings.environment)
    if there is not None:
        finish(platform, there)
    made = batches.deploy(settings, served, who=who)
    deployment.log(platform, settings, served, made.previous, {"endpoint": settings.name}, who=who)
    return made


def roll_back(
    platform: Platform, name: str, environment: str, *, who: str, reason: str, to: int | None = None
) -> BatchDeployment:
    """Let the version work again that did before the one that works now, from the next job on; log it.

    Going further back than once needs ``to``. Raises NotFoundError when nothing worked before, UsageError without a
    reason, PolicyError where the last good version works already, and as ``deployment.vouched``.
    """
    if not reason:
        raise UsageError("a rollback needs a reason", hint="Say why: --reason TEXT")
    batches = _batches(platform, name)
    there = batches.deployment(name, environment)
    if is_left(there):
        there = finish(platform, there)
        if to in (None, there.served.version):
            return there
    number, model = _back(there, to), there.served
    back = deployment.vouched(platform, model.name, number, task=model.task, environment=environment)
    return finish(platform, batches.turn_back(there, back, who=who, reason=reason))


def is_left(there: BatchDeployment) -> bool:
    """Whether a killed command left stage or audit log of what it turned back."""
    return there.turned is not None and not there.turned.logged


def finish(platform: Platform, there: BatchDeployment) -> BatchDeployment:
    """Let stage and audit log say what was turned back, by this command or one that was killed; each once."""
    turned, back = there.turned, there.served
    if turned is None or turned.logged:
        return there
    restore_stage(
        platform, back.name, there.environment, turned=turned.version, back=back.version, who=there.deployed_by,
        reason=turned.reason,
    )  # fmt: skip
    platform.models.audit(
        who=there.deployed_by,
        action="rollback",
        model=back.name,
        version=turned.version,
        environment=there.environment,
        reason=turned.reason,
        details={"transaction": turned.id, "endpoint": there.endpoint, "back": back.version, "digest": back.digest},
    )
    return _batches(platform, there.endpoint).settle(there)


def _there(batches: Batches, name: str, environment: str) -> BatchDeployment | None:
    try:
        return batches.deployment(name, environment)
    except NotFoundError:
        return None


def _back(there: BatchDeployment, to: int | None) -> int:
    """The version that works again: the last one that did, or the one that is named among all that did."""
    at = f"{there.endpoint} -e {there.environment}"
    known = [one.version for one in there.before]
    if not known:
        raise NotFoundError(
            f"nothing worked at {there.endpoint}@{there.environment} before version {there.served.version}",
            hint=f"groundplan deploy {at} brings the version there that is in the stage of {there.environment}.",
        )
    if to is None and there.turned is not None:
        raise PolicyError(
            f"version {there.served.version} is the last good one and works already: version {there.turned.version} "
            f"was turned back",
            hint=f"To go further back: groundplan rollback {at} --to {known[-1]}",
        )
    if to is not None and to not in known:
        raise NotFoundError(
            f"version {to} did not work at {there.endpoint}@{there.environment} before version {there.served.version}",
            hint=f"Those that did: {', '.join(map(str, known))}.",
        )
    return known[-1] if to is None else to


def _batches(platform: Platform, name: str) -> Batches:
    if platform.batches is None:
        raise UsageError(f"endpoint {name!r} answers requests: this platform has no batch endpoints")
    return platform.batches
