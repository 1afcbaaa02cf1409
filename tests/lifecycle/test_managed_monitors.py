"""The cloud's own monitors of an endpoint, over a cloud in memory: made, read, removed, and never in the way.

Not proved: what a cloud's monitor finds, and how long its runs take.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.core.errors import AuthenticationError
from groundplan.lifecycle import monitoring
from groundplan.lifecycle.contract.deployment import EndpointSettings, Machines, ServedModel
from groundplan.lifecycle.contract.managed_monitors import ManagedWatch
from groundplan.lifecycle.contract.monitoring import MonitorPlan, MonitorReport
from groundplan.lifecycle.contract.pipeline import StepInput
from groundplan.lifecycle.local.monitoring.looking import Looking
from groundplan.lifecycle.recorded.endpoints import RecordedEndpoints

from memory_cloud import Killed
from watched_cloud import KNOWN, PLAN, Cloud, at, cloud_in, feedback, looking, six_hours, text

ON = replace(PLAN, managed=True, learned_from=StepInput(step="prepare", output="train"), target="churned")
OFF = replace(ON, managed=False)
AGE = "memory:drift/age/psi"
CATEGORIES = "plan holds no numbers"
REFUSED = "Ask for Monitor Editor on project churn; its Owner can grant it."


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    made = cloud_in(tmp_path)
    six_hours(made)
    return made


def look(cloud: Cloud, hour: int, minute: int = 20, *, plan: MonitorPlan = ON, serving: tuple[int, ...] = (1,),
         machine: str = "mine") -> MonitorReport:  # fmt: skip
    """The report of version 1 on the last window."""
    return looking(cloud.machine(machine), plan).look(at(hour, minute), serving=serving)[0]


def watched(cloud: Cloud) -> list[int]:
    """The versions that the cloud's own monitors watch."""
    return sorted(version for _, version in cloud.cloud.monitors.there)


def theirs(report: MonitorReport) -> dict[str, tuple[float | None, str]]:
    return {check.key: (check.value, check.verdict) for check in report.theirs}


def test_the_first_look_has_a_version_watched_and_tells_where_the_data_is_that_it_learned_from(cloud: Cloud) -> None:
    look(cloud, 3)

    assert cloud.cloud.monitors.there == {
        ("churn-dev", 1): ManagedWatch(
            endpoint="churn-dev", version=1, plan=ON, baseline=KNOWN, training="mem://churn/1/prepare.train",
            target="churned",
        )
    }  # fmt: skip


def test_a_monitor_can_read_the_answers_whose_labels_came_lately_with_what_was_true(cloud: Cloud) -> None:
    label = six_hours(cloud)[0]
    feedback(cloud.machine(), replace(label, value="late"), now=text(3, 10))

    look(cloud, 3)

    (found,) = cloud.cloud.monitors.there["churn-dev", 1].labelled()

    assert (found.request_id, found.row, found.label, found.when) == (label.request_id, 0, "late", label.when)


def test_what_a_monitor_found_stands_in_the_report_of_its_window_and_groundplans_own_beside_it(cloud: Cloud) -> None:
    look(cloud, 3)
    cloud.cloud.monitors.ran("churn-dev", 1, text(3, 5), 0.9)
    cloud.cloud.monitors.ran("churn-dev", 1, text(3, 50), 0.1)
    cloud.cloud.monitors.ran("churn-dev", 1, text(4, 1), 0.9)

    report = look(cloud, 4)

    assert theirs(report) == {AGE: (0.1, "ok")}
    assert [check.verdict for check in report.own if check.key == "drift/age/psi"] == ["ok"]
    assert cloud.machine("new").reports("churn", "dev")[-1] == report


def test_what_it_found_alerts_after_as_many_windows_as_everything_else_and_is_no_drift_of_groundplans(
    cloud: Cloud,
) -> None:
    look(cloud, 2)
    for hour in (2, 3):
        cloud.cloud.monitors.ran("churn-dev", 1, text(hour, 30), 0.9)

    first, second = look(cloud, 3), look(cloud, 4)

    assert ((first.found, first.alerts), second.alerts) == (({AGE}, ()), (AGE,))
    assert second.since == {AGE: text(2)}
    assert monitoring.drifted(second) == ()
    assert [check.source for check in monitoring.alerting(second)] == ["memory"]


def test_a_window_without_a_run_of_the_monitor_does_not_end_what_it_found_before(cloud: Cloud) -> None:
    look(cloud, 1)
    for hour in (1, 3):
        cloud.cloud.monitors.ran("churn-dev", 1, text(hour, 30), 0.9)

    found = [look(cloud, hour) for hour in (2, 3, 4)]

    assert [one.alerts for one in found] == [(), (), (AGE,)]
    assert found[-1].since == {AGE: text(1)}


