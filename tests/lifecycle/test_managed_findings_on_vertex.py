"""What Vertex AI's own model monitoring finds, read back through the SDK's real clients and real HTTP.

The service is a stand-in that measures the rows of the request log and the file of training data. Not proved: how the
real one counts numbers, how late its jobs are.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import Any

import pytest
from groundplan.lifecycle.contract.managed_monitors import ManagedFindings
from groundplan.lifecycle.contract.monitoring import MonitorCheck, Window

import vertex_monitors_kit
from stand_in.services.vertex_monitoring import Figure
from vertex_monitors_kit import ATTRIBUTIONS, MonitorRig


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[MonitorRig]:
    with vertex_monitors_kit.rig(tmp_path_factory.mktemp("vertex")) as made:
        yield made


@pytest.fixture
def rig(started: MonitorRig) -> MonitorRig:
    started.reset()
    return started


def verdicts(found: ManagedFindings) -> dict[str, str]:
    return {check.key: check.verdict for check in found.checks}


def test_requests_like_the_training_data_are_found_to_be_well(rig: MonitorRig) -> None:
    assert rig.adapter.ensure(rig.watch()) == (ATTRIBUTIONS,)
    rig.ask()
    rig.run()

    found = rig.findings()

    assert (verdicts(found), found.notes) == (
        {
            "vertex:drift/age/jensen_shannon_divergence": "ok",
            "vertex:drift/new/jensen_shannon_divergence": "ok",
            "vertex:drift/plan/jensen_shannon_divergence": "ok",
            "vertex:prediction/churned/jensen_shannon_divergence": "ok",
        },
        (),
    )


def test_drift_of_what_an_endpoint_is_asked_is_found(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    rig.ask(older=100.0)
    (job,) = rig.run()

    found = rig.findings()

    called = f"job {job.rpartition('/')[2]} of 2026-11-27T11:00:00.000Z"
    assert {key for key, verdict in verdicts(found).items() if verdict == "alert"} == {
        "vertex:drift/age/jensen_shannon_divergence"
    }
    # No age of the window is in the training data: the divergence is as large as it gets.
    assert found.checks[0] == MonitorCheck(
        area="drift", subject="age", statistic="jensen_shannon_divergence", value=1.0, threshold=0.25, verdict="alert",
        detail=f"{called}: age drifted", source="vertex",
    )  # fmt: skip


def test_a_job_is_read_in_the_window_in_which_it_ended_and_the_newest_of_them_alone(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    rig.ask(older=100.0, at="2026-11-27T10:40:00+00:00")
    jobs = rig.run("2026-11-27T11:00:00+00:00") + rig.run("2026-11-27T11:30:00+00:00")
    before = Window(start="2026-11-27T10:00:00.000Z", end="2026-11-27T11:07:00.000Z")
    first = Window(start="2026-11-27T11:07:00.000Z", end="2026-11-27T11:30:00.000Z")

    assert {check.detail.partition(" of ")[0] for check in rig.findings(window=first).checks} == {
        f"job {jobs[0].rpartition('/')[2]}"
    }
    assert {check.detail.partition(" of ")[0] for check in rig.findings().checks} == {
        f"job {jobs[1].rpartition('/')[2]}"
    }
    assert rig.findings(window=before).checks == ()


def test_a_job_that_is_still_at_work_and_one_that_failed_are_named(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    nothing = rig.findings()
    (job,) = rig.run()
    rig.service.operations[f"monitoring {job}"].left = 10**9
    working = rig.findings()
    rig.service.operations[f"monitoring {job}"].left = 1
    failed = rig.findings()

    called = f"job {job.rpartition('/')[2]} of 2026-11-27T11:00:00.000Z"
    missing = "Not found: Table acme-churn.churn_dev_requests.churn was not found in location europe-west4"
    assert (nothing, working, failed) == (
        ManagedFindings(),
        ManagedFindings(notes=(f"Vertex AI's monitoring {called} has not ended",)),
        ManagedFindings(notes=(f"Vertex AI's monitoring {called} failed: {missing}",)),
    )


def test_figures_in_another_form_are_notes_and_never_checks(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    rig.ask()
    (job,) = rig.run()
    rig.findings()
    of_job = {"modelMonitoringJob": job, "algorithm": "jensen_shannon_divergence", "thresholdValue": 0.25}
    values = [{"distributionValue": {"distributionDeviation": "NaN"}}, {"doubleValue": 0.5}, {}]
    points = [[{**of_job, "currentStats": one}] for one in values] + [[], [{**of_job, "algorithm": ""}]]
    rig.monitors.more = [
        {"tabularStats": {"statsName": f"f{place}", "objectiveType": "raw-feature-drift", "dataPoints": one}}
        for place, one in enumerate(points)
    ] + [{"tabularStats": {"statsName": "g", "objectiveType": "raw-feature-skew", "dataPoints": points[1]}}]
    rig.monitors.jobs[job] |= {
        "state": "JOB_STATE_PARTIALLY_SUCCEEDED",
        "jobExecutionDetail": {"objectiveStatus": {"raw-feature-drift": {}, "feature-attribution":
                                                   {"code": 9, "message": "no  machine"}}},
    }  # fmt: skip

    found = rig.findings()

    called = f"job {job.rpartition('/')[2]} of 2026-11-27T11:00:00.000Z"
    assert len(found.checks) == 4
    assert found.notes == (
        f"Vertex AI's monitoring {called} could not look at feature-attribution: no machine",
        *(f"Vertex AI's monitoring {called} says of {name} what groundplan cannot read"
          for name in ("f0", "f1", "f2", "f3", "f4", "g")),
    )  # fmt: skip


def test_an_attribution_and_an_alert_without_a_figure_are_told(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    rig.ask()
    (job,) = rig.run()
    rig.findings()
    score = Figure(objective="feature-attribution", column="age", algorithm="sampled_shapley", value=0.4, threshold=0.3)
    unheld = replace(score, column="plan", threshold=0.0)
    rig.monitors.figures[job] = [score, unheld]
    rig.monitors.alone = [replace(score, objective="raw-feature-drift", column="new")]

    found = rig.findings()

    called = f"job {job.rpartition('/')[2]} of 2026-11-27T11:00:00.000Z"
    fields: dict[str, Any] = {"area": "attribution", "statistic": "sampled_shapley", "value": 0.4, "source": "vertex"}
    assert found == ManagedFindings(
        checks=(
            MonitorCheck(**fields, subject="age", threshold=0.3, verdict="alert", detail=f"{called}: age drifted"),
            MonitorCheck(**fields, subject="plan", threshold=None, verdict="not judged", detail=called),
        ),
        notes=(f"Vertex AI's monitoring {called} alerts to new (raw-feature-drift) without a figure: new drifted",),
    )
