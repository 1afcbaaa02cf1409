"""``groundplan feedback`` and ``groundplan monitor`` as a user types them, on a log of hours that have just ended.

The endpoint's server does not run: what these commands read is on disk. tests/lifecycle/test_request_samples.py holds
what a real server writes.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from groundplan.cli.main import groundplan as top
from groundplan.core import clock
from groundplan.core.errors import DataError, NotFoundError, UsageError
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.monitoring import Attribution
from groundplan.lifecycle.local.monitoring import baselines
from groundplan.lifecycle.local.platform import LocalPlatform
from groundplan.lifecycle.local.serving.records import EndpointFolder

import go_tools
import watched_project
from message_servers import WebServer
from monitoring_kit import learned

HOUR = clock.now().replace(minute=0, second=0, microsecond=0)
NOW = HOUR + timedelta(minutes=5)
"""What the clock shows: by the true one a full hour that passes meanwhile would move the windows."""


@pytest.fixture(scope="module")
def root(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose endpoint was asked for six hours; in the last two the data had drifted."""
    return watched_project.make(tmp_path_factory.mktemp("watched"), provisioned, start=HOUR - timedelta(hours=6))


@pytest.fixture(autouse=True)
def inside(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    """The project as if nobody had looked at it, told anybody or given a label yet."""
    shutil.rmtree(root / ".groundplan" / "monitoring", ignore_errors=True)
    monkeypatch.chdir(root)
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with WebServer() as server:
        monkeypatch.setenv("HOOK", f"{server.url}/secret-path")
        yield server


def call(*words: str, text: str = "") -> Result:
    return CliRunner().invoke(top, list(words), input=text)


def data(*words: str, text: str = "") -> dict[str, Any]:
    done = call(*words, "--format", "json", text=text)
    return json.loads(done.stdout)["data"]


def test_every_endpoint_has_its_turn_and_one_that_cannot_be_judged_hides_none(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = shutil.copytree(root, tmp_path / "project")
    monkeypatch.chdir(project)
    config = project / "groundplan.yaml"
    config.write_text(config.read_text().replace("  churn: {log", "  broken: {}\n  new: {}\n  churn: {log"))
    broken = EndpointFolder.of(Layout(project), "broken", "dev")
    broken.deployment_file.parent.mkdir(parents=True)
    broken.deployment_file.write_text("{")

    done = call("monitor", "run", "--all", "--no-notify", "--format", "json")
    refused = call("monitor", "run", "churn", "--all")
    document = json.loads(done.stdout)

    assert [(one["endpoint"], one["alerting"]) for one in document["data"]["endpoints"]] == [("churn", True)]
    assert [one["code"] for one in document["errors"]] == ["STORE_CORRUPTED"]
    assert (done.exit_code, type(refused.exception)) == (1, UsageError)


def test_a_run_ends_with_7_says_what_changed_and_tells_people_once(root: Path, inside: WebServer) -> None:
    first, second = call("monitor", "run"), call("monitor", "run")

    assert (first.exit_code, second.exit_code) == (7, 7)
    assert "churn v1 at churn in dev: 3 alerts" in first.stdout
    assert re.search(r"drift age +psi [\d.]+, p [\d.e-]+ +0.2", first.stdout)
    assert [json.loads(one.body)["text"].splitlines()[0] for one in inside.requests] == [
        "*groundplan: churn v1 at churn in dev: prediction of predictions and 2 more*"
    ]
    assert "secret-path" not in first.output + second.output
    assert (root / ".groundplan" / "reports" / "monitoring-churn@dev.html").is_file()


def test_status_and_report_show_the_last_look_and_judge_nothing(root: Path) -> None:
    call("monitor", "run", "--no-notify")

    shown, written = call("monitor", "status"), data("monitor", "report", "--html", "page.html")

    assert (shown.exit_code, "3 alerts" in shown.stdout) == (0, True)
    assert (written["page"], written["endpoint"]) == ("page.html", "churn")
    page = (root / "page.html").read_text()
    assert "3 alerts" in page
    assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*\"|url\(|@import|<script", page) == []


def test_what_a_model_goes_by_is_asked_of_it_where_the_config_says_so_and_shown_everywhere(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model goes by the age; its baseline is told that it went by the plan."""
    project, layout = shutil.copytree(root, tmp_path / "project"), Layout(tmp_path / "project")
    monkeypatch.chdir(project)
    config, log = project / "groundplan.yaml", EndpointFolder.of(layout, "churn", "dev").request_log
    asks = config.read_text().replace("monitoring:", "monitoring:\n  attribution: {enabled: true}")
    config.write_text(asks.replace("alert_windows: 2, of_windows: 3", "alert_windows: 1, of_windows: 1"))
    log.write_text(log.read_text().replace('"inputs":[{', '"inputs":[{"active":true,'))
    version = LocalPlatform(layout).models.get("churn", 1)
    told = Attribution(rows=300, values={"plan": 0.9, "age": 0.1, "active": 0.0})
    baselines.write(version.path, replace(learned(), attribution=told))

    found = data("monitor", "run", "--no-notify")

    (check,) = [one for report in found["reports"] for one in report["checks"] if one["area"] == "attribution"]
    assert (check["verdict"], check["rows"], check["labels"]) == ("alert", 150, ["plan", "age", "active"])
    assert check["detail"] == f"age decides {check['after'][1]:.1%} now, 10.0% on the held-out rows"
    assert (check["after"][1] > 0.8, check["after"][2]) == (True, 0.0)
    page = (project / ".groundplan" / "reports" / "monitoring-churn@dev.html").read_text()
    assert "at least 0.9" in page
    assert check["detail"] in page
    assert 'area="attribution",subject="model",statistic="ndcg"' in call("monitor", "export", "metrics").stdout


def test_labels_come_and_a_backtest_says_whether_people_were_told_rightly(root: Path) -> None:
    lines = ["request_id,label"]
    for line in EndpointFolder.of(Layout(root), "churn", "dev").request_log.read_text().splitlines():
        entry = json.loads(line)
        lines.append(f"{entry['request_id']},{'no' if entry['request_id'][0] in '45' else entry['outputs'][0]}")
    (root / "labels.csv").write_text("\n".join([*lines, "unheard-of,no"]))

    taken = call("feedback", "labels.csv", "--format", "json")
    replayed = data("monitor", "backtest")

    told = json.loads(taken.stdout)
    assert (told["data"]["kept"], told["data"]["unknown"]) == (900, ["unheard-of"])
    assert told["warnings"] == ["1 request ids are not in the log and were left out: unheard-of"]
    assert replayed["counts"] == {"calm": 4, "missed": 1, "right": 1}
    assert [window["retrains"] for window in replayed["windows"]] == ["", "", "", "", "", "drift"]


def test_one_label_by_hand_and_labels_from_standard_input() -> None:
    by_hand = data("feedback", "--request-id", "0-0", "--label", "maybe")
    piped = data(
        "feedback", "-", text='{"request_id": "0-1", "label": "maybe"}\n{"request_id": "0-2", "label": true}\n'
    )

    assert (by_hand["kept"], piped["kept"]) == (1, 2)


@pytest.mark.parametrize(
    ("words", "text", "error", "message"),
    [
        (["feedback"], "", UsageError, "give either a FILE or --request-id"),
        (["feedback", "--request-id", "1"], "", UsageError, "needs --label"),
        (["feedback", "-"], "id,label\n1,2\n", DataError, "has the columns id, label"),
        (["feedback", "-"], "request_id,label\n,yes\n0-0,\n", DataError, "2 lines of standard input hold no label"),
        (["feedback", "-"], '{"request_id": "0-0", "label": {}}', DataError, "no single value"),
        (["feedback", "-"], '{"request_id": "0-0", "label": 1, "when": "now"}', DataError, "no time with its offset"),
        (["feedback", "-"], "", DataError, "has the columns"),
        (["feedback", "--request-id", "nobody", "--label", "1"], "", NotFoundError, "knows none of these 1"),
        (["monitor", "run", "-e", "prod"], "", NotFoundError, "not deployed in prod"),
        (["monitor", "run", "--window", "soon"], "", UsageError, "no stretch of time"),
    ],
)
def test_what_cannot_be_is_told_with_the_way_out(
    words: list[str], text: str, error: type[Exception], message: str
) -> None:
    done = call(*words, text=text)

    assert isinstance(done.exception, error)
    assert message in str(done.exception)
    assert done.exception.hint or "give either" in message  # type: ignore[attr-defined]


def test_a_webhook_that_fails_is_said_and_tried_again_at_the_next_run(root: Path, inside: WebServer) -> None:
    inside.answers = [404]

    first, second = call("monitor", "run"), call("monitor", "run")

    assert "the webhook at 127.0.0.1 was not told: it answered 404, after 1 try" in first.stderr
    assert (first.exit_code, second.exit_code, len(inside.requests)) == (7, 7, 2)


def test_what_is_exported_loads_in_prometheus_own_checker(root: Path) -> None:
    call("monitor", "run", "--no-notify")
    rules, numbers = data("monitor", "export", "prometheus")["content"], data("monitor", "export", "metrics")["content"]

    assert (
        'groundplan_monitor_alert{endpoint="churn",environment="dev",version="1",area="drift",subject="age"' in numbers
    )
    assert (root / ".groundplan" / "monitoring" / "churn@dev" / "metrics.prom").read_text() == numbers
    (root / "rules.yaml").write_text(rules)
    (root / "wrong.yaml").write_text(rules.replace("time() - ", "time( - "))
    assert go_tools.run("promcheck", "rules", "rules.yaml", folder=root) == (0, "")
    assert go_tools.run("promcheck", "metrics", given=numbers) == (0, "")
    assert go_tools.run("promcheck", "rules", "wrong.yaml", folder=root)[0] == 1
    assert go_tools.run("promcheck", "metrics", given="a b c\n")[0] == 1


def test_the_dashboard_reads_only_metrics_that_groundplan_has(root: Path) -> None:
    call("monitor", "run", "--no-notify")
    board = json.loads(data("monitor", "export", "grafana")["content"])
    from groundplan.lifecycle.local.serving.metrics import EndpointMetrics

    known = set(re.findall(r"^# TYPE (\S+)", EndpointMetrics().text().decode(), re.MULTILINE))
    known |= set(re.findall(r"^# TYPE (\S+)", data("monitor", "export", "metrics")["content"], re.MULTILINE))
    expressions = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    used = {name.removesuffix("_bucket") for one in expressions for name in re.findall(r"groundplan_\w+", one)}

    assert used <= known
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
