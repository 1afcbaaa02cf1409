"""Write what groundplan describes in the form of other tools."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..command import command as make_command
from ..command import group
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...stacks.exporting.project import PulumiProject

SECTION = "infrastructure"

command = group(
    "export",
    help="Write what groundplan describes in the form of other tools.",
    examples="""
    groundplan export pulumi
    groundplan export pulumi --out deploy
    """,
)


@make_command(
    "pulumi",
    parent=command,
    examples="""
    groundplan export pulumi
    groundplan export pulumi --out deploy --format json
    """,
)
@click.option("--out", metavar="DIR", envvar="GROUNDPLAN_OUT",
              help="Where to write it.  [default: infra, beside groundplan.yaml]")  # fmt: skip
def export_pulumi(session: Session, out: str | None) -> Result:
    """Write a plain Pulumi project that does what groundplan up does.

    What was generated before is replaced; a file of your own is never, nor what encrypts a stack's secrets.
    """
    from ...stacks.config.reading import read_stacks
    from ...stacks.exporting.project import FOLDER, files_of, project_of
    from ...stacks.exporting.writing import write

    configs = read_stacks(session.folder)
    root = next(iter(configs.values())).root
    folder = session.folder / out if out is not None else root / FOLDER
    project = project_of(configs, folder)
    written = write(folder, files_of(project))
    shown = _shown(folder)

    def text(output: Output) -> None:
        output.table(("file", ""), [(f"{shown}/{one.path}", one.outcome) for one in written])

    return Result(
        data={
            "folder": str(folder),
            "project": project.name,
            "platform": project.platform,
            "stacks": list(project.stacks),
            "files": [{"path": one.path, "outcome": one.outcome} for one in written],
        },
        text=text,
        warnings=[one.warning for one in written if one.warning],
        next=[
            *_passphrase(project),
            f"pulumi -C {shown} install",
            f"pulumi -C {shown} preview --stack {project.stacks[0]}",
        ],
    )


def _passphrase(project: PulumiProject) -> list[str]:
    """How bare pulumi learns the passphrase that groundplan keeps, where no key of a cloud takes its place."""
    from ...stacks.engine import passphrase

    own_keys = project.secrets_provider not in ("", "passphrase") or project.backend.startswith("http")
    return [] if own_keys else [f"export {passphrase.FILE_VARIABLE}={shlex.quote(str(passphrase.kept_at()))}"]


def _shown(folder: Path) -> str:
    """The folder as a person would type it from here."""
    return Path(os.path.relpath(folder)).as_posix()
