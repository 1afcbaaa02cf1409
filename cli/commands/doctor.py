"""Say what is there, what is missing, and what to type."""

from __future__ import annotations

import re
from collections.abc import Sequence

import click

from ...core.exit_codes import ExitCode
from ..command import command as make_command
from ..completing import stacks
from ..diagnosis import asked, catalogue
from ..diagnosis.asked import Named
from ..diagnosis.diagnosis import Diagnosis, Situation, State, situation
from ..options import environment_option
from ..output import Output, Style
from ..result import Result
from ..session import Session

SECTION = "start"

_STYLES: dict[State, Style] = {"ok": "good", "warn": "warn", "bad": "bad", "unknown": "dim"}
_CODE = re.compile(r"[.-]")
_LONGEST_STATE = max(len(state) for state in _STYLES)


class _CheckId(click.Choice[str]):
    """The id of a check, or of a part of one that has parts, such as an endpoint."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """As click, for the check that has the part."""
        if value.startswith(f"{asked.PARTS}."):
            return value
        return super().convert(value, param, ctx)


@make_command(
    "doctor",
    examples="""
    groundplan doctor
    groundplan doctor --environment prod
    groundplan doctor -e dev --skip cloud.quota --skip uv
    groundplan doctor --format json
    """,
)
@environment_option("Ask the cloud about this environment too, or about 'shared'.  [default: no cloud is asked]",
                    complete=stacks)  # fmt: skip
@click.option(
    "--skip",
    multiple=True,
    type=_CheckId((*catalogue.ids(), *asked.IDS)),
    metavar="ID",
    envvar="GROUNDPLAN_DOCTOR_SKIP",
    help="Leave this check out; may be repeated.  [default: none]",
)
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), default=20.0, metavar="SECONDS",
    help="How long the cloud may take to answer; all checks ask at once.  [default: 20]",
)  # fmt: skip
def command(session: Session, environment: str | None, skip: tuple[str, ...], timeout: float) -> Result:
    """Look at this machine and this project: each line is a check, its state, what was found, and a fix.

    Works outside a project and with a broken config too. Changes nothing and prints no secret. With an environment the
    cloud is asked too: who is signed in, the subscription or project, its services, what you may do against what up
    and the work on models need, quota against the plan, and whether this machine reaches the endpoints. What nobody
    could say is unknown, and does not count as wrong.
    """
    where = situation(session, environment)
    mine = [(check, catalogue.run(check, where)) for check in catalogue.find({*skip, *asked.answered_better(where)})]
    answers = [*mine, *asked.answers(where, environment, skip, timeout)]
    bad = [(check, answer) for check, answer in answers if answer.state == "bad"]
    return Result(
        data={
            "project": None if where.root is None else str(where.root),
            "environment": environment,
            "checks": [_data(check, answer) for check, answer in answers],
        },
        text=lambda output: _write(output, answers),
        exit_code=ExitCode.ERROR if bad else ExitCode.DONE,
        errors=[_error(check, answer) for check, answer in bad],
        next=_next(where, environment, bool(bad)),
    )


def _next(where: Situation, environment: str | None, any_bad: bool) -> list[str]:
    of = "" if environment is None else f" -e {environment}"
    if any_bad:
        return [f"groundplan doctor{of}"]
    if where.root is None:
        return ["groundplan new NAME"]
    return [f"groundplan up{of}"] if where.stacks is not None and where.platform != "local" else ["groundplan status"]


def _write(output: Output, answers: Sequence[tuple[Named, Diagnosis]]) -> None:
    width = max((len(check.id) for check, _ in answers), default=0)
    for check, answer in answers:
        needed = f"  (needed: {answer.needed})" if answer.needed and answer.state != "ok" else ""
        state = output.styled(f"{answer.state:<{_LONGEST_STATE}}", _STYLES[answer.state])
        output.line(f"{state}  {check.id:<{width}}  {answer.found}{needed}")
        if answer.fix and answer.state != "ok":
            output.line(f"{'':{_LONGEST_STATE}}  {'':{width}}  fix: {answer.fix}")
        for one in answer.evidence if output.verbosity > 0 else ():
            output.line(f"{'':{_LONGEST_STATE}}  {'':{width}}  {one}", "dim")


def _data(check: Named, answer: Diagnosis) -> dict[str, object]:
    return {
        "id": check.id,
        "title": check.title,
        "state": answer.state,
        "found": answer.found,
        "needed": answer.needed,
        "fix": answer.fix,
        "evidence": list(answer.evidence),
    }


def _error(check: Named, answer: Diagnosis) -> dict[str, object]:
    code = _CODE.sub("_", check.id).upper()
    return {
        "code": f"DOCTOR_{code}", "message": answer.found, "where": "", "file": None, "line": None,
        "column": None, "hint": answer.fix,
    }  # fmt: skip
