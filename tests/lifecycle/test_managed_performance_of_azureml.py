"""Azure ML's own model performance of versions whose labels came, through the SDK's real client.

The stand-in plays the published components over the files that were really written, and measures with scikit-learn. Not
proved: that the service puts these components together so.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from groundplan.core.errors import ResourceFailedError
from groundplan.lifecycle.contract.managed_monitors import LabelledAnswer, ManagedFindings, ManagedWatch
from groundplan.lifecycle.contract.monitoring import CheckVerdict, FeatureProfile, MonitorCheck

import azure_monitors_kit
import cloud_faults
import cloud_kills
from azure_monitors_kit import BASELINE, ENDPOINT, IMPATIENT, WINDOW, MonitorsRig
from cloud_faults import PASSING, EachOnce
from stand_in.services import performance

NAME = "churn-dev-0a1b-v-1-performance"
SCHEDULE = f"{azure_monitors_kit.WORKSPACE}/schedules/{NAME}"
TOP = "monitoring/churn-dev-0a1b/v-1"
DETAIL = "on the answers whose labels came in the days before the run"
CLASSES = FeatureProfile(name="churned", kind="categorical", missing=0.0, categories={"0": 0.5, "1": 0.3, "2": 0.2})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[MonitorsRig, Callable[[], None]]]:
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


def at(hour: int, *, day: int = 26) -> str:
    return f"2026-11-{day}T{hour:02d}:30:00.000Z"


def labelled(*pairs: tuple[Any, Any], when: str = at(12), first: int = 0) -> list[LabelledAnswer]:
    """What was said and what was true, two rows in a request."""
    return [
        LabelledAnswer(request_id=f"r{number // 2}", row=number % 2, answer=said, label=true, when=when)
        for number, (said, true) in enumerate(pairs, start=first)
    ]


CAME = labelled((1, 1.0), (0, 0), (1, 0), (2, 2))


def watch(came: Sequence[LabelledAnswer] = CAME, **plan: Any) -> ManagedWatch:
    """Version 1, of which labels came; its evidence says how well it did."""
    evidence = {"accuracy": 0.9, "precision": 0.8, "recall": 0.8, "f1": 0.8, "mae": 1.0, "rmse": 1.5}
    asked: dict[str, Any] = {"metrics": {"accuracy": 0.1}, "min_rows": 4, **plan}
    told = azure_monitors_kit.watch(1, **asked)
    return replace(
        told, training="", baseline=replace(BASELINE, metrics=evidence, prediction=CLASSES), labelled=lambda: came
    )


def regression(*pairs: tuple[Any, Any]) -> ManagedWatch:
    return watch(labelled(*pairs), task="regression", metrics={"mae": 0.5, "rmse": 0.5, "r2": 0.1})


def written(rig: MonitorsRig) -> dict[str, str]:
    blobs = rig.service.blobs.content.items()
    return {name.removeprefix(f"{TOP}/"): one.content.decode() for (*_, name), one in blobs if name.startswith(TOP)}


def ran(rig: MonitorsRig, told: ManagedWatch, trigger: str = "20261127T030000Z") -> ManagedFindings:
    """What is found of a run at three, which plays the components over what was written."""
    file = performance.measured(rig.service, SCHEDULE, trigger)
    rig.run(NAME, trigger, signals={"model-performance": file}, ends=datetime(2026, 11, 27, 4, tzinfo=UTC))
    return rig.monitors().findings(told, WINDOW)


def check(statistic: str, value: float, threshold: float | None, verdict: CheckVerdict, rows: int = 4) -> MonitorCheck:
    return MonitorCheck(
        area="performance", subject="model", statistic=statistic, value=near(value),
        threshold=None if threshold is None else near(threshold), verdict=verdict, rows=rows, detail=DETAIL,
        source="azureml",
    )  # fmt: skip


def near(value: float) -> float:
    """That number, but for how it is rounded."""
    found: Any = pytest.approx(value)
    return found


def test_answers_are_written_in_the_hour_of_their_label_and_what_was_true_with_nothing_but_its_id(
    rig: MonitorsRig,
) -> None:
    rig.monitors().ensure(watch([*CAME[:2], *labelled((True, "x"), when=at(13), first=2)]))

    files = written(rig)
    assert files.pop("labels/MLTable").startswith("type: mltable\n")
    assert files == {
        "answers/2026/11/26/12/answers.jsonl": (
            '{"correlationid": "r0", "data": [{"answer": "1", "id": "r0_0"}]}\n'
            '{"correlationid": "r0", "data": [{"answer": "0", "id": "r0_1"}]}\n'
        ),
        "answers/2026/11/26/13/answers.jsonl": '{"correlationid": "r1", "data": [{"answer": "True", "id": "r1_0"}]}\n',
        "labels/labels.jsonl": (
            '{"id": "r0_0", "truth": "1"}\n{"id": "r0_1", "truth": "0"}\n{"id": "r1_0", "truth": "x"}\n'
        ),
    }


def test_what_azure_measures_of_classes_stands_in_the_report_against_what_the_evidence_allows(rig: MonitorsRig) -> None:
    told = watch(metrics={"accuracy": 0.1, "precision": 0.3, "f1": 0.1})

    words = rig.monitors().ensure(told)

    assert words[1:] == ("Azure ML's model performance has no f1",)
    assert ran(rig, told).checks == (
        check("Accuracy", 0.75, 0.8, "alert"),
        check("Precision", 5 / 6, 0.5, "ok"),
        check("Recall", 5 / 6, None, "not judged"),
    )


def test_what_azure_measures_of_numbers_stands_in_the_report(rig: MonitorsRig) -> None:
    told = regression((1.0, 2), (3, "5"), (2.0, 2.0), (1.0, 4.0), (1.0, "unknown"), (None, 1.0))

    words = rig.monitors().ensure(told)

    assert words[1:] == ("Azure ML's model performance has no r2",)
    assert ran(rig, told).checks == (
        check("MeanAbsoluteError", 1.5, 1.5, "ok"),
        check("RootMeanSquaredError", 3.5**0.5, 2.0, "ok"),
    )


def test_labels_that_are_late_are_judged_in_the_run_after_they_came_and_once(rig: MonitorsRig) -> None:
    late = [*CAME, *labelled((1, 0), (1, 0), (1, 0), (1, 1), when=at(5, day=27), first=4)]
    rig.monitors().ensure(watch())
    first = performance.measured(rig.service, SCHEDULE, "20261127T030000Z")
    rig.monitors().ensure(watch(late))
    second = performance.measured(rig.service, SCHEDULE, "20261128T030000Z")

    assert [one["metrics"]["Accuracy"]["value"] for one in (first, second)] == [0.75, 0.25]


def test_few_labels_are_not_judged(rig: MonitorsRig) -> None:
    told = watch(min_rows=5)
    rig.monitors().ensure(told)

    assert ran(rig, told).checks[0] == check("Accuracy", 0.75, 0.8, "not enough data")


def test_a_label_that_changed_counts_once(rig: MonitorsRig) -> None:
    rig.monitors().ensure(watch())
    changed = [replace(CAME[2], label=1, when=at(14)), *CAME[:2], CAME[3]]

    rig.monitors().ensure(watch(changed))

    assert ran(rig, watch(changed)).checks[0] == check("Accuracy", 1.0, 0.8, "ok")


def test_the_same_labels_are_written_once_and_more_change_no_schedule(rig: MonitorsRig) -> None:
    rig.monitors().ensure(watch())
    rig.service.requests.clear()

    rig.monitors().ensure(watch())
    nothing = [path for method, path in rig.service.requests if method == "PUT"]
    rig.monitors().ensure(watch([*CAME, *labelled((1, 1), when=at(15), first=4)]))

    puts = [path.partition(f"{TOP}/")[2] for method, path in rig.service.requests if method == "PUT"]
    assert (nothing, puts) == ([], ["labels/labels.jsonl", "answers/2026/11/26/15/answers.jsonl"])


def test_another_tolerance_changes_the_schedule(rig: MonitorsRig) -> None:
    rig.monitors().ensure(watch())
    rig.monitors().ensure(watch(metrics={"accuracy": 0.2}))

    (signal,) = rig.schedules()[NAME]["action"]["monitorDefinition"]["signals"].values()
    limits = signal["properties"]["azureml.modelmonitor.model_performance_thresholds"]
    assert limits == '[{"modelType":"classification","metric":"Accuracy","threshold":{"value":0.7}}]'


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (watch([]), ()),
        (watch(metrics={}), ()),
        (watch(metrics={"accuracy": 0.9}), (
            "Azure ML does not judge accuracy: the evidence and the config leave no threshold for it",)),
        (watch(metrics={"precision": 0.1}, positive_class="yes"), (
            "Azure ML does not judge precision: its own is the mean of all classes, the evidence is of one",)),
    ],
    ids=["no label", "no metric", "no threshold", "of one class"],
)  # fmt: skip
def test_there_is_no_monitor_of_performance_where_there_is_nothing_to_hold_it_against(
    rig: MonitorsRig, told: ManagedWatch, said: tuple[str, ...]
) -> None:
    words = rig.monitors().ensure(told)

    assert (words[1:], NAME in rig.schedules(), written(rig)) == (said, False, {})


def test_it_goes_with_its_version_or_when_no_labels_come_any_more_and_leaves_no_label_behind(rig: MonitorsRig) -> None:
    def end_with_version() -> None:
        assert rig.monitors().remove(ENDPOINT, keep=[]) == (1,)

    for end in (end_with_version, lambda: rig.monitors().ensure(watch([]))):
        rig.monitors().ensure(watch())
        end()
        assert (NAME in rig.schedules(), set(written(rig).values())) == (False, {""})


def test_without_the_right_to_write_it_is_said_who_grants_it_and_the_others_are_there(rig: MonitorsRig) -> None:
    lacking = {"x-ms-error-code": "AuthorizationPermissionMismatch"}
    rig.service.strike(method="PUT", path=f"/{TOP}/", status=403, headers=lacking)

    with pytest.raises(ResourceFailedError) as refused:
        rig.monitors(IMPATIENT).ensure(watch())

    assert "Storage Blob Data Contributor" in refused.value.problems[0].hint
    assert list(rig.schedules()) == ["churn-dev-0a1b-v-1-drift"]


@pytest.mark.parametrize("order", PASSING.values(), ids=PASSING)
def test_a_fault_at_each_request_once_leaves_the_same(rig: MonitorsRig, order: Mapping[str, Any]) -> None:
    rig.service.strikes.append(EachOnce(**order))

    with cloud_faults.at_once():
        rig.monitors().ensure(watch())

    rig.service.strikes.clear()
    assert ran(rig, watch()).checks[0] == check("Accuracy", 0.75, 0.8, "alert")


def test_killed_at_any_request_the_next_command_writes_the_same(rig: MonitorsRig) -> None:
    states = cloud_kills.left_by_kills(rig.service, lambda: rig.monitors().ensure(watch()))
    wanted = written(rig), list(rig.schedules())

    for left in states[:-1]:
        left.put_back()
        rig.monitors().ensure(watch())
        assert (written(rig), list(rig.schedules())) == wanted, f"killed after {left.requests} requests"


@pytest.mark.parametrize(
    "change",
    [{"version": "2.0.0"}, {"signalType": "Performance"}, {"metrics": {"MeanSquaredError": {}}}, {"rowCount": 3},
     {"metrics": {"Accuracy": {"value": "0.7", "timeseries": {}}}}, {"signalName": "other"}],
    ids=["version", "type", "metric", "more", "figure", "name"],
)  # fmt: skip
def test_figures_in_another_form_are_a_note(rig: MonitorsRig, change: Mapping[str, Any]) -> None:
    rig.monitors().ensure(watch())
    file = performance.measured(rig.service, SCHEDULE, "20261127T030000Z")
    ends = datetime(2026, 11, 27, 4, tzinfo=UTC)
    rig.run(NAME, "20261127T030000Z", signals={"model-performance": {**file, **change}}, ends=ends)

    found = rig.monitors().findings(watch(), WINDOW)

    assert (found.checks, ["in a form that is not known" in one for one in found.notes]) == ((), [True])
