"""Show what is the same, nearly the same, or not there on each platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ...core.errors import NotFoundError
from ...core.suggestions import did_you_mean
from ..command import command as make_command
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...stacks.support import Row

SECTION = "infrastructure"


@make_command(
    "portability",
    examples="""groundplan portability azureml vertex
    groundplan portability vertex --lost
    groundplan portability --format json""",
)
@click.argument("platforms", nargs=-1, metavar="[PLATFORM]...")
@click.option("--lost", is_flag=True, help="Only what is not the same on one of them.  [default: off]")
def command(session: Session, platforms: tuple[str, ...], lost: bool) -> Result:
    """Show what is the same, nearly the same, or not there on each platform, and why.

    Verbs and their parts are held against the laptop; capabilities are what up makes. PLATFORM is local, azureml or
    vertex; without it both clouds are shown. A config that asks for something that a platform would leave out is
    refused when it is read.
    """
    from ...stacks import support

    wanted = tuple(dict.fromkeys(platforms)) or support.PLATFORMS[1:]
    for one in wanted:
        if one not in support.PLATFORMS:
            raise NotFoundError(f"there is no platform {one!r}", hint=did_you_mean(one, support.PLATFORMS))
    rows = [row for row in support.table(wanted) if not lost or row.differs]

    def text(output: Output) -> None:
        output.table(["", *wanted], [[row.part, *(row.support[one].level for one in wanted)] for row in rows])
        for one in wanted:
            _write_reasons(output, one, rows)

    data = {
        "platforms": list(wanted),
        "parts": [
            {
                "part": row.part,
                "kind": row.kind,
                "support": {one: {"level": found.level, "reason": found.reason} for one, found in row.support.items()},
            }
            for row in rows
        ],
    }
    return Result(data=data, text=text, next=["groundplan config validate"])


def _write_reasons(output: Output, platform: str, rows: list[Row]) -> None:
    reasons = [(row.part, row.support[platform].reason) for row in rows if row.support[platform].level != "same"]
    if reasons:
        output.line()
        output.line(platform, "bold")
        output.table(["", "why"], [[part, reason] for part, reason in reasons])
