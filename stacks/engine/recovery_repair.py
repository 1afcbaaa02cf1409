"""Mends a stack: locks of dead processes, then operations whose end nobody saw, then a refresh from the cloud.

A create that was interrupted may have made its resource. Where the resource's id can be worked out, the state is given
the resource under that id; the refresh then reads the cloud, which fills it in or, where there is none, drops it again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from ...core.errors import GroundplanError, LockedError
from ...modules.azureml.catalogue import ids as azure_ids
from ...modules.vertex.catalogue import ids as google_ids
from .operations import Driver
from .recovery_export import Export, exported
from .recovery_files import StateFiles, state_files
from .recovery_journal import Journal, Suspect
from .recovery_locks import Lock, locks_of, release
from .recovery_state import has_damaged_attributes
from .steps import Outcome, Step, name_of

Fate = Literal["adopted", "not there", "unknown", "settled"]

_CREATING = frozenset({"creating", "importing"})
_UNANSWERED = re.compile(
    r"error reading from server|EOF|transport is closing|connection (?:refused|reset)|interrupted|[Cc]ancel"
    r"|(?:Status=|Error )5\d\d\b|InternalServerError|ServiceUnavailable|GatewayTimeout|backendError"
    r"|context deadline exceeded|timeout while waiting for state"
)
"""The plugin died, or the cloud broke off: it may have done what it was asked all the same."""
_AZURE_PROVIDER = "pulumi:providers:azure-native"


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """An operation whose end nobody saw: on what, under which id it would be, and what became of it.

    ``unknown``: no id can be worked out, so it may exist and has to be looked for by name.
    """

    doing: str
    urn: str
    type: str
    id: str
    fate: Fate = "settled"

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return name_of(self.urn)


@dataclass(frozen=True, kw_only=True)
class Repair:
    """What was mended, and the refresh at its end; ``rescue`` is the state as it was before."""

    locks: tuple[Lock, ...]
    unfinished: tuple[Unfinished, ...]
    refreshed: Outcome | None = None
    rescue: Path | None = None


def examine(driver: Driver, stack: str) -> Repair:
    """What ``repair`` would mend; changes nothing."""
    files = state_files(driver.project, stack)
    locks = locks_of(files) if files else ()
    return Repair(locks=locks, unfinished=_unfinished(exported(driver, stack)))


def repair(driver: Driver, stack: str, *, confirmed: bool) -> Repair:
    """Mend the stack. ``confirmed`` takes also locks whose process cannot be seen from here.

    Raises LockedError for a lock that has to stay, and whatever the engine refuses.
    """
    files = state_files(driver.project, stack)
    released = unlock(driver, stack, confirmed=confirmed) if files or confirmed else ()
    if files:
        drop_damaged_attributes(files)
    export = exported(driver, stack)
    unfinished = _unfinished(export)
    rescue = _mend(driver, export, unfinished) if unfinished else None
    refreshed = driver.refresh(stack)
    if refreshed.error is not None:
        raise refreshed.error
    export.journal.clear_suspects(stack)
    gone = {step.urn for step in refreshed.steps if step.change == "delete"}
    return Repair(
        locks=released,
        unfinished=tuple(_with_fate(one, gone) for one in unfinished),
        refreshed=refreshed,
        rescue=rescue,
    )


def drop_damaged_attributes(files: StateFiles) -> None:
    """Take away what the engine could not finish beside the state, without which it reads the state again."""
    if has_damaged_attributes(files):
        files.attributes.unlink()


def unlock(driver: Driver, stack: str, *, confirmed: bool) -> tuple[Lock, ...]:
    """Take away the locks of dead processes of this machine; with ``confirmed`` all whose process is not seen to run.

    A backend elsewhere shows its locks to nobody; the engine takes them away. Raises LockedError for one that stays.
    """
    files = state_files(driver.project, stack)
    if files is not None:
        return release(locks_of(files), stack=stack, confirmed=confirmed)
    if not confirmed:
        raise LockedError(
            f"whether stack {stack} is being worked on cannot be told: its locks are in {driver.project.backend}",
            hint=f"Make sure that nobody does, then: groundplan unlock --environment {stack} --confirm",
        )
    driver.engine(stack, "cancel", "--yes")
    return ()


def note_unanswered(driver: Driver, outcome: Outcome) -> tuple[Suspect, ...]:
    """After a failed ``up``: remember creates that ended without an answer, or whose result the state does not hold."""
    try:
        state = driver.state(outcome.stack)
    except GroundplanError:
        state = None
    known = {one.urn for one in state.resources} | {one.urn for one in state.pending} if state else set[str]()
    suspects = tuple(
        Suspect(urn=step.urn, type=step.type, inputs=_plain(step.inputs), id=step.id)
        for step in outcome.steps
        if step.change == "create" and not step.is_bookkeeping and step.urn not in known and _may_exist(step)
    )
    if suspects:
        Journal(project=driver.project).note_suspects(outcome.stack, suspects)
    return suspects


def _may_exist(step: Step) -> bool:
    return step.status == "done" or (step.status == "failed" and bool(_UNANSWERED.search(step.error)))


def _plain(inputs: Mapping[str, object]) -> dict[str, str]:
    return {name: value for name, value in inputs.items() if isinstance(value, str) and value != "[secret]"}


def _unfinished(export: Export) -> tuple[Unfinished, ...]:
    known = {one["urn"] for one in export.resources if not one.get("pendingReplacement")}
    pending = [_of_operation(export, one["type"], one["resource"], known) for one in export.pending]
    suspects = [
        Unfinished(doing="creating", urn=one.urn, type=one.type, id=one.id or _id(export, one.type, one.inputs))
        for one in export.journal.suspects(export.stack)
        if one.urn not in known
    ]
    return tuple({one.urn: one for one in (*suspects, *pending)}.values())


def _of_operation(export: Export, doing: str, resource: Mapping[str, Any], known: set[str]) -> Unfinished:
    """A create of what the state has already is a replacement: under which id cannot be told apart."""
    urn, token = str(resource["urn"]), str(resource["type"])
    id = "" if urn in known else _id(export, token, resource.get("inputs") or {})
    return Unfinished(doing=doing, urn=urn, type=token, id=id)


def _id(export: Export, token: str, inputs: Mapping[str, object]) -> str:
    """The id under which the resource would be; empty when it cannot be worked out."""
    if token.startswith("azure-native:"):
        return azure_ids.resource_id(token, inputs, _account(export, _AZURE_PROVIDER, "subscriptionId"))
    return google_ids.resource_id(token, inputs, _account(export, "pulumi:providers:gcp", "project"))


def _account(export: Export, provider: str, name: str) -> str:
    for one in export.resources:
        settings = cast("Mapping[str, object]", one.get("inputs") or {})
        if one["type"] == provider and settings.get(name):
            return str(settings[name])
    return ""


def _mend(driver: Driver, export: Export, unfinished: tuple[Unfinished, ...]) -> Path:
    rescue = export.write("rescue")
    pending: dict[str, dict[str, Any]] = {one["resource"]["urn"]: one["resource"] for one in export.pending}
    for one in unfinished:
        if one.doing in _CREATING and one.id:
            bare: dict[str, Any] = {"urn": one.urn, "type": one.type, "inputs": {}}
            entry = pending.get(one.urn, bare)
            provider = entry.get("provider") or export.provider(one.type)
            export.drop_half_replaced(one.urn)
            export.resources.append({**entry, "custom": True, "id": one.id, "outputs": {}, "provider": provider})
    export.deployment.pop("pending_operations", None)
    changed = export.write("repaired")
    try:
        driver.engine(export.stack, "stack", "import", "--file", str(changed))
    finally:
        changed.unlink()
    return rescue


def _with_fate(one: Unfinished, gone: set[str]) -> Unfinished:
    fate: Fate = "settled"
    if one.doing in _CREATING:
        fate = "unknown" if not one.id else "not there" if one.urn in gone else "adopted"
    return Unfinished(doing=one.doing, urn=one.urn, type=one.type, id=one.id, fate=fate)
