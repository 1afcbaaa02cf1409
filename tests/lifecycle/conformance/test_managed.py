"""The cloud's own monitors beside groundplan's, told once for every platform that has some."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from groundplan.core import clock
from groundplan.lifecycle.contract.monitoring import Label, MonitorPlan, MonitorReport
from groundplan.lifecycle.contract.pipeline import StepInput
from groundplan.lifecycle.local.monitoring.looking import Looking

import monitoring_kit
from conformance_kit import ROWS, Rig, good
from managed_kit import ManagedRig
from monitoring_kit import asked, learned

ON = monitoring_kit.plan(managed=True, learned_from=StepInput(step="prepare", output="train"), target="churned")
OFF = monitoring_kit.plan(managed=False)


@pytest.fixture
def managed(rig: Rig) -> ManagedRig:
    if rig.managed is None:
        pytest.skip("this platform has no monitors of its own here")
    rig.managed.switch_on()
    return rig.managed


def start_of(rig: Rig) -> datetime:
    """Six whole hours ago, from when on the endpoint was asked."""
    return clock.in_utc(rig.began).replace(minute=0, second=0, microsecond=0) - timedelta(hours=6)


def serve(rig: Rig) -> list[Label]:
    """Version 1 serves and was asked for six hours; nothing drifted. Gives what was true, which nobody has said yet."""
    rig.serve("a")
    rig.tell(good(1, ROWS), good(2, ROWS))
    lines, labels = asked(hours=6, drifted_from=6, rows=ROWS, start=start_of(rig))
    rig.log(lines)
    return labels


def look(rig: Rig, hour: int, *serving: int, on: bool = True, plan: MonitorPlan = ON) -> MonitorReport:
    """The report of the first of these versions on the window that ended at this hour."""
    looking = Looking(store=rig.platform().monitors, plan=plan if on else OFF, baseline=lambda version: learned())
    reports = looking.look(start_of(rig) + timedelta(hours=hour, minutes=30), serving=serving or [1])
    return next(one for one in reports if one.version == (*serving, 1)[0])


def found(report: MonitorReport) -> dict[str, tuple[str, float | None]]:
    """What the cloud's monitor says of drift, by feature."""
    return {check.subject: (check.source, check.value) for check in report.theirs if check.area == "drift"}


def test_the_first_look_makes_the_monitor_and_a_later_one_reads_what_it_found(rig: Rig, managed: ManagedRig) -> None:
    serve(rig)
    look(rig, 3)
    made = managed.there()
    managed.ran(1, start_of(rig) + timedelta(hours=3, minutes=30), 0.75)

    report = look(rig, 4)

    assert made == [1]
    assert found(report) == {"age": (managed.source, 0.75)}
    assert [check.verdict for check in report.theirs if check.subject == "age"] == ["alert"]
    assert [check.verdict for check in report.own if check.key == "drift/age/psi"] == ["ok"]


def test_what_it_found_in_a_window_does_not_change_by_what_it_finds_later(rig: Rig, managed: ManagedRig) -> None:
    serve(rig)
    look(rig, 3)
    managed.ran(1, start_of(rig) + timedelta(hours=3, minutes=30), 0.5)
    before = look(rig, 4)
    managed.ran(1, start_of(rig) + timedelta(hours=4, minutes=10), 0.75)

    again, later = look(rig, 4), look(rig, 5)

    assert again == before
    assert (found(before), found(later)) == ({"age": (managed.source, 0.5)}, {"age": (managed.source, 0.75)})


def test_a_version_that_another_takes_the_place_of_takes_its_monitor_with_it(rig: Rig, managed: ManagedRig) -> None:
    serve(rig)
    look(rig, 3)
    rig.promote(rig.register("b"))
    rig.deploy()
    gone = managed.there()

    look(rig, 4, 2)

    assert (gone, managed.there()) == ([], [2])


def test_switched_off_nothing_is_left_of_them(rig: Rig, managed: ManagedRig) -> None:
    serve(rig)
    look(rig, 3)

    report = look(rig, 4, on=False)

    assert (managed.there(), report.theirs, report.managed_notes) == ([], (), ())


def test_answers_whose_labels_came_are_judged_by_a_cloud_that_does_and_by_groundplan_alone_elsewhere(
    rig: Rig, managed: ManagedRig
) -> None:
    labels, plan, now = serve(rig), replace(ON, metrics={"accuracy": 0.1}), start_of(rig) + timedelta(hours=3)
    wrong = [replace(one, value="no" if one.value == "yes" else "yes") for one in labels[: ROWS // 2]]
    rig.platform().monitors.feedback(
        "churn", "dev", [*wrong, *labels[ROWS // 2 : 2 * ROWS]], window_seconds=3600, now=clock.to_text(now)
    )
    look(rig, 3, plan=plan)
    judges = managed.judged(1, now + timedelta(minutes=30))

    report = look(rig, 4, plan=plan)

    theirs = {check.statistic: check for check in report.theirs if check.area == "performance"}
    assert bool(theirs) == judges
    if judges:
        accuracy = theirs["Accuracy"]
        assert (accuracy.value, accuracy.rows, accuracy.verdict) == (0.75, 2 * ROWS, "alert")


def test_nothing_is_left_of_them_where_nothing_serves_any_more(rig: Rig, managed: ManagedRig) -> None:
    serve(rig)
    look(rig, 3)

    rig.platform().endpoints.undeploy("churn", "dev")

    assert managed.there() == []


def test_a_cloud_that_refuses_is_told_with_the_role_to_ask_for_and_nothing_else_is_lost(
    rig: Rig, managed: ManagedRig
) -> None:
    serve(rig)
    role = managed.refuse()

    report = look(rig, 4)

    assert (managed.there(), report.theirs) == ([], ())
    assert [note for note in report.managed_notes if role in note], report.managed_notes
    assert [check.verdict for check in report.own if check.key == "drift/age/psi"] == ["ok"]
