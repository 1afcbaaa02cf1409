"""Bring back a stack's state from one of its copies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core.errors import NotFoundError, UsageError
from ..command import command as make_command
from ..command import group
from ..completing import stacks
from ..options import environment_option
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...stacks.engine.recovery_files import StateFiles
    from ...stacks.engine.recovery_state import Copy, Restoration
    from ..provisioning.cloud import Cloud

SECTION = "infrastructure"

command = group(
    "state",
    help="Bring back a stack's state from one of its copies.",
    examples="groundplan state restore --environment dev",
)


@make_command(
    "restore",
    parent=command,
    examples="""
    groundplan state restore --environment dev
    groundplan state restore --environment dev --yes
    groundplan state restore --environment dev --from dev.json.bak --yes
    """,
)
@environment_option("The stack.  [default: the one whose state is damaged or missing]", complete=stacks)
@click.option("--from", "path", metavar="FILE", type=click.Path(path_type=Path),
              help="The copy to put back.  [default: the newest whole one that the engine kept]")  # fmt: skip
@click.option("-y", "--yes", is_flag=True, envvar="GROUNDPLAN_YES", help="Put it back without asking.  [default: ask]")
def restore(session: Session, environment: str | None, path: Path | None, yes: bool) -> Result:
    """Put the newest whole copy of a stack's state back, and say which resources that brings back or loses.

    Works where the state is a folder of this machine; other backends keep versions of their own. The state that was
    there is kept beside it. Without --yes, and where nobody can be asked, it only shows.
    """
    from ...stacks.engine import recovery_state
    from ..provisioning import cloud

    opened = cloud.open_cloud(session)
    files = _files(opened, environment)
    found = recovery_state.copy_at(path) if path else _newest(files)
    change = recovery_state.restoration(files, found)
    if not yes and session.interactive:
        stderr = Output(verbosity=session.output.verbosity)
        for line in _lines(change):
            stderr.message(line)
        yes = click.confirm(f"Put this copy back as the state of {files.stack}?", default=False, abort=True, err=True)
    aside = recovery_state.restore(files, found) if yes else None
    return _result(files, change, aside, done=yes)


def _files(opened: Cloud, environment: str | None) -> StateFiles:
    """The files of the stack asked for, else of the only one that needs it."""
    from ...stacks.engine.recovery import interruptions
    from ...stacks.engine.recovery_files import state_files

    project = opened.driver.project
    stacks = opened.choose([environment]) if environment else tuple(opened.configs)
    if not environment:
        stacks = tuple(one for one in stacks if any(each.reads for each in interruptions(project, one)))
        if len(stacks) != 1:
            names = ", ".join(stacks) or "none"
            raise UsageError(f"the state of {names} is damaged or missing", hint="Name the stack with --environment.")
    files = state_files(project, stacks[0])
    if files is None:
        raise UsageError(
            f"the state is in {project.backend}, which keeps versions of its own",
            hint="Bring back an older version there.",
        )
    return files


def _newest(files: StateFiles) -> Copy:
    from ...stacks.engine.recovery_state import copies

    found = copies(files)
    if not found:
        raise NotFoundError(
            f"the engine kept no whole copy of the state of {files.stack}",
            where=str(files.state),
            hint="Name a backup of your own with --from FILE.",
        )
    return found[0]


def _lines(change: Restoration) -> list[str]:
    copy = change.copy
    return [
        f"copy: {copy.path}",
        f"saved: {copy.saved or 'at an unknown time'}, {len(copy.urns)} resources",
        *(f"  + {urn}" for urn in change.back),
        *(f"  - {urn}" for urn in change.lost),
        f"  = {len(change.kept)} resources stand in both",
    ]


def _result(files: StateFiles, change: Restoration, aside: Path | None, *, done: bool) -> Result:
    def text(output: Output) -> None:
        for line in _lines(change):
            output.line(line)
        output.line(f"put back as {files.state}" if done else "nothing was changed")
        if aside is not None:
            output.line(f"the state that was there: {aside}", "dim")

    name = f"--environment {files.stack}"
    return Result(
        data={
            "stack": files.stack,
            "restored": done,
            "copy": str(change.copy.path),
            "saved": change.copy.saved,
            "back": list(change.back),
            "lost": list(change.lost),
            "kept": len(change.kept),
            "aside": str(aside) if aside else None,
        },
        text=text,
        next=[f"groundplan repair {name}"] if done else [f"groundplan state restore {name} --yes"],
    )
