"""Tell what requests should have been answered, as it becomes known."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core import clock
from ...core.errors import NotFoundError, UsageError
from ..command import command as make
from ..options import environment_option
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.monitoring import FeedbackOutcome, Label

SECTION = "model"

_HINTS = {
    "local": "An answer carries its id as request_id and as X-Request-ID; old ones leave the log (log_max_mb).",
    "cloud": "groundplan predict shows an answer's request_id. A cloud logs the share log_sample of the requests, some "
    "minutes later; what is older than 90 days is not looked at.",
}


@make(
    "feedback",
    examples="""groundplan feedback labels.csv
    groundplan feedback --request-id 5f0c2a --label churned
    groundplan feedback - --endpoint churn -e production < labels.jsonl""",
)
@click.argument("file", required=False)
@click.option("--request-id", metavar="ID", help="One label instead of a file: of this request.")
@click.option("--label", metavar="VALUE", help="What it should have been answered.")
@click.option("--row", type=click.IntRange(min=0), metavar="N", help="The row of a batch, from 0.")
@click.option("--endpoint", metavar="NAME", help="The endpoint that was asked.  [default: the only one]")
@environment_option("The endpoint of this environment.  [default: the furthest that is deployed]")
def command(
    session: Session,
    file: str | None,
    request_id: str | None,
    label: str | None,
    row: int | None,
    endpoint: str | None,
    environment: str | None,
) -> Result:
    """Take labels as they arrive, and join them to the requests of the log by their ids.

    FILE is CSV or JSON lines with request_id, label and, where wanted, row and when; - reads standard input. Labels
    are only ever added; the last one for a row counts. Ids that the log does not know are told.
    """
    from ..monitoring.watched import watched

    labels = _labels(file, request_id, label, row)
    one = watched(session, endpoint, environment)
    outcome = one.store.feedback(
        one.plan.endpoint, one.plan.environment, labels, window_seconds=one.plan.window_seconds,
        now=clock.to_text(clock.now()),
    )  # fmt: skip
    if len(outcome.unknown) == len(labels):
        raise NotFoundError(
            f"the log of {one.plan.endpoint} in {one.plan.environment} knows none of these {len(labels)} request ids",
            hint=_HINTS["local" if one.config.config.platform == "local" else "cloud"],
        )
    return _result(outcome, one.plan.endpoint, one.plan.environment)


def _labels(file: str | None, request_id: str | None, label: str | None, row: int | None) -> list[Label]:
    from ...lifecycle.contract.monitoring import Label
    from ..monitoring.labels import read_labels
    from ..rows import decode, read_file

    if (file is None) == (request_id is None):
        raise UsageError("give either a FILE or --request-id with --label")
    if request_id is not None:
        if not label:
            raise UsageError("--request-id needs --label", hint="What should the request have been answered?")
        return [Label(request_id=request_id, value=label, row=row)]
    if label is not None or row is not None:
        raise UsageError("--label and --row go with --request-id, not with a file")
    name = "standard input" if file == "-" else str(file)
    content = sys.stdin.buffer.read() if file == "-" else read_file(Path(str(file)))
    return read_labels(decode(content, name), name)


def _result(outcome: FeedbackOutcome, endpoint: str, environment: str) -> Result:
    warnings = list(outcome.refused[:20])
    if outcome.unknown:
        some = ", ".join(outcome.unknown[:5]) + (", …" if len(outcome.unknown) > 5 else "")
        warnings.append(f"{len(outcome.unknown)} request ids are not in the log and were left out: {some}")
    if outcome.unsampled:
        warnings.append(f"{outcome.unsampled} labels are of requests whose inputs were not logged (log_sample)")

    def text(output: Output) -> None:
        output.line(f"{outcome.kept} labels kept for {endpoint} in {environment}", "good")
        counts = [("that replace another", outcome.changed), ("that were there already", outcome.repeated),
                  ("of windows that have ended", outcome.late)]  # fmt: skip
        output.fields([(what, str(count)) for what, count in counts if count])

    data = {"endpoint": endpoint, "environment": environment, **asdict(outcome)}
    return Result(data=data, text=text, warnings=warnings, next=["groundplan monitor run"])
