"""What an endpoint leaves of requests' inputs and outputs in its log, on a real server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from groundplan.core import clock
from groundplan.lifecycle.contract.deployment import Deployment
from groundplan.lifecycle.contract.monitoring import Window
from groundplan.lifecycle.local.monitoring import windows
from groundplan.lifecycle.local.serving.request_log import kept_files

from endpoint_kit import ROW, endpoints, lines, post, running, save_classifier
from monitoring_kit import baseline, plan


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

    path = endpoints(root).request_log("churn", "dev")
    found = windows.read(path, plan(), window, serving=[1], baseline=lambda version: known, labels={}, now=window.end)

    assert (found[1].requests, found[1].refused, found[1].rows) == (3, 1, 2)
    ages = found[1].columns["age"].numbers
    assert ages is not None
    assert ages.tolist() == [30.0, 50.0]
    assert (found[1].columns["plan"].redacted, found[1].unknown) == (True, ("active",))


@pytest.mark.parametrize(("megabytes", "files"), [(40, 3), (20, 1), (100_000, 9999)])
def test_old_files_are_kept_up_to_the_size_that_the_config_allows(megabytes: int, files: int) -> None:
    assert kept_files(megabytes) == files
