"""What an endpoint leaves of requests' inputs and outputs in its log, on a real server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.deployment import Deployment
from groundplan.lifecycle.contract.monitoring import Label, Window
from groundplan.lifecycle.contract.traffic import Traffic
from groundplan.lifecycle.local.monitoring import windows
from groundplan.lifecycle.local.monitoring.store import LocalMonitorStore
from groundplan.lifecycle.local.serving.request_log import kept_files

from endpoint_kit import ROW, endpoints, lines, post, running, save_classifier, served
from monitoring_kit import baseline, plan
from router_kit import wait_for


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


@pytest.fixture(scope="module")
def deployment(root: Path) -> Iterator[Deployment]:
    with running(root, save_classifier(root / "model"), log_sample=1.0, redact=("plan",)) as deployment:
        yield deployment


def test_a_sampled_line_holds_what_was_asked_and_answered_without_the_redacted_columns(
    root: Path, deployment: Deployment
) -> None:
    answer = post(deployment, [ROW, {**ROW, "age": 50.0}], **{"X-Request-ID": "both"}).json()

    (line,) = [one for one in lines(endpoints(root).request_log("churn", "dev")) if one["request_id"] == "both"]

    assert line["inputs"] == [{"age": 40.0, "active": True}, {"age": 50.0, "active": True}]
    assert (line["outputs"], line["probabilities"]) == (answer["predictions"], answer["probabilities"])
    assert line["redacted"] == ["plan"]
    assert "basic" not in str(line)


def test_a_refused_request_leaves_none_of_its_content(root: Path, deployment: Deployment) -> None:
    post(deployment, {**ROW, "age": "a secret"}, **{"X-Request-ID": "refused"})

    (line,) = [one for one in lines(endpoints(root).request_log("churn", "dev")) if one["request_id"] == "refused"]

    assert (line["status"], "inputs" in line, "secret" in str(line)) == (422, False, False)


def test_monitoring_reads_what_the_endpoint_wrote(root: Path, deployment: Deployment) -> None:
    known = baseline({"age": range(20, 60)}, {"plan": ["basic"] * 40})
    now = clock.now()
    window = Window(start=clock.to_text(now), end=clock.to_text(now + timedelta(minutes=1)))
    for age in (30.0, 50.0):
        post(deployment, {**ROW, "age": age})
    post(deployment, {"unfit": 1})

    asked = LocalMonitorStore(Layout(root)).requests("churn", "dev")
    found = windows.read(asked, plan(), window, serving=[1], baseline=lambda version: known, labels={}, now=window.end)

    assert (found[1].requests, found[1].refused, found[1].rows) == (3, 1, 2)
    ages = found[1].columns["age"].numbers
    assert ages is not None
    assert ages.tolist() == [30.0, 50.0]
    assert (found[1].columns["plan"].redacted, found[1].unknown) == (True, ("active",))


def test_a_copy_leaves_a_line_of_its_own_which_labels_find_and_which_counts_as_no_answer(
    root: Path, deployment: Deployment
) -> None:
    local, store, began = endpoints(root), LocalMonitorStore(Layout(root)), clock.now()
    local.add(deployment.settings, served(save_classifier(root / "contrary", flipped=True), 2), who="ada")
    local.route("churn", "dev", Traffic(shares={1: 100}, mirrored=2, mirror_share=100))
    said = post(deployment, ROW, **{"X-Request-ID": "copied"}).json()["predictions"]
    post(deployment, {**ROW, "age": "a secret"}, **{"X-Request-ID": "copied-too"})
    wait_for(lambda: {one["request_id"] for one in _lines(root) if one.get("mirrored")}, {"copied", "copied-too"})
    local.route("churn", "dev", Traffic(shares={1: 100}))
    whole = Window(start=clock.to_text(began), end=clock.to_text(clock.now()))

    answers = [one for one in _lines(root) if one["request_id"] == "copied"]
    answered, copied = sorted(answers, key=lambda one: "mirrored" in one)
    [refused] = [one for one in _lines(root) if one["request_id"] == "copied-too" and one.get("mirrored")]
    label = Label(request_id="copied", value=said[0])
    outcome = store.feedback("churn", "dev", [label], window_seconds=60, now=whole.end)
    seen = store.watched(plan(task="classification", positive_class="yes"), whole.start, now=whole.end, models={})

    same = ("request_id", "method", "route", "status", "rows", "model", "inputs", "redacted")
    assert {name: copied[name] for name in same} == {name: answered[name] for name in same}
    assert (answered["version"], copied["version"], copied["mirrored"]) == (1, 2, True)
    assert [answered["outputs"], copied["outputs"]] == [said, ["no" if said == ["yes"] else "yes"]]
    assert (refused["status"], "inputs" in refused, "secret" in str(refused)) == (422, False, False)
    assert (outcome.kept, outcome.repeated) == (1, 0)
    assert {version: (one.labelled, one.metrics["accuracy"]) for version, one in seen.items()} == {1: (1, 1), 2: (1, 0)}
    assert [row.label for row in store.labelled_rows("churn", "dev", now=whole.end)] == said
    asked = store.requests("churn", "dev")
    counted = windows.read(asked, plan(), whole, serving=[1], baseline=lambda _: None, labels={}, now=whole.end)
    assert {version: (one.requests, one.refused) for version, one in counted.items()} == {1: (2, 1)}


def _lines(root: Path) -> list[Mapping[str, Any]]:
    return lines(endpoints(root).request_log("churn", "dev"))


@pytest.mark.parametrize(("megabytes", "files"), [(40, 3), (20, 1), (100_000, 9999)])
def test_old_files_are_kept_up_to_the_size_that_the_config_allows(megabytes: int, files: int) -> None:
    assert kept_files(megabytes) == files
