"""Batch endpoints of a cloud on the command line: a version that works there, and predictions by a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..core import clock, locks
from ..core.errors import NotFoundError
from .output import Output
from .result import Result
from .session import Session

if TYPE_CHECKING:
    from ..lifecycle.contract.batch import BatchDeployment, Batches
    from ..lifecycle.contract.deployment import EndpointSettings
    from ..lifecycle.contract.model import ModelPlan, ModelVersion
    from ..lifecycle.contract.platform import Platform
    from ..stacks.config.resolved import Resolved
    from .rows import Rows


def works(settings: EndpointSettings, platform: Platform) -> bool:
    """Whether an endpoint works through rows as jobs; on the laptop each answers over HTTP."""
    return settings.kind == "batch" and platform.batches is not None


def deploy(platform: Platform, plan: ModelPlan, settings: EndpointSettings, version: ModelVersion) -> Result:
    """Let a version work at a batch endpoint from its next job on."""
    from ..lifecycle import batches
    from ..lifecycle import deployment as deploying

    served = deploying.demand(platform, plan, version, settings.environment)
    made = batches.work(platform, settings, served, who=locks.user())
    data = {
        "endpoint": made.endpoint,
        "environment": made.environment,
        "model": made.served.name,
        "version": made.served.version,
        "digest": made.served.digest,
        "previous_version": made.previous.version if made.previous else None,
        "override": made.served.override,
        "deployed": made.deployed,
        "deployed_by": made.deployed_by,
        "rollout": None,
    }

    def text(output: Output) -> None:
        output.line(f"{data['model']} version {data['version']} works at {made.endpoint} in {made.environment}", "good")
        replaced = "nothing" if made.previous is None else f"version {made.previous.version}"
        output.fields([("replaced", replaced), ("since", clock.for_people(made.deployed))])

    again = f"groundplan predict {made.endpoint} -e {made.environment} --data FILE --out FILE"
    return Result(data=data, text=text, next=[again])


def meant(platform: Platform, resolved: Resolved, endpoint: str | None) -> str | None:
    """The batch endpoint that is named, or that is the only endpoint of the config; None for one that answers."""
    known = resolved.config.endpoints
    name = next(iter(known)) if endpoint is None and len(known) == 1 else endpoint
    is_batch = name is not None and name in known and known[name].kind == "batch"
    return name if is_batch and platform.batches is not None else None


def roll_back(
    session: Session, platform: Platform, there: BatchDeployment, *, reason: str, to: int | None, wait_seconds: float
) -> BatchDeployment:
    """Let the version work again that did before, from the next job on."""
    from ..lifecycle import batches

    at = (there.endpoint, there.environment)
    with session.endpoint(session.config(there.environment), at, wait_seconds=wait_seconds):
        return batches.roll_back(platform, *at, who=locks.user(), reason=reason, to=to)


def turned_back(made: BatchDeployment) -> Result:
    """A version that works again, as a command's result."""
    turned = made.turned
    data = {
        "endpoint": made.endpoint, "environment": made.environment, "url": None, "model": made.served.name,
        "version": made.served.version, "from": turned.version if turned else None, "rollout": None,
        "reason": turned.reason if turned else "",
    }  # fmt: skip

    def text(output: Output) -> None:
        output.line(f"{data['model']} version {data['version']} works at {made.endpoint} again", "good")
        output.fields(
            [
                ("turned back", f"version {data['from']}"),
                ("since", clock.for_people(made.deployed)),
                ("why", str(data["reason"])),
            ]
        )

    again = f"groundplan predict {made.endpoint} -e {made.environment} --data FILE --out FILE"
    return Result(data=data, text=text, next=[again, "groundplan status --live"])


def deployment(platform: Platform, resolved: Resolved, name: str, environment: str | None) -> BatchDeployment:
    """What works at a batch endpoint, without an environment in the furthest one. Raises NotFoundError."""
    batches = _batches(platform)
    if environment is not None:
        return batches.deployment(name, environment)
    for known in reversed(resolved.environment_names):
        try:
            return batches.deployment(name, known)
        except NotFoundError:
            continue
    raise NotFoundError(f"endpoint {name!r} is not deployed in any environment", hint=f"groundplan deploy {name}")


def predict(session: Session, platform: Platform, deployment: BatchDeployment, rows: Rows) -> Mapping[str, Any]:
    """What a job predicts, in the words in which an endpoint answers requests."""
    found = _batches(platform).predict(
        deployment, rows.rows, who=locks.user(), told=lambda text: session.output.message(text, "dim")
    )
    return {
        "predictions": list(found),
        "model": {"name": deployment.served.name, "version": deployment.served.version},
    }


def row_schema(platform: Platform, deployment: BatchDeployment) -> Mapping[str, object]:
    """The JSON schema of one row, as the model's own signature says it."""
    return _batches(platform).row_schema(deployment)


def _batches(platform: Platform) -> Batches:
    assert platform.batches is not None  # noqa: S101 asked by works
    return platform.batches
