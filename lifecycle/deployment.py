"""Decides what is deployed: the version of an environment's stage, with evidence that still stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ..core import clock
from ..core.errors import GateFailedError, NotFoundError, PolicyError
from . import gates
from .contract.deployment import EndpointSettings, EndpointState, ServedModel
from .contract.model import ModelPlan, ModelVersion, Override
from .contract.platform import Platform
from .contract.rubric import Task


def stage_version(versions: Sequence[ModelVersion], plan: ModelPlan, environment: str | None = None) -> ModelVersion:
    """The version in this environment's stage, or without one the version in the furthest. Raises NotFoundError."""
    asked = tuple(reversed(plan.environments)) if environment is None else (environment,)
    for stage in asked:
        for version in versions:
            if version.name == plan.name and version.stage == stage:
                return version
    where = "any environment" if environment is None else f"{environment!r}"
    raise NotFoundError(
        f"no version of {plan.name} is in {where} yet",
        hint=f"groundplan models promote {plan.name}" + (f" --to {environment}" if environment else ""),
    )


def deploy(
    platform: Platform, plan: ModelPlan, settings: EndpointSettings, *, who: str, now: datetime | None = None
) -> EndpointState:
    """Serve the version that is in the stage of ``settings.environment`` at once, and log it.

    Raises NotFoundError without one, and as ``demand``.
    """
    version = stage_version(platform.models.list(plan.name), plan, settings.environment)
    return serve(platform, settings, demand(platform, plan, version, settings.environment, now=now), who=who)


def demand(
    platform: Platform, plan: ModelPlan, version: ModelVersion, environment: str, *, now: datetime | None = None
) -> ServedModel:
    """The version as it may be served there.

    Raises GateFailedError when its evidence is missing, of something else, too old, or did not pass there without an
    override, StoreCorruptedError when the model on disk is not the registered one.
    """
    override = demand_evidence(version, plan, environment, now=now or clock.now())
    platform.models.verify(version)
    return served(version, plan.task, "" if override is None else f"{override.person}: {override.reason}")


def serve(platform: Platform, settings: EndpointSettings, served: ServedModel, *, who: str) -> EndpointState:
    """Serve this version alone and log it; the one before answers until it is ready."""
    state = platform.endpoints.deploy(settings, served, who=who)
    place = {"endpoint": settings.name, "url": state.deployment.url}
    log(platform, settings, served, state.deployment.previous, place, who=who)
    return state


def vouched(platform: Platform, model: str, number: int, *, task: Task, environment: str) -> ServedModel:
    """A version that answers or works again, as the registry knows it.

    Raises NotFoundError, StoreCorruptedError, PolicyError for one that was rejected.
    """
    version = platform.models.get(model, number)
    if version.status == "rejected":
        raise PolicyError(f"{version.name} version {number} was rejected and is not served again")
    platform.models.verify(version)
    given = [one for one in version.overrides if one.environment == environment]
    return served(version, task, f"{given[-1].person}: {given[-1].reason}" if given else "")


def log(
    platform: Platform, settings: EndpointSettings, served: ServedModel, previous: ServedModel | None,
    place: Mapping[str, object], *, who: str,
) -> None:  # fmt: skip
    """Write into the audit log which version came to a place, and which one was there."""
    platform.models.audit(
        who=who,
        action="deploy",
        model=served.name,
        version=served.version,
        environment=settings.environment,
        reason=f"override by {served.override}" if served.override else "",
        details={
            **place,
            "digest": served.digest,
            "previous_version": None if previous is None else previous.version,
        },
    )


def demand_evidence(version: ModelVersion, plan: ModelPlan, environment: str, *, now: datetime) -> Override | None:
    """The override that stands in for a failed verdict, or None when it passed. Raises GateFailedError."""
    name = f"{version.name} version {version.version}"
    again = f"groundplan models promote {version.name} {version.version} --to {environment} judges it anew."
    evidence = version.evidence
    if evidence is None:
        raise GateFailedError(f"{name} has no evidence", hint=again)
    if evidence.model_digest != version.digest:
        raise GateFailedError(
            f"the evidence of {name} is of another model: {evidence.model_digest}, not {version.digest}", hint=again
        )
    age = (now - clock.from_text(evidence.made)).total_seconds()
    most = plan.rubrics[environment].max_age_seconds
    if age > most:
        raise GateFailedError(
            f"the evidence of {name} is {clock.duration(age)} old; {environment} takes {clock.duration(most)}",
            hint=again,
        )
    if age < -gates.CLOCK_TOLERANCE.total_seconds():
        raise GateFailedError(f"the evidence of {name} is from the future: {evidence.made}", hint=again)
    if version.verdict is not None and version.verdict.environment == environment and version.verdict.passed:
        return None
    overrides = [override for override in version.overrides if override.environment == environment]
    if not overrides:
        raise GateFailedError(f"{name} has not passed the gate of {environment}", hint=again)
    return overrides[-1]


def served(version: ModelVersion, task: Task, override: str) -> ServedModel:
    """A registered version as an endpoint needs it."""
    return ServedModel(
        name=version.name,
        version=version.version,
        digest=version.digest,
        path=version.path,
        task=task,
        trusted_types=version.trusted_types,
        override=override,
    )
