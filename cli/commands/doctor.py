"""Say what is there, what is missing, and what to type."""

from __future__ import annotations

import click

from ...core.exit_codes import ExitCode
from ..command import command as make_command
from ..diagnosis import catalogue
from ..diagnosis.catalogue import Check
from ..diagnosis.diagnosis import Diagnosis, State, situation
from ..output import Output, Style
from ..result import Result
from ..session import Session

SECTION = "start"

_STYLES: dict[State, Style] = {"ok": "good", "warn": "warn", "bad": "bad", "unknown": "dim"}
_LONGEST_STATE = max(len(state) for state in _STYLES)


@make_command(
    "doctor",
    examples="""
    groundplan doctor
    groundplan doctor --skip uv --skip engine
    groundplan doctor --format json
    """,
)
@click.option(
    "--skip",
    multiple=True,
    type=click.Choice(catalogue.ids()),
    metavar="ID",
    envvar="GROUNDPLAN_DOCTOR_SKIP",
    help="Leave this check out; may be repeated.  [default: none]",
)
def command(session: Session, skip: tuple[str, ...]) -> Result:
    """Look at this machine and this project: each line is a check, its state, what was found, and a fix.

    Works outside a project and with a broken config too. Changes nothing, asks no network, prints no secret.
    """
    where = situation(session)
    answers = [(check, catalogue.run(check, where)) for check in catalogue.find(skip)]
    bad = [(check, answer) for check, answer in answers if answer.state == "bad"]
    return Result(
        data={
            "project": None if where.root is None else str(where.root),
            "checks": [_data(check, answer) for check, answer in answers],
        },
        text=lambda output: _write(output, answers),
        exit_code=ExitCode.ERROR if bad else ExitCode.DONE,
        errors=[_error(check, answer) for check, answer in bad],
        next=_next(where.root is not None, bool(bad)),
    )


def _next(in_project: bool, any_bad: bool) -> list[str]:
    if any_bad:
        return ["groundplan doctor"]
    return ["groundplan status"] if in_project else ["groundplan new NAME"]


def _write(output: Output, answers: list[tuple[Check, Diagnosis]]) -> None:
    width = max((len(check.id) for check, _ in answers), default=0)
    for check, answer in answers:
        needed = f"  (needed: {answer.needed})" if answer.needed and answer.state != "ok" else ""
        state = output.styled(f"{answer.state:<{_LONGEST_STATE}}", _STYLES[answer.state])
        output.line(f"{state}  {check.id:<{width}}  {answer.found}{needed}")
        if answer.fix and answer.state != "ok":
            output.line(f"{'':{_LONGEST_STATE}}  {'':{width}}  fix: {answer.fix}")


def _data(check: Check, answer: Diagnosis) -> dict[str, object]:
    return {
        "id": check.id,
        "title": check.title,
        "state": answer.state,
        "found": answer.found,
        "needed": answer.needed,
        "fix": answer.fix,
    }


def _error(check: Check, answer: Diagnosis) -> dict[str, object]:
    return {
        "code": f"DOCTOR_{check.id.upper()}", "message": answer.found, "where": "", "file": None, "line": None,
        "column": None, "hint": answer.fix,
    }  # fmt: skip
