"""After an interruption: what happened to a stack, said before the next operation, and the command that mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ...core.errors import GroundplanError, LockedError, Problem
from .recovery_files import StateFiles, state_files
from .recovery_journal import Journal
from .recovery_locks import Lock, locks_of
from .recovery_state import Damage, StateDamagedError, copies, damage_of, has_damaged_attributes
from .state import StackState
from .steps import name_of
from .workspace import Project

Kind = Literal["lock", "damaged", "missing", "attributes", "pending", "suspect"]


class InterruptedStackError(GroundplanError):
    """An earlier operation on the stack did not end, and has to be mended first."""

    code = "INTERRUPTED"


@dataclass(frozen=True, kw_only=True)
class Interruption:
    """One thing that an earlier operation left behind; ``hint`` is the command that mends it.

    ``reads`` says that not even a preview can work before.
    """

    kind: Kind
    message: str
    where: str
    hint: str
    reads: bool = False
    damage: Damage | None = None


def interruptions(project: Project, stack: str, state: StackState | None = None) -> tuple[Interruption, ...]:
    """What earlier operations left behind in a stack, in the order in which it is mended.

    Locks and damage are seen where the state is a folder of this machine. ``state`` is what the engine reads;
    without it pending operations are not looked for.
    """
    files = state_files(project, stack)
    found = [*_of_files(files, Journal(project=project))] if files else []
    return (*found, *_pending(stack, state), *_suspects(project, stack))


def refuse_interrupted(project: Project, stack: str, state: StackState | None = None, *, reading: bool = False) -> None:
    """Raise what keeps an operation from being safe; with ``reading`` only what keeps a preview from being true.

    Raises LockedError, StateDamagedError or InterruptedStackError, each with the command that mends it.
    """
    stopping = [one for one in interruptions(project, stack, state) if one.reads or not reading]
    if not stopping:
        return
    first = stopping[0]
    if first.damage is not None:
        raise StateDamagedError(first.message, damage=first.damage, where=first.where, hint=first.hint)
    problems = [Problem(message=one.message, where=one.where, hint=one.hint) for one in stopping]
    error = LockedError if first.kind == "lock" else InterruptedStackError
    raise error(first.message, where=first.where, hint=first.hint, problems=problems)


def _of_files(files: StateFiles, journal: Journal) -> Iterator[Interruption]:
    for lock in locks_of(files):
        if lock.owner != "running":
            yield _of_lock(lock, files.stack)
    damage = damage_of(files.state.read_bytes()) if files.state.is_file() else None
    if damage is not None:
        yield _of_damage(damage, files)
    elif not files.state.is_file():
        yield from _missing(files, journal)
    elif has_damaged_attributes(files):
        yield Interruption(
            kind="attributes",
            message=f"the engine was killed while it saved the state of stack {files.stack}",
            where=str(files.attributes),
            hint=f"groundplan repair --environment {files.stack}",
            reads=True,
        )


def _of_lock(lock: Lock, stack: str) -> Interruption:
    confirm = "" if lock.owner == "dead" else " --confirm"
    return Interruption(
        kind="lock",
        message=f"an operation on stack {stack} did not end and left its lock: {lock}",
        where=str(lock.path),
        hint=f"groundplan repair --environment {stack}{confirm}",
    )


def _of_damage(damage: Damage, files: StateFiles) -> Interruption:
    if damage.code == "STATE_NEWER":
        hint = "groundplan engine install brings a newer engine; the state itself is whole."
    else:
        hint = _restore_hint(files)
    return Interruption(
        kind="damaged",
        message=f"the state of stack {files.stack} cannot be used: {damage.reason}",
        where=str(files.state),
        hint=hint,
        reads=True,
        damage=damage,
    )


def _missing(files: StateFiles, journal: Journal) -> Iterator[Interruption]:
    deployed = journal.deployed(files.stack)
    if deployed is not None:
        reason = f"the file is gone, but {deployed.resources} resources were deployed from here on {deployed.at}"
        yield Interruption(
            kind="missing",
            message=f"the state of stack {files.stack} is missing: {reason}; a new 'up' would create all of them again",
            where=str(files.state),
            hint=_restore_hint(files),
            reads=True,
            damage=Damage(code="STATE_MISSING", reason=reason),
        )


def _restore_hint(files: StateFiles) -> str:
    found = copies(files)
    command = f"groundplan state restore --environment {files.stack}"
    if not found:
        return f"No copy is beside it: put a backup of {files.state} back."
    return f"{command} (newest copy: {found[0].path.name}, saved {found[0].saved}, {len(found[0].urns)} resources)"


def _pending(stack: str, state: StackState | None) -> Iterator[Interruption]:
    for one in state.pending if state else ():
        yield Interruption(
            kind="pending",
            message=f"{one.doing} {name_of(one.urn)} in stack {stack} was interrupted; nobody saw how it ended",
            where=one.urn,
            hint=f"groundplan repair --environment {stack}",
        )


def _suspects(project: Project, stack: str) -> Iterator[Interruption]:
    for one in Journal(project=project).suspects(stack):
        yield Interruption(
            kind="suspect",
            message=f"creating {name_of(one.urn)} in stack {stack} ended without an answer; it may exist unseen",
            where=one.urn,
            hint=f"groundplan repair --environment {stack}",
        )
