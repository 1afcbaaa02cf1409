"""Azure ML's own monitors of the versions that serve: made, changed and taken away through the SDK's real client.

The service is a stand-in by Azure's published types. Not proved: that a live workspace takes the SDK's schedules as
they are, that the table of answers calls its column as it is read in Azure's own scoring script, and how long a monitor
takes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from groundplan.core.errors import AuthenticationError, ResourceFailedError, TimeoutReachedError

import azure_monitors_kit
import cloud_faults
import cloud_kills
from azure_monitors_kit import BASELINE, ENDPOINT, IMPATIENT, TRAINING, MonitorsRig, watch
from cloud_faults import PASSING, EachOnce

DRIFT, ATTRIBUTION = "churn-dev-0a1b-v-1-drift", "churn-dev-0a1b-v-1-attribution"
TABLE = "monitoring/churn-training/1580f4bff9dbef58"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[MonitorsRig, Callable[[], None]]]:
    """A workspace, and what puts it back to where version 1 has just been deployed."""
    with azure_monitors_kit.rig(tmp_path_factory.mktemp("azureml")) as made:
        made.reset()
        made.deploy(1)
        yield made, made.service.memory()


@pytest.fixture
def rig(served: tuple[MonitorsRig, Callable[[], None]]) -> MonitorsRig:
    made, put_back = served
    made.reset()
    put_back()
    return made


def data(collection: str, days_ago: int) -> dict[str, Any]:
    """A window of what version 1 collected."""
    asset = f"{azure_monitors_kit.WORKSPACE}/data/churn-dev-0a1b-v-1-{collection}/versions/1"
    return {
        "inputDataType": "Rolling", "dataContext": collection, "jobInputType": "uri_folder", "uri": asset,
        "windowSize": "P1D", "windowOffset": f"P{days_ago}D",
    }  # fmt: skip


def training(**columns: str) -> dict[str, Any]:
    """What version 1 learned from."""
    asset = f"{azure_monitors_kit.WORKSPACE}/data/churn-training/versions/{TABLE.rpartition('/')[2]}"
    found = {"inputDataType": "Fixed", "dataContext": "training", "jobInputType": "mltable", "uri": asset}
    return {**found, **({"columns": columns} if columns else {})}


def limits(numbers: Mapping[str, float], categories: Mapping[str, float]) -> list[dict[str, Any]]:
    return [
        {"dataType": kind, "metric": metric, "threshold": {"value": value}}
        for kind, metrics in (("Numerical", numbers), ("Categorical", categories))
        for metric, value in metrics.items()
    ]


def signals(rig: MonitorsRig, schedule: str) -> dict[str, Any]:
    return rig.schedules()[schedule]["action"]["monitorDefinition"]["signals"]


def test_a_version_is_watched_by_what_the_plan_says_against_what_it_learned_from(rig: MonitorsRig) -> None:
    words = rig.monitors().ensure(watch())

    psi = limits({"populationStabilityIndex": 0.2}, {"populationStabilityIndex": 0.2})
    shares = {"nullValueRate": 0.1, "dataTypeErrorRate": 0.01, "outOfBoundsRate": 0.01}
    columns = {
        "features": {"filterType": "FeatureSubset", "features": ["tenure", "plan"]},
        "featureDataTypeOverride": {"tenure": "Numerical", "plan": "Categorical"},
    }
    inputs = {"productionData": data("model_inputs", 0), "referenceData": training(), **columns}
    answers = {"productionData": data("model_outputs", 0), "referenceData": data("model_outputs", 1)}
    assert (words, list(rig.schedules())) == ((), [ATTRIBUTION, DRIFT])
    assert signals(rig, DRIFT) == {
        "data-drift": {"signalType": "DataDrift", "metricThresholds": psi, **inputs},
        "prediction-drift": {"signalType": "PredictionDrift", "metricThresholds": psi, **answers},
        "data-quality": {"signalType": "DataQuality", "metricThresholds": limits(shares, shares), **inputs},
    }
    (attribution,) = signals(rig, ATTRIBUTION).values()
    assert attribution["productionData"] == [data("model_inputs", 0), data("model_outputs", 0)]
    assert attribution["referenceData"] == training(target_column="0")
    assert attribution["metricThreshold"] == {
        "metric": "normalizedDiscountedCumulativeGain", "threshold": {"value": 0.9}
    }  # fmt: skip


def test_a_monitor_runs_each_day_on_machines_that_nobody_keeps(rig: MonitorsRig) -> None:
    rig.monitors().ensure(watch())

    found = rig.schedules()[DRIFT]
    definition = found["action"]["monitorDefinition"]
    assert found["trigger"] == {"triggerType": "Cron", "expression": "0 3 * * *", "timeZone": "UTC"}
    assert (found["isEnabled"], found["tags"]["model"], found["tags"]["version"]) == (True, "churn", "1")
    assert definition["computeConfiguration"] == {
        "computeType": "ServerlessSpark", "computeIdentity": {"computeIdentityType": "AmlToken"},
        "instanceType": "standard_e4s_v3", "runtimeVersion": "3.4",
    }  # fmt: skip
    assert definition["monitoringTarget"] == {
        "taskType": "Classification", "deploymentId": f"{ENDPOINT}/deployments/v-1"
    }  # fmt: skip


def test_the_training_data_becomes_a_table_of_features_and_of_truth_called_as_the_answers_are(rig: MonitorsRig) -> None:
    rig.monitors().ensure(watch())

    blobs = rig.service.blobs.content
    table, reading = (blobs["stchurndev", "artifacts", f"{TABLE}/{name}"].content for name in ("data.csv", "MLTable"))
    assert table == b'tenure,plan,0\n3,"a,b",yes\n,b,no\n'
    assert (b"type: mltable\n" in reading, b"- file: ./data.csv\n" in reading) == (True, True)


def test_what_is_so_already_is_only_asked_for(rig: MonitorsRig) -> None:
    rig.monitors().ensure(watch())
    rig.service.requests.clear()

    words = rig.monitors().ensure(watch())

    asked = [path.rpartition("/")[2] for _, path in rig.service.requests if "/schedules/" in path]
    assert (words, rig.work(), asked) == ((), [], [DRIFT, ATTRIBUTION, "churn-dev-0a1b-v-1-performance"])


@pytest.mark.parametrize(
    ("plan", "numbers", "categories"),
    [
        ({"statistic": "jensen_shannon", "threshold": 0.3}, {"jensenShannonDistance": 0.3},
         {"jensenShannonDistance": 0.3}),
        ({"statistic": "wasserstein", "threshold": 0.3}, {"normalizedWassersteinDistance": 0.3},
         {"pearsonsChiSquaredTest": 0.05}),
        ({"statistic": "kolmogorov_smirnov", "alpha": 0.01}, {"twoSampleKolmogorovSmirnovTest": 0.01},
         {"pearsonsChiSquaredTest": 0.01}),
        ({"statistic": "chi_squared"}, {"twoSampleKolmogorovSmirnovTest": 0.05}, {"pearsonsChiSquaredTest": 0.05}),
    ],
    ids=["jensen_shannon", "wasserstein", "kolmogorov_smirnov", "chi_squared"],
)  # fmt: skip
def test_another_plan_changes_the_monitor_and_a_test_is_held_against_its_own_chance(
    rig: MonitorsRig, plan: Mapping[str, Any], numbers: Mapping[str, float], categories: Mapping[str, float]
) -> None:
    rig.monitors().ensure(watch())
    rig.service.requests.clear()

    rig.monitors().ensure(watch(**plan))

    found = signals(rig, DRIFT)
    assert found["data-drift"]["metricThresholds"] == limits(numbers, categories)
    assert found["prediction-drift"]["metricThresholds"] == limits(numbers, categories)
    assert rig.work() == [f"PUT schedules/{DRIFT}", f"PUT schedules/{ATTRIBUTION}"]


def test_the_ranks_of_features_are_held_against_the_config_where_it_says_so(rig: MonitorsRig) -> None:
    rig.monitors().ensure(watch(attribution=0.8))

    (attribution,) = signals(rig, ATTRIBUTION).values()
    assert attribution["metricThreshold"]["threshold"] == {"value": 0.8}


def test_azure_looks_back_over_whole_days(rig: MonitorsRig) -> None:
    rig.monitors().ensure(watch(window_seconds=86400 * 1.5))

    found = signals(rig, DRIFT)["prediction-drift"]
    assert (found["productionData"]["windowSize"], found["referenceData"]["windowOffset"]) == ("P2D", "P2D")


def test_without_the_training_data_it_compares_with_the_days_before_and_says_so(rig: MonitorsRig) -> None:
    words = rig.monitors().ensure(replace(watch(), training=""))

    assert words == (
        "Azure ML compares with the days before, and no attributions: where the training data is, is not known",
    )
    assert list(rig.schedules()) == [DRIFT]
    assert signals(rig, DRIFT)["data-drift"]["referenceData"] == data("model_inputs", 1)


def test_a_monitor_of_attributions_goes_when_it_has_nothing_to_compare_with_any_more(rig: MonitorsRig) -> None:
    rig.monitors().ensure(watch())
    rig.monitors().ensure(replace(watch(), training=""))

    assert list(rig.schedules()) == [DRIFT]


@pytest.mark.parametrize(
    ("header", "said"),
    [(b"tenure,plan\n", "no single column churned"), (b"plan,churned\n", "no single column tenure"),
     (b"", "no single column tenure"), (b"tenure,plan,plan,churned\n", "no single column plan")],
    ids=["no target", "no feature", "nothing", "a column twice"],
)  # fmt: skip
def test_training_data_that_cannot_be_compared_with_is_told_in_words(
    rig: MonitorsRig, header: bytes, said: str
) -> None:
    rig.service.blobs.put("stchurndev", "data", TRAINING.rpartition("/paths/")[2], header)

    (word,) = rig.monitors().ensure(watch())

    assert (said in word, word.startswith("Azure ML compares with the days before, and no attributions:")) == (
        True, True
    )  # fmt: skip
    assert list(rig.schedules()) == [DRIFT]


def test_a_feature_that_is_called_as_the_answers_are_is_told_in_words(rig: MonitorsRig) -> None:
    feature = replace(BASELINE.features[0], name="0")
    rig.service.blobs.put("stchurndev", "data", TRAINING.rpartition("/paths/")[2], b"0,churned\n1,yes\n")

    (word,) = rig.monitors().ensure(replace(watch(), baseline=replace(BASELINE, features=(feature,))))

    assert "a feature is called 0" in word


def test_training_data_that_is_gone_is_told_in_words(rig: MonitorsRig) -> None:
    rig.service.blobs.content.clear()

    (word,) = rig.monitors().ensure(watch())

    assert "the training data is not there" in word


def test_a_version_that_collects_no_tables_must_be_deployed_again(rig: MonitorsRig) -> None:
    rig.tag(**{"log-sample": "1"})
    rig.deploy(2)

    words = rig.monitors().ensure(watch(2))

    assert words == (
        (
            "Azure ML watches nothing of version 2: it was deployed before monitoring.managed "
            "and does not collect what monitors read; deploy it again"
        ),
    )
    assert rig.schedules() == {}


def test_a_version_that_is_not_there_is_not_watched(rig: MonitorsRig) -> None:
    assert rig.monitors().ensure(watch(3)) == (
        "Azure ML watches nothing of version 3: it is not deployed at churn-dev-0a1b",
    )


_BY_ANOTHER_TEST = "Azure ML compares numbers by its Kolmogorov-Smirnov test: its chi-squared test takes none"
_FEW_PAIRS = (
    "Azure ML joins inputs and answers for its attributions, and collects either of them with a chance of 0.1: it may "
    "find few rows that have both"
)


@pytest.mark.parametrize(
    ("plan", "said"), [({"statistic": "chi_squared"}, _BY_ANOTHER_TEST), ({"log_sample": 0.1}, _FEW_PAIRS)]
)
def test_what_azure_does_in_its_own_way_is_told_in_words(rig: MonitorsRig, plan: Mapping[str, Any], said: str) -> None:
    assert rig.monitors().ensure(watch(**plan)) == (said,)
    assert rig.monitors().ensure(watch(**plan)) == (said,)


def test_numbers_that_are_too_many_for_azures_test_are_left_out_of_it(rig: MonitorsRig) -> None:
    many = replace(watch(statistic="kolmogorov_smirnov"), baseline=replace(BASELINE, rows=10_000))

    words = rig.monitors().ensure(many)

    assert words == (
        (
            "Azure ML does not compare numbers: its Kolmogorov-Smirnov test takes less than 10000 rows, "
            "the training data has 10000"
        ),
    )
    assert signals(rig, DRIFT)["data-drift"]["features"]["features"] == ["plan"]


def test_monitors_of_versions_that_no_longer_serve_are_taken_away(rig: MonitorsRig) -> None:
    rig.deploy(2, 3)
    for version in (1, 2, 3):
        rig.monitors().ensure(watch(version))
    rig.service.schedules.page = 2
    rig.service.store.delete(f"{ENDPOINT}/deployments/v-1")

    gone = rig.monitors().remove(ENDPOINT, keep=[2])

    assert (gone, list(rig.schedules())) == ((1, 3), ["churn-dev-0a1b-v-2-attribution", "churn-dev-0a1b-v-2-drift"])
    assert rig.monitors().remove(ENDPOINT, keep=[2]) == ()


def test_schedules_of_others_are_left_alone(rig: MonitorsRig) -> None:
    rig.monitors().ensure(watch())
    resources = rig.service.store.resources
    mine = resources[f"{azure_monitors_kit.WORKSPACE}/schedules/{DRIFT}"]
    others = ["churn-dev-0a1b-drift", "churn-dev-0a1b-v-1-v-1-drift", "else-v-1-drift", "churn-dev-0a1b-v-1-other"]
    for name in others:
        rig.service.put({**mine, "id": f"{azure_monitors_kit.WORKSPACE}/schedules/{name}"})

    gone = rig.monitors().remove(ENDPOINT, keep=[])

    assert (gone, list(rig.schedules())) == ((1,), sorted(others))


def test_a_monitor_that_somebody_disabled_or_that_failed_is_made_anew(rig: MonitorsRig) -> None:
    rig.monitors().ensure(watch())
    with rig.service.store.changing() as content:
        for name, change in ((DRIFT, {"isEnabled": False}), (ATTRIBUTION, {"provisioningState": "Failed"})):
            one = content["resources"][f"{azure_monitors_kit.WORKSPACE}/schedules/{name}"]
            one["outputs"] = {"properties": {**one["inputs"]["properties"], **change}}
    rig.service.requests.clear()

    rig.monitors().ensure(watch())

    assert rig.work() == [f"PUT schedules/{DRIFT}", f"PUT schedules/{ATTRIBUTION}"]


@pytest.mark.parametrize("order", PASSING.values(), ids=PASSING)
def test_a_fault_at_each_request_once_leaves_the_same(rig: MonitorsRig, order: Mapping[str, Any]) -> None:
    strike = EachOnce(**order)
    rig.service.strikes.append(strike)

    with cloud_faults.at_once():
        words, made = rig.monitors().ensure(watch()), list(rig.schedules())
        gone = rig.monitors().remove(ENDPOINT, keep=[])

    assert (words, made, gone, rig.schedules()) == ((), [ATTRIBUTION, DRIFT], (1,), {})
    assert {("PUT", path) for method, path in rig.service.requests if method == "PUT"} <= set(strike.met)


def test_tokens_that_expire_on_the_way_are_renewed(rig: MonitorsRig) -> None:
    try:
        cloud_faults.short_lived(rig.service)
        cloud_faults.expiring(rig.service)
        words = rig.monitors().ensure(watch())
    finally:
        cloud_faults.lasting(rig.service)

    assert (words, list(rig.schedules())) == ((), [ATTRIBUTION, DRIFT])


def test_killed_at_any_request_the_next_command_comes_to_the_same_end(rig: MonitorsRig) -> None:
    def act() -> None:
        rig.monitors().ensure(watch())
        rig.monitors().remove(ENDPOINT, keep=[])
        rig.monitors().ensure(watch(alpha=0.01))

    states = cloud_kills.left_by_kills(rig.service, act)
    wanted = rig.schedules()

    for left in states[:-1]:
        left.put_back()
        rig.monitors().ensure(watch(alpha=0.01))
        assert rig.schedules() == wanted, f"killed after {left.requests} requests"
        assert (rig.monitors().remove(ENDPOINT, keep=[]), rig.schedules()) == ((1,), {})
    assert len(states) > 10


@pytest.mark.parametrize("path", ["/schedules/", "/data/churn-training/", "/deployments/v-1"])
def test_who_may_not_is_told_the_role_and_who_grants_it(rig: MonitorsRig, path: str) -> None:
    body = {"error": {"code": "AuthorizationFailed", "message": "does not have authorization"}}
    rig.service.strike(path=path, status=403, body=body, times=9)

    with pytest.raises(ResourceFailedError) as refused:
        rig.monitors(IMPATIENT).ensure(watch())

    assert refused.value.hint == (
        "Ask for AzureML Data Scientist, or groundplan's own role MLOps Deployer, on resource group rg-churn-dev; who "
        "is Owner or Role Based Access Control Administrator there can grant it."
    )


def test_who_is_not_signed_in_is_told_to(rig: MonitorsRig) -> None:
    rig.service.strike(path="/schedules/", status=401, body={"error": {"message": "expired"}}, times=9)

    with pytest.raises(AuthenticationError):
        rig.monitors(IMPATIENT).ensure(watch())


def test_an_operation_that_never_ends_is_given_up_and_another_command_goes_on(rig: MonitorsRig) -> None:
    rig.service.patience = float("inf")

    with pytest.raises(TimeoutReachedError, match=f"make the monitor {DRIFT}"):
        rig.monitors(seconds=0.2).ensure(watch())

    rig.service.patience = 1
    rig.service.operations.clear()
    rig.monitors().ensure(watch())
    assert list(rig.schedules()) == [ATTRIBUTION, DRIFT]


def test_an_operation_that_fails_in_the_end_is_told_of(rig: MonitorsRig) -> None:
    rig.service.late_error = {"code": "UserError", "message": "the subscription has no Spark"}

    with pytest.raises(ResourceFailedError, match="the subscription has no Spark"):
        rig.monitors().ensure(watch())
