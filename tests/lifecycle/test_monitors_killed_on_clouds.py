"""A kill at every request by which labels are kept and windows judged: another machine comes to the same end."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from groundplan.core import clock
from groundplan.lifecycle.contract.monitor_store import Key
from groundplan.lifecycle.contract.monitoring import Label, MonitorReport
from groundplan.lifecycle.local.monitoring.looking import Looking

import cloud_kills
import monitoring_kit
import serving_kit
from conformance_kit import good, remove_copies
from conformance_on_clouds import CloudRig
from monitoring_kit import learned

ROWS = 60


@pytest.fixture(params=serving_kit.PLATFORMS)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[CloudRig]:
    with serving_kit.rig(request.param, tmp_path / "cloud") as started:
        yield CloudRig(tmp_path, started)


def test_killed_at_any_request_another_machine_keeps_every_label_and_report_once(rig: CloudRig) -> None:
    rig.serve("a")
    rig.tell(good(1, ROWS))
    start = clock.in_utc(rig.began).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    lines, labels = monitoring_kit.asked(hours=3, drifted_from=1, rows=ROWS, start=start)
    ids = rig.log(lines)
    states = cloud_kills.left_by_kills(rig.service, lambda: _act(rig, ids, labels, start))
    wanted = _outcome(rig)

    for left in states[:-1]:
        left.put_back()
        remove_copies(rig.folder)
        _act(rig, ids, labels, start)
        assert _outcome(rig) == wanted, f"killed after {left.requests} requests"

    kept, reports, written = wanted
    assert len(states) == 5  # before the labels, and after them and each of three reports
    assert (len(kept), [one.labelled for one in reports], len(written)) == (len(set(ids)), [ROWS] * 3, 2)


def _act(rig: CloudRig, ids: Sequence[str], labels: Sequence[Label], start: datetime) -> None:
    rig.label(ids, labels, now=start + timedelta(hours=3))
    plan = monitoring_kit.plan(positive_class="yes", min_rows=50, metrics={"accuracy": 0.1})
    looking = Looking(store=rig.platform().monitors, plan=plan, baseline=lambda version: learned())
    looking.look(start + timedelta(hours=3, minutes=30), serving=[1])


def _outcome(rig: CloudRig) -> tuple[Mapping[Key, object], Sequence[MonitorReport], Sequence[str]]:
    monitors = rig.platform().monitors
    labels = {key: label.value for key, label in monitors.labels("churn", "dev").items()}
    names = [name.rpartition("/")[0] for name in rig.records().names("monitoring/")]
    return labels, monitors.reports("churn", "dev"), names
