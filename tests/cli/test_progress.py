"""What a run shows of its steps where nothing is animated: a line for each change."""

from __future__ import annotations

import re

import pytest
from groundplan.cli.output import Output
from groundplan.cli.progress import Progress
from groundplan.lifecycle.contract.run import Notice, StepEvent, StepRun


def test_each_change_is_a_line_and_a_step_says_why_it_waits_and_why_it_failed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = (
        StepRun(name="prepare", status="waiting", error="no machines are left of standardDSv2Family"),
        StepRun(name="prepare", status="running", error="of no interest"),
        StepRun(name="prepare", status="running", attempts=2),
        StepRun(name="prepare", status="cached"),
        StepRun(name="fit", status="failed", error="exit code 3"),
    )
    with Progress(Output(color="never"), ["prepare", "fit"]) as progress:
        progress(Notice(run_id="run-1", text="at the cloud"))
        for step in told:
            progress(StepEvent(run_id="run-1", step=step))
    out, err = capsys.readouterr()

    assert out == ""
    assert re.sub(r"^ +\d+\.\d s ", "", err, flags=re.MULTILINE).splitlines() == [
        "at the cloud",
        " prepare  waiting: no machines are left of standardDSv2Family",
        " prepare  running",
        " prepare  running, attempt 2",
        " prepare  unchanged, from the cache",
        " fit      failed: exit code 3",
    ]
