"""Vertex AI's own model monitoring, made, changed and removed through the SDK's real clients and real HTTP.

The service is a stand-in that takes what the description of v1beta1 takes. Not proved: that BigQuery takes the query.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any

import pytest
from groundplan.lifecycle.vertex import monitor_times, naming

import monitoring_kit
import vertex_monitors_kit
from serving_kit import LOCATION
from vertex_monitors_kit import ATTRIBUTIONS, MONITOR, TITLE, TRAINING, MonitorRig


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[MonitorRig]:
    with vertex_monitors_kit.rig(tmp_path_factory.mktemp("vertex")) as made:
        yield made


@pytest.fixture
def rig(started: MonitorRig) -> MonitorRig:
    started.reset()
    return started


def test_what_the_statistic_of_the_plan_is_not_is_said_and_watched_by_vertex_ais_own(rig: MonitorRig) -> None:
    words = rig.adapter.ensure(rig.watch(plan={"statistic": "psi", "threshold": 0.2}))
    rig.ask(plan="platinum")
    rig.run()

    own = "jensen_shannon_divergence (numbers) and l_infinity (categories)"
    assert words == (f"Vertex AI has no psi: it alerts above 0.3 of its own {own}", ATTRIBUTIONS)
    assert [(one.subject, one.statistic, one.value, one.threshold) for one in rig.findings().checks][2:3] == [
        ("plan", "l_infinity", 1.0, 0.3)
    ]


def test_a_version_is_watched_by_its_columns_against_what_it_learned_from(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())

    (monitor,) = rig.monitors.monitors.values()
    training = {"columnizedDataset": {"gcsSource": {"gcsUri": TRAINING, "format": 1}}}
    assert {name: value for name, value in monitor.items() if name not in ("createTime", "updateTime")} == {
        "name": MONITOR,
        "displayName": f"{TITLE}-{monitor['displayName'][-12:]}",
        "modelMonitoringTarget": {
            "vertexModel": {"model": MONITOR.replace("modelMonitors", "models")[:-3], "modelVersionId": "1"}
        },
        "modelMonitoringSchema": {
            "featureFields": [
                {"name": "age", "dataType": "float"}, {"name": "plan", "dataType": "categorical"},
                {"name": "new", "dataType": "boolean"},
            ],
            "predictionFields": [{"name": "churned", "dataType": "categorical"}],
        },
        "trainingDataset": training,
    }  # fmt: skip
    drift = {
        "numericMetricType": "jensen_shannon_divergence", "categoricalMetricType": "jensen_shannon_divergence",
        "defaultNumericAlertCondition": {"threshold": 0.25}, "defaultCategoricalAlertCondition": {"threshold": 0.25},
    }  # fmt: skip
    objective = rig.objective()
    query = objective["targetDataset"]["columnizedDataset"]["bigquerySource"].pop("query")
    assert "deployed_model_id IN ('7000000000') AND logging_time >= " in query
    assert objective == {
        "tabularObjective": {
            "featureDriftSpec": {**drift, "features": ["age", "plan", "new"]},
            "predictionOutputDriftSpec": {**drift, "features": ["churned"]},
        },
        "targetDataset": {
            "columnizedDataset": {"bigquerySource": {}, "timestampField": "groundplan_logging_time"},
            "timeOffset": {"window": "1h"},
        },
        "baselineDataset": training,
    }
    assert (rig.schedule()["displayName"], rig.schedule()["cron"]) == (TITLE, "TZ=Etc/UTC 0 * * * *")


def test_what_is_so_already_is_only_looked_at(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    before = (dict(rig.monitors.monitors), dict(rig.monitors.schedules))
    rig.service.requests.clear()

    assert rig.adapter.ensure(rig.watch()) == (ATTRIBUTIONS,)
    assert (rig.monitors.monitors, rig.monitors.schedules) == before
    # The endpoint, the version, the monitor, the schedules.
    assert [method for method, path in rig.service.requests if path != "/sts/token"] == ["GET"] * 4


def test_another_plan_changes_the_schedule_alone(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    (name,) = rig.monitors.schedules
    monitor = dict(rig.monitors.monitors[MONITOR])

    rig.adapter.ensure(rig.watch(plan={"threshold": 0.1, "window_seconds": 7 * 86400.0}))

    assert (rig.monitors.monitors[MONITOR], list(rig.monitors.schedules)) == (monitor, [name])
    assert rig.schedule()["cron"] == "TZ=Etc/UTC 0 0 * * 1"
    assert rig.objective()["targetDataset"]["timeOffset"] == {"window": "168h"}
    threshold = rig.objective()["tabularObjective"]["featureDriftSpec"]["defaultNumericAlertCondition"]["threshold"]
    assert threshold == pytest.approx(0.01)


def test_other_training_data_change_the_monitor_too(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    rig.adapter.ensure(rig.watch(training=f"{TRAINING[:-4]}.jsonl"))

    there = rig.monitors.monitors[MONITOR]["trainingDataset"]
    assert there == {"columnizedDataset": {"gcsSource": {"gcsUri": f"{TRAINING[:-4]}.jsonl", "format": 3}}}
    assert rig.objective()["baselineDataset"] == there
    assert rig.content() == (["churn--churn-v1"], [TITLE])


@pytest.mark.parametrize(
    ("training", "why"),
    [
        ("", "no training data is at hand"),
        ("gs://b/data.parquet", "it reads CSV and JSON lines, not gs://b/data.parquet"),
    ],
    ids=["unknown", "parquet"],
)
def test_without_training_data_that_it_reads_a_window_is_compared_with_the_one_before(
    rig: MonitorRig, training: str, why: str
) -> None:
    words = rig.adapter.ensure(rig.watch(training=training))
    rig.ask(at="2026-11-27T09:20:00+00:00")
    rig.ask(older=100.0)
    rig.run()

    assert words[0] == f"Vertex AI compares each window with the one before, not with the training data: {why}"
    assert rig.objective()["baselineDataset"]["timeOffset"] == {"offset": "1h", "window": "1h"}
    assert [(one.subject, one.verdict) for one in rig.findings().checks] == [
        ("age", "alert"), ("new", "ok"), ("plan", "ok"), ("churned", "ok")
    ]  # fmt: skip


def test_answers_of_which_nobody_knows_what_they_predict_are_held_to_those_before_alone(rig: MonitorRig) -> None:
    unwatched = "Vertex AI does not watch the answers: what they predict is not known"

    assert rig.adapter.ensure(rig.watch(target="")) == (unwatched, ATTRIBUTIONS)
    assert list(rig.objective()["tabularObjective"]) == ["featureDriftSpec"]
    assert unwatched not in rig.adapter.ensure(rig.watch(target="", training=""))
    assert rig.objective()["tabularObjective"]["predictionOutputDriftSpec"]["features"] == ["prediction"]


def test_columns_that_bigquery_does_not_call_so_are_named_and_left_out(rig: MonitorRig) -> None:
    odd = monitoring_kit.baseline({"age": [1.0] * 9, "größe in cm": [1.0] * 9, "a`; DROP": [1.0] * 9})
    watch = rig.watch(baseline=odd, target="is it so?")

    assert rig.adapter.ensure(watch) == (
        "Vertex AI does not watch a`; DROP, größe in cm: BigQuery calls no column so",
        "Vertex AI does not watch the answers: what they predict is not known",
        ATTRIBUTIONS,
    )
    assert rig.objective()["tabularObjective"]["featureDriftSpec"]["features"] == ["age"]


def test_what_cannot_be_watched_at_all_is_said_and_nothing_is_made(rig: MonitorRig) -> None:
    nameless = monitoring_kit.baseline({"größe": [1.0] * 9})
    missing = rig.adapter.ensure(rig.watch(7))
    nothing = rig.adapter.ensure(rig.watch(baseline=nameless))
    rig.service.store.change(rig.log.endpoint, {"predictRequestResponseLoggingConfig": {}})
    unlogged = rig.adapter.ensure(rig.watch())

    assert (missing, nothing, unlogged) == (
        ("Vertex AI watches nothing: version 7 is not at the endpoint",),
        ("Vertex AI watches nothing: none of the version's columns can be watched",),
        ("Vertex AI watches nothing: the endpoint does not log what it is asked",),
    )
    assert rig.content() == ([], [])


def test_of_two_schedules_the_oldest_stays(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    (first,) = rig.monitors.schedules
    later = {**rig.schedule(), "name": f"{first}1", "createTime": "2026-02-01T00:00:00Z"}
    rig.monitors.schedules[later["name"]] = later

    rig.adapter.ensure(rig.watch())

    assert list(rig.monitors.schedules) == [first]


def test_a_schedule_that_somebody_paused_stays_so_and_is_told(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    rig.schedule()["state"] = "PAUSED"

    words = rig.adapter.ensure(rig.watch(plan={"threshold": 0.1}))

    assert words[1:] == (
        f"Vertex AI's monitor does not look: somebody paused its schedule {rig.schedule()['name']}",
    )  # fmt: skip
    assert rig.schedule()["state"] == "PAUSED"


def test_somebody_elses_monitor_of_the_version_is_named_and_left_alone(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    theirs = MONITOR.replace("churn--churn-v1", "4711")
    rig.monitors.monitors[theirs] = {**rig.monitors.monitors.pop(MONITOR), "name": theirs, "displayName": "ours"}
    rig.monitors.schedules.clear()

    assert rig.adapter.ensure(rig.watch()) == (
        f"Vertex AI has one monitor for a version, and {theirs} is there, which groundplan did not make",
    )
    assert (rig.content(), rig.adapter.remove(rig.log.endpoint, ())) == ((["4711"], []), ())


def test_a_version_with_an_explanation_spec_has_its_attributions_watched(rig: MonitorRig) -> None:
    spec: dict[str, Any] = {"parameters": {"sampledShapleyAttribution": {"pathCount": 2}},
            "metadata": {"inputs": {"age": {}}, "outputs": {"churned": {}}}}  # fmt: skip
    rig.service.models.content[f"{LOCATION}/models/churn--churn"][0]["explanationSpec"] = spec

    assert rig.adapter.ensure(rig.watch()) == ()
    asked = rig.objective()["tabularObjective"]["featureAttributionSpec"]
    assert asked == {"features": ["age", "plan", "new"], "defaultAlertCondition": {"threshold": 0.3}}
    assert rig.objective()["explanationSpec"]["parameters"] == {"sampledShapleyAttribution": {"pathCount": 2}}


def test_the_monitors_of_versions_that_serve_no_more_go_and_the_others_stay(rig: MonitorRig) -> None:
    rig.log.serve(2)
    for version in (1, 2):
        rig.adapter.ensure(rig.watch(version))

    assert rig.adapter.remove(rig.log.endpoint, (1, 2)) == ()
    assert rig.adapter.remove(rig.log.endpoint, (2,)) == (1,)
    assert rig.content() == (["churn--churn-v2"], ["groundplan-123456789-v2"])
    assert rig.adapter.remove(rig.log.endpoint, (2,)) == ()


def test_a_monitor_on_which_another_endpoint_has_a_schedule_stays_until_both_are_gone(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    other = f"{rig.log.endpoint}0"
    rig.service.store.occupy(other, "gcp:vertex/aiEndpoint:AiEndpoint", displayName="other")
    with rig.service.store.changing() as content:
        content["resources"][other] = {**content["resources"][rig.log.endpoint], "id": other}
    monitor = dict(rig.monitors.monitors[MONITOR])
    rig.adapter.ensure(rig.watch(endpoint=other))

    assert rig.monitors.monitors[MONITOR] == monitor
    assert rig.content() == (["churn--churn-v1"], [TITLE, "groundplan-1234567890-v1"])
    assert rig.adapter.remove(rig.log.endpoint, ()) == (1,)
    assert rig.content() == (["churn--churn-v1"], ["groundplan-1234567890-v1"])
    assert rig.adapter.remove(rig.log.endpoint, ()) == ()
    assert rig.adapter.remove(other, ()) == (1,)
    assert rig.content() == ([], [])


def test_a_monitor_that_a_kill_left_without_a_schedule_goes_as_well(rig: MonitorRig) -> None:
    rig.adapter.ensure(rig.watch())
    rig.monitors.schedules.clear()

    assert (rig.adapter.remove(rig.log.endpoint, ()), rig.content()) == ((1,), ([], []))


def test_windows_are_of_whole_hours_and_a_job_begins_in_each() -> None:
    found = {seconds: monitor_times.cron(monitor_times.hours(seconds)).removeprefix("TZ=Etc/UTC ")
             for seconds in (60.0, 3600.0, 5 * 3600.0, 43200.0, 86399.0, 86400.0, 7 * 86400.0)}  # fmt: skip

    assert found == {
        60.0: "0 * * * *", 3600.0: "0 * * * *", 5 * 3600.0: "0 */4 * * *", 43200.0: "0 */12 * * *",
        86399.0: "0 0 * * *", 86400.0: "0 0 * * *", 7 * 86400.0: "0 0 * * 1",
    }  # fmt: skip


def test_a_window_of_part_of_an_hour_is_told(rig: MonitorRig) -> None:
    words = rig.adapter.ensure(rig.watch(plan={"window_seconds": 5400.0}))

    assert words[-1] == "Vertex AI counts whole hours: its windows are of 2 h"


def test_a_monitors_id_has_the_letters_that_the_service_takes() -> None:
    ids = [naming.monitor_id(model, "12") for model in ("p/churn--churn", f"p/{'a' * 63}", "p/4711", "p/a_B--c")]

    assert ids == [
        "churn--churn-v12", f"m-{'a' * 52}-{ids[1][-8:]}", f"m-4711-v12-{ids[2][-8:]}", f"m-a-b--c-v12-{ids[3][-8:]}"
    ]  # fmt: skip
    assert all(re.fullmatch("[a-z]([a-z0-9-]{0,61}[a-z0-9])?", one) for one in ids)
