"""What the runs of Azure ML's own monitors found, read through the SDK's real client, in one form and no other.

The files are as the published components write them (Azure/azureml-assets, assets/model_monitoring). Not proved: that
the service's own pipeline puts them together in a step of its own, as here.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from groundplan.core.errors import ResourceFailedError
from groundplan.lifecycle.contract.managed_monitors import ManagedFindings
from groundplan.lifecycle.contract.monitoring import Area, CheckVerdict, MonitorCheck, Window
from groundplan.modules.azureml.monitoring import Monitoring
from groundplan.modules.contract.endpoint import EndpointOutputs
from groundplan.modules.contract.monitoring import MonitoringArguments, WatchedEndpoint

import azure_capability
import azure_monitors_kit
import cloud_faults
from azure_monitors_kit import ENDPOINT, IMPATIENT, WINDOW, MonitorsRig, watch
from cloud_faults import PASSING, EachOnce
from stand_in.services import monitors
from stand_in.services.monitors import PlayedMonitor
from stand_in.services.schedules import KIND

DRIFT, ATTRIBUTION = "churn-dev-0a1b-v-1-drift", "churn-dev-0a1b-v-1-attribution"
PSI = "PopulationStabilityIndex"
QUIET = {"data-drift": monitors.drift("data-drift", "DataDrift", {"tenure": (PSI, 0.05, 0.2)}, rows=569)}
NAN = float("nan")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[MonitorsRig]:
    with azure_monitors_kit.rig(tmp_path_factory.mktemp("azureml")) as made:
        yield made


@pytest.fixture
def rig(started: MonitorsRig) -> MonitorsRig:
    started.reset()
    return started


def at(hour: int, *, day: int = 27) -> datetime:
    return datetime(2026, 11, day, hour, 5, tzinfo=UTC)


def ran(rig: MonitorsRig, schedule: str = DRIFT, **more: Any) -> PlayedMonitor:
    """A run that began at three in the window and ended five minutes later."""
    figures: dict[str, Any] = {"signals": QUIET, "ends": at(3), **more}
    return rig.run(schedule, **figures)


def findings(rig: MonitorsRig, window: Window = WINDOW) -> ManagedFindings:
    return rig.monitors().findings(watch(), window)


def check(
    area: Area, subject: str, statistic: str, value: float, threshold: float, verdict: CheckVerdict, detail: str = ""
) -> MonitorCheck:
    return MonitorCheck(
        area=area, subject=subject, statistic=statistic, value=value, threshold=threshold, verdict=verdict,
        detail=detail, rows=569, source="azureml",
    )  # fmt: skip


def page(run: PlayedMonitor) -> str:
    return f"https://ml.azure.com/runs/{run.name}?wsid={azure_monitors_kit.WORKSPACE}"


def test_what_each_signal_found_is_a_check_of_groundplans(rig: MonitorsRig) -> None:
    ran(rig, signals={
        "data-drift": monitors.drift(
            "data-drift", "DataDrift", {"tenure": (PSI, 0.31, 0.2), "plan": (PSI, 0.01, 0.2)}, rows=569
        ),
        "prediction-drift": monitors.drift("prediction-drift", "PredictionDrift", {"0": (PSI, 0.4, 0.2)}, rows=569),
        "data-quality": monitors.quality(
            "data-quality", {"tenure": {"NullValueRate": (0.25, 0.02, 0.12), "OutOfBoundsRate": (0.0, 0.0, 0.01)}},
            rows=569,
        ),
    })  # fmt: skip
    ran(rig, ATTRIBUTION, signals={
        "attribution-drift": monitors.attribution(
            "attribution-drift", 0.71, {"tenure": (3.0, 1.0), "plan": (1.0, 3.0), "age": (4.0, 4.0)}, rows=569
        )
    })  # fmt: skip

    found = findings(rig)

    moved = "shares of importance: plan 12%, now 38%, tenure 38%, now 12%, age 50%, now 50%"
    assert found == ManagedFindings(checks=(
        check("drift", "plan", PSI, 0.01, 0.2, "ok"),
        check("drift", "tenure", PSI, 0.31, 0.2, "alert"),
        check("prediction", "predictions", PSI, 0.4, 0.2, "alert"),
        check("quality", "tenure", "NullValueRate", 0.25, 0.12, "alert", "0.02 in the reference data"),
        check("quality", "tenure", "OutOfBoundsRate", 0.0, 0.01, "ok", "0 in the reference data"),
        check("attribution", "model", "NormalizedDiscountedCumulativeGain", 0.71, 0.9, "alert", moved),
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("metric", "value", "verdict"),
    [
        ("PopulationStabilityIndex", 0.3, "alert"), ("JensenShannonDistance", 0.1, "ok"),
        ("NormalizedWassersteinDistance", 0.2, "ok"), ("TwoSampleKolmogorovSmirnovTest", 0.1, "alert"),
        ("TwoSampleKolmogorovSmirnovTest", 0.3, "ok"), ("PearsonsChiSquaredTest", 0.0, "alert"),
        ("PopulationStabilityIndex", NAN, "not judged"), ("PopulationStabilityIndex", None, "not judged"),
    ],
)  # fmt: skip
def test_a_distance_alerts_when_it_is_large_and_a_chance_when_it_is_small(
    rig: MonitorsRig, metric: str, value: float | None, verdict: str
) -> None:
    file = monitors.drift("data-drift", "DataDrift", {"tenure": (metric, value, 0.2)}, rows=569)
    ran(rig, signals={"data-drift": file})

    (found,) = findings(rig).checks

    assert (found.verdict, found.value) == (verdict, None if verdict == "not judged" else value)
    assert found.detail == ("how likely it is that nothing changed, for this alone" if metric.endswith("Test") else "")


def test_smaller_windows_than_the_plan_says_are_not_judged(rig: MonitorsRig) -> None:
    file = monitors.drift("data-drift", "DataDrift", {"tenure": (PSI, 5.0, 0.2)}, rows=99)
    ran(rig, signals={"data-drift": file})

    (found,) = findings(rig).checks

    assert (found.verdict, found.value, found.rows) == ("not enough data", 5.0, 99)


def test_attributions_that_have_no_value_are_not_judged(rig: MonitorsRig) -> None:
    file = monitors.attribution("attribution-drift", NAN, {"tenure": (0.0, 0.0)}, rows=569)
    ran(rig, ATTRIBUTION, signals={"attribution-drift": file})

    (found,) = findings(rig).checks

    assert (found.verdict, found.value, found.detail) == ("not judged", None, "")


def test_the_ranks_of_features_are_held_against_the_config_where_it_says_how_alike_they_must_be(
    rig: MonitorsRig,
) -> None:
    file = monitors.attribution("attribution-drift", 0.85, {"tenure": (1.0, 1.0)}, rows=569)
    ran(rig, ATTRIBUTION, signals={"attribution-drift": file})

    (found,) = rig.monitors().findings(watch(attribution=0.8), WINDOW).checks

    assert (found.verdict, found.threshold) == ("ok", 0.8)


def test_only_what_ended_within_the_window_counts_and_of_that_the_newest(rig: MonitorsRig) -> None:
    for day, value in ((26, 0.1), (27, 0.2), (28, 0.3)):
        file = monitors.drift("data-drift", "DataDrift", {"tenure": (PSI, value, 0.9)}, rows=569)
        rig.run(DRIFT, f"202611{day}T030000Z", signals={"data-drift": file}, ends=at(3, day=day))
    late = monitors.drift("data-drift", "DataDrift", {"tenure": (PSI, 0.4, 0.9)}, rows=569)
    rig.run(DRIFT, "20261127T230000Z", signals={"data-drift": late}, ends=at(1, day=28))
    three_days = Window(start="2026-11-26T00:00:00.000Z", end="2026-11-29T00:00:00.000Z")

    assert [one.value for one in findings(rig).checks] == [0.2]
    assert [one.value for one in findings(rig, three_days).checks] == [0.3]
    assert findings(rig, Window(start=WINDOW.end, end="2026-11-28T02:00:00.000Z")).checks[0].value == 0.4
    assert findings(rig, Window(start="2026-11-29T00:00:00.000Z", end="2026-11-30T00:00:00.000Z")) == ManagedFindings()


def test_what_runs_is_not_read(rig: MonitorsRig) -> None:
    ran(rig, looks=1000)

    assert findings(rig) == ManagedFindings()


def test_runs_of_other_monitors_and_jobs_are_not_read(rig: MonitorsRig) -> None:
    ran(rig, "churn-dev-0a1b-v-11-drift")
    foreign = ran(rig)
    foreign.body["properties"]["displayName"] = f"{DRIFT}-again"

    assert findings(rig) == ManagedFindings()


def test_however_many_runs_and_steps_there_are_all_are_looked_through(rig: MonitorsRig) -> None:
    rig.service.schedules.page = rig.service.history.page = 1
    for hour in (1, 2, 3):
        file = monitors.drift("data-drift", "DataDrift", {"tenure": (PSI, hour / 10, 0.9)}, rows=569)
        rig.run(DRIFT, f"20261127T0{hour}0000Z", signals={"data-drift": file}, ends=at(hour))

    assert [one.value for one in findings(rig).checks] == [0.3]


def test_the_monitors_of_a_pinned_model_are_read_by_their_names(rig: MonitorsRig) -> None:
    file = monitors.attribution("attribution-drift", 0.95, {"tenure": (1.0, 1.0)}, rows=569)
    ran(rig, "churn-dev-0a1b-drift")
    ran(rig, "churn-dev-0a1b-attribution", signals={"attribution-drift": file})
    ran(rig, DRIFT)

    found = rig.monitors().pinned(ENDPOINT, WINDOW, min_rows=100)

    assert [one.key for one in found.checks] == [
        "azureml:drift/tenure/PopulationStabilityIndex",
        "azureml:attribution/model/NormalizedDiscountedCumulativeGain",
    ]


def test_schedules_of_the_engine_lie_beside_those_of_the_sdk_and_are_left_alone(rig: MonitorsRig) -> None:
    outputs = EndpointOutputs(uri=ENDPOINT, name="churn-dev-0a1b", deployment="pinned-1", requests=True)
    pinned = WatchedEndpoint(
        endpoint="churn", model="churn", task="classification", target="churned", outputs=outputs,
        training="azureml:churn-training:1",
    )  # fmt: skip

    def build(base: azure_capability.Base) -> Monitoring:
        common = {key: value for key, value in base.common.items() if key != "network"}
        return Monitoring("monitoring", base.context, MonitoringArguments(endpoints=(pinned,), **common))

    planned = [one for one in azure_capability.make(build).resources if one.type == KIND]
    for one in planned:
        inputs = json.loads(json.dumps(dict(one.properties), default=str))
        id = f"{azure_monitors_kit.WORKSPACE}/schedules/{inputs['name']}"
        rig.service.put({"id": id, "urn": "", "type": KIND, "inputs": inputs, "outputs": {}})
    rig.deploy(1)
    rig.monitors().ensure(watch())

    gone = rig.monitors().remove(ENDPOINT, keep=[])

    assert (gone, list(rig.schedules())) == ((1,), ["churn-dev-0a1b-attribution", "churn-dev-0a1b-drift"])


def test_a_run_that_failed_is_told_with_its_page_and_an_earlier_one_counts(rig: MonitorsRig) -> None:
    rig.run(DRIFT, "20261127T010000Z", signals=QUIET, ends=at(1))
    failed = ran(rig, problem="The Spark session died.")

    found = findings(rig)

    assert [one.value for one in found.checks] == [0.05]
    assert found.notes == (
        f"the run {failed.name} of Azure ML's monitor {DRIFT} ({page(failed)}) found nothing: The Spark session died.",
    )


def test_a_run_that_found_nothing_collected_says_so(rig: MonitorsRig) -> None:
    failed = ran(rig, problem="Pipeline failed.", tags={"azureml.modelmonitor.error": "DataNotFoundError"})

    assert findings(rig).notes == (
        (
            f"the run {failed.name} of Azure ML's monitor {DRIFT} ({page(failed)}) found nothing: "
            "nothing was collected for it to look at"
        ),
    )


def changed(**changes: Any) -> dict[str, Any]:
    return {"data-drift": {**QUIET["data-drift"], **changes}}


def metric(**changes: Any) -> dict[str, Any]:
    """The quiet file with another first metric."""
    file = monitors.drift("data-drift", "DataDrift", {"tenure": (PSI, 0.05, 0.2)}, rows=569)
    file["metrics"]["features"]["tenure"]["metrics"][0].update(changes)
    return {"data-drift": file}


@pytest.mark.parametrize(
    ("signals", "said"),
    [
        (changed(version="1.1.0"), "version"), (changed(signalType="GenerationSafetyQuality"), "signalType"),
        (changed(signalName="another"), "the file of data-drift is one of another"), (changed(more=1), "more"),
        (changed(metrics={"rowCount": {}}), "features"), (metric(metricName="Entropy"), "metricName"),
        (metric(metricValue="0.05"), "metricValue"), (metric(unit="bits"), "unit"),
        (changed(signalType="DataQuality"), "PopulationStabilityIndex of tenure in a signal of DataQuality"),
        ({"data-drift": b"{"}, "Invalid JSON"), ({"data-drift": []}, "object"),
    ],
    ids=["another version", "another type", "another signal", "something more", "no features", "another metric",
         "text for a number", "something more of a metric", "a metric of another signal", "no JSON", "no object"],
)  # fmt: skip
def test_another_form_is_a_note_that_names_the_run_and_its_page_and_never_a_check(
    rig: MonitorsRig, signals: Mapping[str, Any], said: str
) -> None:
    run = ran(rig, signals=signals)

    found = findings(rig)

    (note,) = found.notes
    assert found.checks == ()
    assert note.startswith(
        f"the run {run.name} of Azure ML's monitor {DRIFT} ({page(run)}) wrote data-drift in a form that is not known: "
    )
    assert said in note


def test_one_signal_in_another_form_takes_no_other_with_it(rig: MonitorsRig) -> None:
    quality = monitors.quality("data-quality", {"tenure": {"NullValueRate": (0.0, 0.0, 0.1)}}, rows=569)
    ran(rig, signals={**changed(version="2.0.0"), "data-quality": quality})

    found = findings(rig)

    assert ([one.key for one in found.checks], len(found.notes)) == (["azureml:quality/tenure/NullValueRate"], 1)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"manifest": {"version": "2.0.0", "metricsFiles": {}}}, "manifest.json is none of version 1.0.0"),
        ({"manifest": b"{"}, "manifest.json is none of version 1.0.0"),
        ({"manifest": {"version": "1.0.0", "metricsFiles": {"data-drift": "signals/gone.json"}}},
         "signals/gone.json is not there"),
        ({"manifest": ["data-drift"]}, "manifest.json is none of version 1.0.0"),
    ],
    ids=["another version", "no JSON", "a file that is not there", "no object"],
)  # fmt: skip
def test_figures_that_are_not_put_together_as_known_are_a_note(
    rig: MonitorsRig, more: Mapping[str, Any], said: str
) -> None:
    run = ran(rig, **more)

    found = findings(rig)

    (note,) = found.notes
    assert found.checks == ()
    assert (f"({page(run)}) left its figures in a form that is not known: " in note, said in note) == (True, True)


def test_a_pipeline_without_the_step_that_puts_figures_together_is_a_note(rig: MonitorsRig) -> None:
    run = ran(rig)
    findings(rig)
    del run.steps["create_manifest"]

    (note,) = findings(rig).notes

    assert note.endswith("no step wrote model_monitor_metrics_output")


@pytest.mark.parametrize("order", PASSING.values(), ids=PASSING)
def test_a_fault_at_each_request_once_leaves_the_same_findings(rig: MonitorsRig, order: Mapping[str, Any]) -> None:
    ran(rig)
    wanted = findings(rig)
    strike = EachOnce(**order)
    rig.service.strikes.append(strike)

    with cloud_faults.at_once():
        found = findings(rig)

    assert (found, len(found.checks)) == (wanted, 1)
    assert len(strike.met) >= 8


def test_tokens_that_expire_while_findings_are_read_are_renewed(rig: MonitorsRig) -> None:
    ran(rig)
    try:
        cloud_faults.short_lived(rig.service)
        cloud_faults.expiring(rig.service)
        found = findings(rig)
    finally:
        cloud_faults.lasting(rig.service)

    assert len(found.checks) == 1


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/jobs", "AzureML Data Scientist"),
        ("/runs/", "AzureML Data Scientist"),
        ("/manifest.json", "Storage Blob Data"),
    ],
)
def test_who_may_not_read_runs_is_told_the_role_and_who_grants_it(rig: MonitorsRig, path: str, role: str) -> None:
    ran(rig)
    body = {"error": {"code": "AuthorizationFailed", "message": "does not have authorization"}}
    rig.service.strike(path=path, status=403, body=body, times=9)

    with pytest.raises(ResourceFailedError) as refused:
        rig.monitors(IMPATIENT).findings(watch(), WINDOW)

    assert (f"Ask for {role}" in refused.value.hint, "can grant it." in refused.value.hint) == (True, True)
