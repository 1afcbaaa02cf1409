"""Evidently's own page of the last window that was judged, beside groundplan's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core import clock
from ...core.errors import MissingExtraError, NotFoundError
from ...core.layout import Layout
from ..output import Output
from ..result import Result
from ..session import Session
from .watched import Watched

if TYPE_CHECKING:
    from ...lifecycle.contract.monitoring import MonitorReport
    from ...lifecycle.local.monitoring.evidently.tables import Tables

_COMMAND = "groundplan monitor report --evidently"


def report(session: Session, one: Watched, reports: Sequence[MonitorReport], *, html: Path | None,
           python: Path | None, yes: bool) -> Result:  # fmt: skip
    """Write the page of the version with most rows, by a Python that has Evidently; made only when allowed."""
    from ...lifecycle.local.monitoring.evidently import page

    looked_at = max(reports, key=lambda report: report.rows)
    tables = _tables(one, looked_at)
    path = html or one.page(of="evidently")
    made = page.write(path, tables, python=python or _python(session, one, yes=yes))

    def text(output: Output) -> None:
        output.line(str(path))
        counted = f"{made.drifted} of {len(made.columns)} columns drifted"
        output.line(f"Evidently {made.version}: {counted}, by its own methods and thresholds", "dim")

    data = {"endpoint": one.plan.endpoint, "environment": one.plan.environment, "version": looked_at.version,
            "window": asdict(looked_at.window), "page": str(path), "rows": tables.rows, "left_out": tables.left_out,
            "evidently": asdict(made)}  # fmt: skip
    return Result(data=data, text=text, warnings=_warnings(tables, looked_at, len(reports)))


def _tables(one: Watched, looked_at: MonitorReport) -> Tables:
    from ...lifecycle.local.monitoring.evidently.tables import tables

    version, now = looked_at.version, clock.to_text(clock.now())
    lines = one.store.requests(one.plan.endpoint, one.plan.environment).within(looked_at.window, now)
    found = tables(one.looking.baseline(version), (line for line in lines if line["version"] == version))
    if not found.rows:
        raise NotFoundError(
            f"the log has no inputs of version {version} in the window from {looked_at.window.start}",
            hint="groundplan monitor run looks at the last window; endpoints.NAME.log_sample says how much is logged.",
        )
    return found


def _python(session: Session, one: Watched, *, yes: bool) -> Path:
    from ...lifecycle.local.monitoring.evidently import interpreter

    layout = Layout(one.config.root)
    there = interpreter.installed(layout)
    if there is not None:
        return there
    if not yes:
        if not session.interactive:
            raise MissingExtraError(
                "Evidently is not installed; it does not work with pandas 3 and needs an environment of its own",
                hint=f"{_COMMAND} --yes installs it below .groundplan/environments (0.7 GB), or name a Python that has "
                "it: --evidently-python PATH",
            )
        click.confirm("Install Evidently below .groundplan/environments (0.7 GB)?", default=False, abort=True, err=True)
    session.output.message("installing Evidently", "dim")
    with session.locked(one.config):
        return interpreter.install(layout)


def _warnings(tables: Tables, looked_at: MonitorReport, versions: int) -> list[str]:
    said: list[str] = []
    if versions > 1:
        said.append(f"the page shows version {looked_at.version}, which was asked most of {versions}")
    if tables.of < looked_at.rows:
        said.append(f"the log still has {tables.of} of the window's {looked_at.rows} rows")
    if tables.rows < tables.of:
        said.append(f"{tables.rows} of {tables.of} rows were drawn")
    if tables.left_out:
        said.append(f"left out, since one side has no value: {', '.join(tables.left_out)}")
    return said