def test_a_monitor_that_runs_more_seldom_than_windows_end_alerts_by_its_runs(cloud: Cloud) -> None:
    plan = replace(ON, hysteresis=(2, 2))
    look(cloud, 1, plan=plan)
    for hour, value in ((1, 0.9), (4, 0.9)):
        cloud.cloud.monitors.ran("churn-dev", 1, text(hour, 30), value)

    found = [look(cloud, hour, plan=plan) for hour in (2, 3, 4, 5)]

    assert [AGE in one.alerts for one in found] == [False, False, False, True]
    assert found[-1].since[AGE] == text(1)


def test_a_window_that_is_kept_is_not_asked_for_again_even_when_labels_have_it_judged_again(cloud: Cloud) -> None:
    labels = six_hours(cloud)
    look(cloud, 3)
    cloud.cloud.monitors.ran("churn-dev", 1, text(3, 5), 0.1)
    before = look(cloud, 4)
    feedback(cloud.machine(), *labels[:600], now=text(4, 25))
    cloud.cloud.monitors.asked.clear()

    after = look(cloud, 4, 30, machine="yours")

    assert (after.labelled > before.labelled, theirs(after)) == (True, theirs(before))
    assert [one for one in cloud.cloud.monitors.asked if one != "findings 1"] == []
    assert cloud.cloud.monitors.asked.count("findings 1") == 2  # of the two windows before, in which it did not run


def test_monitors_that_are_as_they_should_be_are_not_asked_for_again_within_the_hour(cloud: Cloud) -> None:
    look(cloud, 3, 20)
    cloud.cloud.monitors.asked.clear()

    look(cloud, 3, 59)
    quiet = list(cloud.cloud.monitors.asked)
    cloud.cloud.monitors.there.clear()
    look(cloud, 4, 20)

    assert (quiet, watched(cloud)) == ([], [1])


def test_a_look_asks_once_what_a_version_learned_from_however_many_windows_it_judges(cloud: Cloud) -> None:
    asked: list[int] = []
    made = Looking(store=cloud.machine(), plan=ON, baseline=lambda version: asked.append(version) or KNOWN)

    made.look(at(6, 20), serving=[1])

    assert asked == [1]


def test_another_plan_or_another_version_is_told_to_the_monitors_at_once(cloud: Cloud) -> None:
    look(cloud, 3, 20)

    look(cloud, 3, 21, plan=replace(ON, threshold=0.4), serving=(1, 2))

    assert {key: one.plan.threshold for key, one in cloud.cloud.monitors.there.items()} == {
        ("churn-dev", 1): 0.4,
        ("churn-dev", 2): 0.4,
    }


def test_a_version_that_serves_no_longer_is_watched_no_longer(cloud: Cloud) -> None:
    look(cloud, 3, 20, serving=(1, 2))

    look(cloud, 3, 21, serving=(2,))

    assert watched(cloud) == [2]


def test_switched_off_they_are_removed_and_nobody_asks_for_them_any_more(cloud: Cloud) -> None:
    look(cloud, 3)
    cloud.cloud.monitors.ran("churn-dev", 1, text(3, 5), 0.9)

    off = look(cloud, 4, plan=OFF)
    cloud.cloud.monitors.asked.clear()
    look(cloud, 5, plan=OFF)

    assert (watched(cloud), theirs(off), cloud.cloud.monitors.asked) == ([], {}, [])


def test_a_product_that_never_asked_for_them_asks_the_cloud_for_nothing(cloud: Cloud) -> None:
    report = look(cloud, 3, plan=OFF)

    assert (cloud.cloud.monitors.asked, report.managed_notes) == ([], ())
    assert "managed/churn.json" not in cloud.records.documents


def test_what_a_monitor_cannot_watch_is_said_of_every_window(cloud: Cloud) -> None:
    assert [look(cloud, 3, minute).managed_notes for minute in (20, 40)] == [(CATEGORIES,), (CATEGORIES,)]
    assert look(cloud, 4).managed_notes == (CATEGORIES,)


def test_a_cloud_that_refuses_gives_a_note_with_the_role_and_every_check_of_groundplans(cloud: Cloud) -> None:
    usual = look(cloud, 6, plan=OFF, machine="before")
    cloud.records.documents.clear()
    cloud.cloud.monitors.refused = {"ensure", "remove", "findings"}

    report = look(cloud, 6)

    assert (report.own, report.alerts) == (usual.own, usual.alerts)
    assert report.managed_notes == (
        f"monitors that nobody needs cannot be removed: you may not remove monitors. {REFUSED}",
        f"the monitor of version 1 cannot be put in place: you may not ensure monitors. {REFUSED}",
        f"what it found cannot be read: you may not findings monitors. {REFUSED}",
    )


