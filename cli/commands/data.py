"""Check whether data is ready to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...core.errors import DataError, Problem, UsageError
from ...core.exit_codes import ExitCode
from ...core.layout import Layout
from ...core.suggestions import did_you_mean
from ..command import command as make
from ..command import group
from ..options import environment_option
from ..output import Output, Style, problem_data
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.data import Finding, Scorecard, ScorecardRules
    from ...lifecycle.contract.rubric import Task
    from ...stacks.config.data import Scorecard as Thresholds

SECTION = "checks"

command = group(
    "data", help="Check whether data is ready to learn from.", examples="groundplan data check\ngroundplan data --help"
)

_LISTED_COLUMNS = 10
_STYLES: dict[str, Style] = {"pass": "good", "warn": "warn", "fail": "bad", "not-applicable": "dim"}


@dataclass(frozen=True, kw_only=True)
class _Subject:
    """What is to be checked, by which rules, and where its reports go."""

    name: str
    path: Path
    digest: str
    target: str
    task: Task | None
    rules: ScorecardRules
    html: Path | None


@make(
    "check",
    parent=command,
    examples="""groundplan data check
    groundplan data check main -e staging --format json
    groundplan data check --file churn.csv --target churned --html churn.html""",
)
@click.argument("source", required=False)
@environment_option("Take the thresholds of this environment.  [default: the first]")
@click.option("--all", "every", is_flag=True, help="Check every data source of the config.")
@click.option("--file", type=click.Path(path_type=Path), metavar="FILE",
              help="Check this CSV or Parquet file; needs no project.")  # fmt: skip
@click.option("--target", metavar="COLUMN", help="The column to predict.  [default: data.target of the config]")
@click.option("--task", type=click.Choice(["classification", "regression"]),
              help="What is predicted.  [default: data.task of the config; with --file by its looks]")  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Write the report here.  [default: below .groundplan/reports/]")  # fmt: skip
def check(
    session: Session,
    source: str | None,
    environment: str | None,
    every: bool,
    file: Path | None,
    target: str | None,
    task: Task | None,
    html: Path | None,
) -> Result:
    """Hold a data source against the readiness scorecard: volume, quality, labels, diversity.

    Without SOURCE the first one of the config is checked. Exits 11 when a check fails; the report is written all the
    same. docs/scorecard.md says what each check looks at; data.scorecard in groundplan.yaml holds the thresholds.
    """
    if file is not None and (source is not None or every or environment is not None):
        raise UsageError("--file checks a file of its own: leave out SOURCE, --all and --environment")
    if every and (source is not None or html is not None):
        raise UsageError("--all checks every source: leave out SOURCE and --html")
    if source is not None and Path(source).suffix:
        raise UsageError(f"{source!r} is no name of a data source", hint=f"groundplan data check --file {source}")
    if file is not None:
        subjects = [_file_subject(session.folder / file, target, task, html)]
    else:
        subjects = _project_subjects(session, source, environment, every=every, target=target, task=task, html=html)
    cards = [(subject, _judge(session, subject)) for subject in subjects]
    return _result(cards, next=_next(session) if file is None else [])


def _next(session: Session) -> list[str]:
    return ["groundplan run" if session.config().config.platform == "local" else "groundplan plan"]


def _file_subject(file: Path, target: str | None, task: Task | None, html: Path | None) -> _Subject:
    from ...core import digests
    from ...lifecycle.local.data.sources import require_file
    from ...stacks.config.data import Scorecard as Thresholds

    if target is None:
        raise UsageError("--file needs the column to predict", hint="Add --target COLUMN.")
    require_file(file)
    return _Subject(name=file.name, path=file, digest=digests.of_file(file), target=target, task=task,
                    rules=rules(Thresholds()), html=html)  # fmt: skip


def _project_subjects(
    session: Session,
    source: str | None,
    environment: str | None,
    *,
    every: bool,
    target: str | None,
    task: Task | None,
    html: Path | None,
) -> list[_Subject]:
    from ...lifecycle.local.data.sources import materialize
    from ...stacks.pipelines import data_source

    resolved = session.config(environment)
    layout, data = Layout(resolved.root), resolved.config.data
    found = [data_source(resolved, name) for name in (list(data.sources) if every else [source])]
    subjects: list[_Subject] = []
    for one in found:
        path, digest = materialize(one, layout)
        report = html or layout.reports / f"data-{one.name}.html"
        subjects.append(
            _Subject(
                name=one.name,
                path=path,
                digest=digest,
                target=target or data.target,
                task=task or data.task,
                rules=rules(data.scorecard),
                html=report,
            )
        )
    return subjects


def rules(section: Thresholds) -> ScorecardRules:
    """The config's thresholds as the lifecycle's rules."""
    from ...lifecycle.contract.data import ScorecardRules

    return ScorecardRules(**section.model_dump(exclude={"ignore"}), ignore=tuple(section.ignore))


def _judge(session: Session, subject: _Subject) -> Scorecard:
    from ...core.files import write_text
    from ...lifecycle.local.data.sources import read_frame
    from ...lifecycle.scorecard import assess, guess_task
    from ..reports.scorecard import render

    session.output.message(f"reading {subject.path}", "dim")
    frame = read_frame(subject.path, text_as_categories=True)
    if subject.target not in frame.columns:
        raise DataError(
            f"the data has no column {subject.target!r} to predict",
            where=f"{subject.path}:1:1",
            hint=f"{_known(subject.target, list(frame.columns))} Set data.target in groundplan.yaml, or use --target.",
        )
    card = assess(
        frame,
        source=subject.name,
        digest=subject.digest,
        target=subject.target,
        task=subject.task or guess_task(frame, subject.target),
        rules=subject.rules,
    )
    if subject.html is not None:
        write_text(subject.html, render(card))
    return card


def _known(target: str, columns: list[str]) -> str:
    from ..reports.shown import shown

    hint = did_you_mean(target, columns)
    return hint if hint.startswith("Did") else f"It has: {', '.join(shown(name) for name in columns[:20])}."


def _result(cards: list[tuple[_Subject, Scorecard]], *, next: list[str]) -> Result:
    ready = all(card.ready for _, card in cards)
    failures = [(card, finding) for _, card in cards for finding in card.findings if finding.status == "fail"]

    def text(output: Output) -> None:
        for position, (subject, card) in enumerate(cards):
            if position:
                output.line()
            _write(output, subject, card)

    return Result(
        data={"ready": ready, "scorecards": [_data(subject, card) for subject, card in cards]},
        text=text,
        next=next if ready else [],
        exit_code=ExitCode.DONE if ready else ExitCode.GATE_FAILED,
        errors=[problem_data("GATE_FAILED", _problem(card, finding)) for card, finding in failures],
    )


def _problem(card: Scorecard, finding: Finding) -> Problem:
    return Problem(message=f"{card.source}: {finding.id}: {finding.found}", hint=finding.advice)


def _data(subject: _Subject, card: Scorecard) -> Mapping[str, Any]:
    return {
        **asdict(card),
        "ready": card.ready,
        "path": str(subject.path),
        "report": str(subject.html) if subject.html else None,
    }


def _write(output: Output, subject: _Subject, card: Scorecard) -> None:
    from ..reports.scorecard import problems
    from ..reports.shown import shown

    output.line(f"{shown(card.source)}: {card.rows:,} rows, {len(card.columns)} columns, "
                f"target {shown(card.target)} ({card.task})", "bold")  # fmt: skip
    width = max(len(finding.id) for finding in card.findings)
    for finding in card.findings:
        word = "n/a" if finding.status == "not-applicable" else finding.status
        allowed = f"  (allowed: {finding.threshold})" if finding.threshold and finding.status != "pass" else ""
        output.line(f"  {word:<4}  {finding.id:<{width}}  {shown(finding.found, 200)}{allowed}",
                    _STYLES[finding.status])  # fmt: skip
    for finding in problems(card):
        _write_problem(output, finding)
    for note in card.notes:
        output.line(f"note: {shown(note, 400)}", "dim")
    failed = [finding.id for finding in card.findings if finding.status == "fail"]
    output.line()
    output.line(f"not ready: {', '.join(failed)}" if failed else "ready", "bad" if failed else "good")
    if subject.html is not None:
        output.line(f"report: {subject.html}")


def _write_problem(output: Output, finding: Finding) -> None:
    from ..reports.shown import shown

    output.line()
    output.line(f"{finding.id}: {finding.advice}", "bold")
    listed = list(finding.columns.items())
    shown_rows = listed if output.verbosity > 0 else listed[:_LISTED_COLUMNS]
    output.fields((f"  {shown(name)}", shown(problem, 200)) for name, problem in shown_rows)
    if len(listed) > len(shown_rows):
        output.line(f"  and {len(listed) - len(shown_rows)} more (-v lists all)", "dim")
