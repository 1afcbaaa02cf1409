"""Watch what endpoints are asked and answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core import clock, files
from ...core.errors import NotFoundError, UsageError
from ..command import command as make_command
from ..command import group
from ..options import environment_option
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.monitoring import MonitorReport
    from ..monitoring.watched import Watched

SECTION = "model"

command = group(
    "monitor",
    help="Watch what endpoints are asked and answer.",
    examples="""groundplan monitor run
    groundplan monitor status
    groundplan monitor backtest""",
)

_endpoint = click.argument("endpoint", required=False)
_environment = environment_option("The endpoint of this environment.  [default: the furthest that is deployed]")
_window = click.option(
    "--window", metavar="TIME", help="Look at windows of this length, such as 10m.  [default: monitoring.window]"
)
_html = click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                     help="Write the page here.  [default: below .groundplan/reports/]")  # fmt: skip


@make_command(
    "run",
    parent=command,
    examples="""groundplan monitor run
    groundplan monitor run churn -e production --window 1h
    groundplan monitor run --all -e production
    groundplan monitor run --no-notify --format json""",
)
@_endpoint
@click.option(
    "--all", "every", is_flag=True, help="Each endpoint that is deployed; none hides another.  [default: off]"
)
@_environment
@_window
@_html
@click.option("--notify/--no-notify", default=True, help="Tell those in monitoring.notify of new alerts.")
def run(
    session: Session, endpoint: str | None, every: bool, environment: str | None, window: str | None,
    html: Path | None, notify: bool,
) -> Result:  # fmt: skip
    """Judge the last window that has ended against what the model learned from. Ends with 7 when it alerts.

    A window is judged once, and again when labels came. What alerts, and what too few rows say nothing of, is told;
    the report is kept, and written as a page and for Prometheus.
    """
    from ..monitoring import judging

    if every and (endpoint or html):
        raise UsageError("--all judges each endpoint, and writes a page for each",
                         hint="Leave out --all, or the endpoint and --html.")  # fmt: skip
    if every:
        return judging.every(session, environment, window, notify=notify)
    return judging.judged(session, judging.opened(session, endpoint, environment, window), html=html, notify=notify)


@make_command(
    "status",
    parent=command,
    examples="""groundplan monitor status
    groundplan monitor status churn -e production --format json""",
)
@_endpoint
@_environment
def status(session: Session, endpoint: str | None, environment: str | None) -> Result:
    """Show what was found last, and judge nothing."""
    from ..monitoring import shown
    from ..monitoring.watched import watched

    one = watched(session, endpoint, environment)
    reports = _latest(one)
    return shown.result(one, reports, page=one.page(), code=False)


@make_command(
    "report",
    parent=command,
    examples="""groundplan monitor report
    groundplan monitor report churn --html churn.html
    groundplan monitor report --evidently""",
)
@_endpoint
@_environment
@_html
@click.option("--evidently", "by_evidently", is_flag=True,
              help="Evidently's own page of the last window, in place of groundplan's.  [default: off]")  # fmt: skip
@click.option("--evidently-python", "python", metavar="PATH", envvar="GROUNDPLAN_EVIDENTLY_PYTHON", show_envvar=True,
              type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="A Python that has Evidently.  [default: the one below .groundplan/environments/]")  # fmt: skip
@click.option("-y", "--yes", is_flag=True, envvar="GROUNDPLAN_YES",
              help="Install Evidently without asking, where it is not there.  [default: ask]")  # fmt: skip
def report(
    session: Session, endpoint: str | None, environment: str | None, html: Path | None, by_evidently: bool,
    python: Path | None, yes: bool,
) -> Result:  # fmt: skip
    """Write what was found as one HTML page that needs nothing else.

    With --evidently it is a second opinion: the requests of the last window against the training data as the baseline
    keeps it, by Evidently's own methods, in an environment of its own.
    """
    from ..monitoring import judging
    from ..monitoring.watched import watched

    one = watched(session, endpoint, environment)
    reports = _latest(one)
    if by_evidently:
        from ..monitoring import evidently

        return evidently.report(session, one, reports, html=html, python=python, yes=yes)
    page = judging.write_page(one, html)

    def text(output: Output) -> None:
        output.line(str(page))

    data = {"endpoint": one.plan.endpoint, "environment": one.plan.environment, "page": str(page),
            "windows": len(one.store.reports(one.plan.endpoint, one.plan.environment)),
            "alerts": [alert for report in reports for alert in report.alerts]}  # fmt: skip
    return Result(data=data, text=text)


@make_command(
    "backtest",
    parent=command,
    examples="""groundplan monitor backtest
    groundplan monitor backtest churn -e production --window 1h""",
)
@_endpoint
@_environment
@_window
def backtest(session: Session, endpoint: str | None, environment: str | None, window: str | None) -> Result:
    """Replay the thresholds of the config over all that the log holds.

    Says when it would have alerted and retrained and, where labels came, whether it was right. Keeps nothing.
    """
    from ...lifecycle.backtest import backtest as replay
    from .. import nouns
    from ..monitoring import shown
    from ..monitoring.watched import watched

    one = watched(session, endpoint, environment, window)
    reports = one.looking.replay(clock.now(), serving=one.serving)
    return shown.replayed(one, replay(reports, nouns.retraining_plan(one.config)))


@make_command(
    "export",
    parent=command,
    examples="""groundplan monitor export grafana --out dashboard.json
    groundplan monitor export prometheus > groundplan-rules.yaml
    groundplan monitor export metrics""",
)
@click.argument("what", type=click.Choice(["grafana", "prometheus", "metrics"]))
@click.option("--endpoint", metavar="NAME", help="The endpoint that is watched.  [default: the only one]")
@_environment
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write it here.  [default: standard output]")  # fmt: skip
def export(session: Session, what: str, endpoint: str | None, environment: str | None, out: Path | None) -> Result:
    """Make a Grafana dashboard, Prometheus alert rules, or the last report as metrics for Prometheus.

    The metrics are those of the endpoint's /metrics and those that monitor run leaves in
    .groundplan/monitoring/ENDPOINT@ENV/metrics.prom, for the textfile collector of Prometheus's node exporter.
    """
    from ..monitoring import shown
    from ..monitoring.watched import watched
    from ..reports.monitoring import grafana, prometheus

    one = watched(session, endpoint, environment)
    if what == "metrics":
        content = shown.metrics(_latest(one))
    else:
        content = grafana.dashboard(one.plan) if what == "grafana" else prometheus.rules(one.plan)
    if out is not None:
        files.write_text(out, content)

    def text(output: Output) -> None:
        output.line(str(out) if out is not None else content.rstrip("\n"))

    return Result(data={"what": what, "path": None if out is None else str(out), "content": content}, text=text)


def _latest(one: Watched) -> list[MonitorReport]:
    reports = one.store.reports(one.plan.endpoint, one.plan.environment)
    if not reports:
        raise NotFoundError(
            f"nobody has looked at {one.plan.endpoint} in {one.plan.environment} yet", hint="groundplan monitor run"
        )
    return [report for report in reports if report.window == reports[-1].window]
