"""Judges the last window of an endpoint, or of each that is deployed: what is found is kept, written and told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ...core import clock, files
from ...core.errors import CancelledError, GroundplanError, NotFoundError
from ...core.exit_codes import ExitCode
from ..output import Output, problem_data
from ..result import Result
from ..session import Session
from . import notifying, shown
from .watched import Watched, let_go, watched


def opened(session: Session, endpoint: str | None, environment: str | None, window: str | None) -> Watched:
    """The endpoint that is meant. Where nothing is deployed any more, the cloud's own monitors of it go.

    Raises as ``watched``; the NotFoundError names what could not be removed.
    """
    try:
        return watched(session, endpoint, environment, window)
    except NotFoundError as error:
        left = let_go(session, endpoint, environment)
        raise NotFoundError("; ".join([error.message, *left]), hint=error.problems[0].hint) from error


def judged(session: Session, one: Watched, *, html: Path | None, notify: bool) -> Result:
    """Judge the last window of an endpoint that has ended; ends with 7 when it alerts."""
    reports = one.looking.look(clock.now(), serving=one.serving)
    page = write_page(one, html)
    one.keep_metrics(shown.metrics(reports))
    warnings = notifying.tell(session, one, reports) if notify else []
    return shown.result(one, reports, page=page, warnings=warnings)


def every(session: Session, environment: str | None, window: str | None, *, notify: bool) -> Result:
    """The same of each endpoint of the config that is deployed, one after the other; none hides what others found."""
    config = session.config(environment)
    platform = session.platform(config)
    results: list[Result] = []
    errors: list[GroundplanError] = []
    left: list[str] = []
    for name in config.config.endpoints:
        try:
            one = watched(session, name, environment, window, platform=platform)
            results.append(judged(session, one, html=None, notify=notify))
        except NotFoundError:  # it is not deployed yet, or no longer
            left += let_go(session, name, environment, platform=platform)
        except CancelledError:
            raise
        except GroundplanError as error:
            errors.append(error)
    return _together(results, errors, left)


def write_page(one: Watched, html: Path | None) -> Path:
    """Write what is known of an endpoint as a page, and say where."""
    from ..reports.monitoring import page

    path = html or one.page()
    files.write_text(path, page.render(one.plan, one.store.reports(one.plan.endpoint, one.plan.environment)))
    return path


def _together(results: Sequence[Result], errors: Sequence[GroundplanError], left: Sequence[str]) -> Result:
    def text(output: Output) -> None:
        for one in results:
            one.text(output)
        if not results and not errors:
            output.line("no endpoint is deployed")
        for error in errors:
            output.error(error, command="")

    alerting = any(one.exit_code is ExitCode.CHANGES_PRESENT for one in results)
    code = ExitCode.CHANGES_PRESENT if alerting else ExitCode.DONE
    return Result(
        data={"endpoints": [dict(one.data) for one in results]},
        text=text,
        next=list(dict.fromkeys(line for one in results for line in one.next)),
        warnings=[*(line for one in results for line in one.warnings), *left],
        exit_code=errors[0].exit_code if errors else code,
        errors=[problem_data(error.code, problem) for error in errors for problem in error.problems],
    )
