"""What the registry knows of model versions, as the rules read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, cast

from ...core.layout import Layout
from ...policies.config import Action, ActionKind
from ...stacks.config.resolved import Resolved
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.model import AuditEntry, ModelVersion
    from ...lifecycle.contract.platform import Platform


def known(session: Session, configs: Mapping[str, Resolved]) -> dict[str, dict[str, dict[str, object]]]:
    """By environment and model, what the project's registry knows; empty where there is no registry to ask."""
    first = next(iter(configs.values()), None)
    if first is None or first.config.platform != "local" or not Layout(first.root).tracking_database.exists():
        return {}
    platform = session.platform(first)
    return {name: of_environment(config, platform) for name, config in configs.items()}


def of_environment(config: Resolved, platform: Platform) -> dict[str, dict[str, object]]:
    """By model, what is known of the version in the environment's stage."""
    versions, entries = platform.models.list(), platform.models.audit_log()
    stage = config.environment
    return {one.name: facts(one, stage, entries, platform.models.card(one)) for one in versions if one.stage == stage}


def action(
    kind: ActionKind,
    platform: Platform,
    version: ModelVersion,
    config: Resolved,
    *,
    actor: str,
    approvals: Sequence[str] = (),
    overridden: bool = False,
) -> Action:
    """What somebody is about to do to a version in the config's environment.

    ``approvals`` are given now, besides those on record.
    """
    environment, entries = config.environment, platform.models.audit_log()
    known = facts(version, environment, entries, platform.models.card(version))
    there = [one for one in platform.models.list(version.name) if one.stage == environment]
    replaced = [one for one in there if one.version != version.version]
    return Action(
        kind=kind,
        model=version.name,
        version=str(version.version),
        environment=environment,
        digest=version.digest,
        created=version.created,
        actor=actor,
        author=str(known["author"]),
        approvals=tuple(dict.fromkeys([*_approvals(version, environment, entries), *approvals])),
        replaces=str(replaced[0].version) if replaced else "",
        evidence=None if version.evidence is None else asdict(version.evidence),
        verdict=_verdict(version, environment),
        lineage=asdict(version.lineage),
        card=_card(known),
        overridden=overridden or bool(known["overridden"]),
    )


def facts(
    version: ModelVersion, environment: str, entries: Sequence[AuditEntry], card: str | None
) -> dict[str, object]:
    """What ProjectConfig.evidence holds of one version; ``card`` is its card as it was kept last."""
    return {
        "version": str(version.version),
        "digest": version.digest,
        "created": version.created,
        "evidence": None if version.evidence is None else asdict(version.evidence),
        "verdict": _verdict(version, environment),
        "lineage": asdict(version.lineage),
        "card": None if card is None else {"text": card},
        "author": next((one.who for one in _own(version, entries) if one.action == "register"), ""),
        "approvals": _approvals(version, environment, entries),
        "replaces": _replaced(version, environment, entries),
        "overridden": any(one.environment == environment for one in version.overrides),
    }


def _own(version: ModelVersion, entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    return [one for one in entries if (one.model, one.version) == (version.name, version.version)]


def _verdict(version: ModelVersion, environment: str) -> dict[str, object] | None:
    found = version.verdict
    if found is None or found.environment != environment:
        return None
    return {"passed": found.passed, "failures": [check.name for check in found.failures]}


def _approvals(version: ModelVersion, environment: str, entries: Sequence[AuditEntry]) -> list[str]:
    promotions = [one for one in _own(version, entries) if one.action == "promote" and one.environment == environment]
    given = [cast("list[str]", one.details.get("approved_by") or []) for one in promotions]
    return list(dict.fromkeys(who for people in given for who in people))


def _replaced(version: ModelVersion, environment: str, entries: Sequence[AuditEntry]) -> str:
    """The version that the latest promotion of this one into the environment retired."""
    for one in reversed(_own(version, entries)):
        if one.environment == environment and one.details.get("retired") is not None:
            return str(one.details["retired"])
    return ""


def _card(known: Mapping[str, object]) -> dict[str, object] | None:
    return cast("dict[str, object] | None", known["card"])
