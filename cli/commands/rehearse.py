"""Try the whole life of a model on a copy of the project, with faults on the way."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core import clock
from ...core.errors import GroundplanError
from ...core.exit_codes import ExitCode
from ..command import command as make_command
from ..output import Output, Style
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ..rehearsal.promises import Promise
    from ..rehearsal.report import Tried
    from ..rehearsal.stage import Stage

SECTION = "checks"

_STYLES: dict[str, Style] = {"kept": "good", "broken": "bad", "skipped": "dim"}


@make_command(
    "rehearse",
    examples="""groundplan rehearse
    groundplan rehearse --format junit > rehearsal.xml
    groundplan rehearse churn --format json""",
    formats={"junit": "a test for each promise, for CI systems"},
)
@click.argument("model", required=False)
def command(session: Session, model: str | None, *, format: str) -> Result:
    """Try the whole life of a model on a copy of the project, with faults on the way.

    The project's own config is run on this machine, below a temporary folder: train, gate, promote, serve, canary,
    drift, retrain, rollback, with a bad model, a burst of errors, killed processes and a full disk. Rollouts and
    windows last seconds there. Ends with 11 when a promise is broken. Nothing of the project is touched, and nothing is
    left behind; what one that was killed left, the next one takes away.
    """
    from ..rehearsal import leftovers
    from ..rehearsal.copying import copied
    from ..rehearsal.promises import ALL

    config = session.config()
    began = time.monotonic()
    for folder in leftovers.remove_all():
        session.output.message(f"stopped and removed what a rehearsal that was killed left in {folder}", "dim")
    with copied(config) as root, contextlib.chdir(root):
        quiet = replace(session, output=replace(session.output, verbosity=-1))
        tried = _rehearsed(session, quiet, root, model, ALL)
    return _result(tried, time.monotonic() - began, format)


def _rehearsed(
    session: Session, quiet: Session, root: Path, model: str | None, promises: Sequence[Promise]
) -> list[Tried]:  # fmt: skip
    from ..rehearsal.stage import Stage

    stage = Stage(session=quiet, root=root, model=model)
    tried: list[Tried] = []
    try:
        for promise in promises:
            gone = any(one.verdict == "broken" and needed.needed for one, needed in zip(tried, promises, strict=False))
            tried.append(_try(stage, promise, reached=not gone))
            last = tried[-1]
            session.output.message(f"{last.verdict:<8} {last.name}: {last.detail}", _STYLES[last.verdict])
    finally:
        for state in stage.platform.endpoints.states():
            settings = state.deployment.settings
            stage.platform.endpoints.undeploy(settings.name, settings.environment)
    return tried


def _try(stage: Stage, promise: Promise, *, reached: bool) -> Tried:
    from ..rehearsal.report import Tried
    from ..rehearsal.stage import SkippedError

    began = time.monotonic()

    def tried(verdict: str, detail: str) -> Tried:
        return Tried(
            name=promise.name,
            verdict="kept" if verdict == "kept" else "broken" if verdict == "broken" else "skipped",
            detail=detail,
            seconds=round(time.monotonic() - began, 3),
        )

    if not reached:
        return tried("skipped", "not reached: a promise before it is broken")
    try:
        return tried("kept", promise.keep(stage))
    except SkippedError as reason:
        return tried("skipped", str(reason))
    except GroundplanError as error:
        return tried("broken", error.message)
    except Exception as error:  # noqa: BLE001 what is not foreseen breaks a promise, and the others are tried all the same
        return tried("broken", f"a bug: {type(error).__name__}: {error}")


def _result(tried: Sequence[Tried], seconds: float, format: str) -> Result:
    from ..rehearsal.report import junit

    broken = [one for one in tried if one.verdict == "broken"]

    def text(output: Output) -> None:
        if format == "junit":
            output.line(junit(tried).rstrip())
            return
        output.table(("promise", "", "seen"), [(one.name, one.verdict, one.detail) for one in tried])
        kept = sum(one.verdict == "kept" for one in tried)
        verdict = f"{len(broken)} broken" if broken else "none broken"
        output.line(f"{kept} of {len(tried)} promises kept, {verdict}, in {clock.duration(seconds)}",
                    "bad" if broken else "good")  # fmt: skip

    errors = [
        {"code": "GATE_FAILED", "message": f"{one.name}: {one.detail}", "where": "", "file": None, "line": None,
         "column": None, "hint": "docs/retraining.md says what each promise is."}
        for one in broken
    ]  # fmt: skip
    return Result(
        data={"promises": [asdict(one) for one in tried], "broken": len(broken), "seconds": round(seconds, 3)},
        text=text,
        exit_code=ExitCode.GATE_FAILED if broken else ExitCode.DONE,
        errors=errors,
    )
