"""Mend a stack after an update was interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from ..command import command as make_command
from ..options import environments_option
from ..output import Output
from ..provisioning.cloud import limit_options
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...stacks.engine.recovery_locks import Lock
    from ...stacks.engine.recovery_repair import Fate, Repair, Unfinished

SECTION = "infrastructure"

_FATES: Mapping[Fate, str] = {
    "adopted": "it exists and stands in the state now",
    "not there": "it does not exist; the next up makes it",
    "settled": "the state now has what the cloud has",
    "unknown": "it may exist: look for it in the console by its name, and delete it there before the next up",
}


@make_command(
    "repair",
    examples="""
    groundplan repair
    groundplan repair --dry-run
    groundplan repair --environment prod --confirm
    """,
)
@environments_option("Repair this stack; may be repeated.  [default: shared and the first environment]")
@click.option("--confirm", is_flag=True, envvar="GROUNDPLAN_CONFIRM",
              help="Take away locks whose process cannot be seen from here.  [default: off]")  # fmt: skip
@click.option("--dry-run", is_flag=True, envvar="GROUNDPLAN_DRY_RUN", help="Only say what is broken.  [default: off]")
@limit_options
def command(
    session: Session, environments: tuple[str, ...], confirm: bool, dry_run: bool,
    timeout: float | None, lock_timeout: float,
) -> Result:  # fmt: skip
    """Take away dead locks, find out how interrupted operations ended, and refresh the state from the cloud.

    A create that was interrupted is looked for by the id that its resource would have: it comes into the state where
    it exists. Changes no resource.
    """
    from ...stacks.engine import recovery, recovery_files, recovery_repair
    from ..provisioning import cloud

    opened = cloud.open_cloud(session, timeout=timeout, lock_timeout=lock_timeout)
    done: dict[str, Repair] = {}
    for stack in opened.choose(environments):
        files = recovery_files.state_files(opened.driver.project, stack)
        if files is not None and not dry_run:
            recovery_repair.drop_damaged_attributes(files)
        recovery.refuse_interrupted(opened.driver.project, stack, reading=True)
        if opened.driver.state(stack) is None:
            continue
        if dry_run:
            done[stack] = recovery_repair.examine(opened.driver, stack)
        else:
            done[stack] = recovery_repair.repair(opened.driver, stack, confirmed=confirm)
    broken = any(one.locks or one.unfinished for one in done.values())
    return Result(
        data={"project": opened.project, "repaired": not dry_run, "stacks": [_data(*one) for one in done.items()]},
        text=lambda output: _write(output, done, dry_run=dry_run),
        warnings=opened.warnings,
        next=(["groundplan repair"] if broken else []) if dry_run else ["groundplan preview"],
    )


def _write(output: Output, done: Mapping[str, Repair], *, dry_run: bool) -> None:
    for stack, one in done.items():
        for lock in one.locks:
            output.line(f"{stack}: {'the lock' if dry_run else 'took away the lock'} of {lock}")
        for unfinished in one.unfinished:
            output.line(f"{stack}: {_line(unfinished, dry_run=dry_run)}")
        if one.rescue is not None:
            output.line(f"{stack}: the state as it was before: {one.rescue}", "dim")
        if one.refreshed is not None:
            output.line(
                f"{stack}: {len(one.refreshed.changes)} resources differed from the cloud; the state follows it"
            )
        if not one.locks and not one.unfinished:
            output.line(f"{stack}: nothing was left half-done")
    if not done:
        output.line("nothing was provisioned, so nothing is to repair")


def _line(one: Unfinished, *, dry_run: bool) -> str:
    what = f"{one.doing} {one.name} ({one.type}) was interrupted"
    return what if dry_run else f"{what}: {_FATES[one.fate]}"


def _data(stack: str, one: Repair) -> dict[str, object]:
    return {
        "stack": stack,
        "locks": [_lock(lock) for lock in one.locks],
        "unfinished": [
            {"doing": each.doing, "urn": each.urn, "type": each.type, "id": each.id, "fate": each.fate}
            for each in one.unfinished
        ],
        "differed": len(one.refreshed.changes) if one.refreshed else 0,
        "rescue": str(one.rescue) if one.rescue else None,
    }


def _lock(one: Lock) -> dict[str, object]:
    return {"user": one.user, "host": one.host, "pid": one.pid, "since": one.since, "owner": one.owner}