def test_what_is_refused_is_said_also_where_the_window_was_judged_before_and_tried_again(cloud: Cloud) -> None:
    look(cloud, 3, plan=OFF)
    cloud.cloud.monitors.refused = {"ensure"}
    refused = look(cloud, 3, 30)
    again = look(cloud, 3, 31)
    cloud.cloud.monitors.refused = set()

    look(cloud, 3, 32)

    assert refused.managed_notes == (
        f"the monitor of version 1 cannot be put in place: you may not ensure monitors. {REFUSED}",
    )
    assert (again, watched(cloud)) == (refused, [1])


def test_the_monitors_of_an_endpoint_that_is_in_the_config_no_more_go_with_the_next_look_at_another(
    cloud: Cloud,
) -> None:
    other = replace(cloud.site, ids={"old": "old-dev", "churn": "churn-dev"})
    cloud.machine("before", site=other).managed(replace(ON, endpoint="old"), [4], lambda version: KNOWN, now=text(2))
    there = list(cloud.cloud.monitors.there)

    look(cloud, 3)
    cloud.cloud.monitors.asked.clear()
    look(cloud, 4, 30)

    assert (there, list(cloud.cloud.monitors.there)) == ([("old-dev", 4)], [("churn-dev", 1)])
    assert cloud.cloud.monitors.asked.count("remove") == 1


def test_one_version_that_is_refused_does_not_keep_another_from_being_watched(cloud: Cloud) -> None:
    look(cloud, 3, 20, serving=(1,))
    cloud.cloud.monitors.refused = {"remove"}

    look(cloud, 3, 21, serving=(2,))
    left = watched(cloud)
    cloud.cloud.monitors.refused = set()
    look(cloud, 3, 22, serving=(2,))

    assert (left, watched(cloud)) == ([1, 2], [2])


def test_a_record_that_is_damaged_is_a_note(cloud: Cloud) -> None:
    cloud.records.put("managed/churn.json", "{")

    (note,) = look(cloud, 3).managed_notes

    assert "the record managed/churn.json is damaged" in note


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("left", [0, 1, 2])
def test_after_a_kill_between_record_and_monitor_the_next_look_converges_also_to_nothing(
    cloud: Cloud, left: int, done: bool
) -> None:
    cloud.cloud.fuse.left, cloud.cloud.fuse.done = left, done
    with pytest.raises(Killed):
        look(cloud, 3)

    look(cloud, 3, 21, plan=OFF)
    nothing = watched(cloud)
    look(cloud, 3, 22)

    assert (nothing, watched(cloud)) == ([], [1])


def endpoints(cloud: Cloud) -> RecordedEndpoints:
    return RecordedEndpoints(
        {"dev": cloud.site}, folder_of=lambda served: cloud.folder, row_schema=lambda path: {}, folder=cloud.folder
    )


def serve(cloud: Cloud, *versions: int) -> None:
    """These versions are on the endpoint, the first one with all requests."""
    cloud.cloud.endpoints.there.clear()
    settings = EndpointSettings(name="churn", environment="dev", model="churn", machines=Machines(type="small"))
    for version in versions:
        cloud.cloud.registry.shared.add(("churn", version, "dev"))
        served = ServedModel(name="churn", version=version, digest="", path=Path(), task="classification")
        act = endpoints(cloud).deploy if version == versions[0] else endpoints(cloud).add
        act(settings, served, who="ada")


def test_a_version_that_is_taken_off_loses_its_monitor_with_it(cloud: Cloud) -> None:
    serve(cloud, 1, 2)
    look(cloud, 3, serving=(1, 2))

    endpoints(cloud).remove("churn", "dev", 2)

    assert watched(cloud) == [1]


def test_a_refused_monitor_stands_in_no_rollouts_way_and_goes_with_the_next_look(cloud: Cloud) -> None:
    serve(cloud, 1, 2)
    look(cloud, 3, serving=(1, 2))
    cloud.cloud.monitors.refused = {"remove"}

    endpoints(cloud).remove("churn", "dev", 2)
    left = watched(cloud)
    cloud.cloud.monitors.refused = set()
    look(cloud, 3, 21)

    assert ([one.version for one in endpoints(cloud).versions("churn", "dev")], left, watched(cloud)) == (
        [1], [1, 2], [1]
    )  # fmt: skip


def test_nothing_is_undeployed_while_its_monitors_cannot_be_removed(cloud: Cloud) -> None:
    serve(cloud, 1)
    look(cloud, 3)
    cloud.cloud.monitors.refused = {"remove"}
    with pytest.raises(AuthenticationError, match="you may not remove monitors"):
        endpoints(cloud).undeploy("churn", "dev")
    still = [one.version for one in endpoints(cloud).versions("churn", "dev")]
    cloud.cloud.monitors.refused = set()

    endpoints(cloud).undeploy("churn", "dev")

    assert (still, watched(cloud), cloud.cloud.endpoints.there["churn-dev"]) == ([1], [], {})
