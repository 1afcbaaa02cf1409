"""What every registry of groundplan decides alike: who follows whom in a stage, and which lines a change leaves."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ..core import clock
from ..core.errors import NotFoundError, PolicyError
from .contract.model import Action, AuditEntry, ModelVersion, Override


def label(version: ModelVersion) -> str:
    """The version as people name it."""
    return f"{version.name} v{version.version}"


def found(known: Sequence[ModelVersion], name: str, number: int) -> ModelVersion:
    """The version with this number among those of a model. Raises NotFoundError that names the others."""
    for version in known:
        if version.version == number:
            return version
    numbers = ", ".join(f"v{version.version}" for version in known)
    raise NotFoundError(
        f"{name} has no version {number}" if known else f"no version of {name} is registered",
        hint=f"Known: {numbers}." if known else "groundplan run registers one when it passes its gate.",
    )


def demand_as_read(current: ModelVersion, read: ModelVersion) -> None:
    """Raises PolicyError when the version was moved or rejected since it was read."""
    if (current.stage, current.status) != (read.stage, read.status):
        raise PolicyError(
            f"{label(current)} was changed meanwhile: it is {current.status} in {current.stage or 'no stage'}",
            hint=f"Look at it: groundplan models show {current.name} {current.version}",
        )


def previous(
    versions: Sequence[ModelVersion], entries: Sequence[AuditEntry], name: str, environment: str, to: int | None
) -> ModelVersion:
    """The version that a rollback of this stage puts back, ``to`` or the last one. Raises NotFoundError."""
    known = {version.version: version for version in versions}
    for number in reversed(displaced(entries, name, environment)):
        version = known.get(number)
        if version is not None and to in (None, number) and version.stage is None and version.status == "retired":
            return version
    raise NotFoundError(
        f"{name} has no version{'' if to is None else f' {to}'} to go back to in {environment}",
        hint=f"groundplan models list {name} shows what there is.",
    )


def displaced(entries: Sequence[AuditEntry], model: str, environment: str) -> list[int]:
    """The versions that later ones displaced from a stage, oldest first; what a rollback took out is not among them."""
    stack: list[int] = []
    for one in entries:
        if (one.model, one.environment) != (model, environment):
            continue
        retired = one.details.get("retired")
        if one.action == "promote" and isinstance(retired, int):
            stack.append(retired)
        elif one.action == "rollback" and "retired" in one.details and one.version in stack:
            del stack[len(stack) - 1 - stack[::-1].index(one.version) :]
    return stack


def new_entry(action: Action, model: str, version: int | None, *, who: str, environment: str | None = None,
              reason: str = "", details: Mapping[str, Any] | None = None) -> AuditEntry:  # fmt: skip
    """An entry of now; the log gives it its number."""
    return AuditEntry(sequence=0, when=clock.to_text(clock.now()), who=who, action=action, model=model,
                      version=version, environment=environment, reason=reason, details=details or {})  # fmt: skip


def transaction_of(details: Mapping[str, object]) -> str:
    """The same for the same step of a rollout, and for what names one: two commands may finish it at the same time."""
    if "rollout" in details and "transition" in details:
        return f"{details['rollout']}-{details['transition']}"
    return str(details.get("transaction") or secrets.token_hex(8))


def overriding(of: AuditEntry, override: Override | None) -> list[AuditEntry]:
    """The line that an override leaves beside that of its change."""
    if override is None:
        return []
    details = {"failures": list(override.failures), "requested_by": of.who}
    return [
        new_entry("override", of.model, of.version, who=override.person, environment=override.environment,
                  reason=override.reason, details=details)
    ]  # fmt: skip


def promotion_details(
    current: ModelVersion, retired: ModelVersion | None, *, evidence: str, approved_by: Sequence[str]
) -> dict[str, Any]:
    """What the line of a promotion holds besides who, where and why; a later rollback goes by it."""
    return {
        "from": current.stage,
        "retired": None if retired is None else retired.version,
        "evidence": evidence,
        "approved_by": list(approved_by),
    }
