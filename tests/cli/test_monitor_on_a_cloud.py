"""Watching an endpoint of a cloud as a person types it; the cloud is one in memory, behind the adapters' Protocols."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli import clouds
from groundplan.cli.clouds import Parts
from groundplan.cli.monitoring import notifying
from groundplan.core import clock, digests
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.managed_monitors import ManagedWatch
from groundplan.lifecycle.local.evaluation import store
from groundplan.lifecycle.local.evaluation.requests import Profile
from groundplan.lifecycle.recorded.endpoints import Site
from groundplan.stacks.config.reading import read

import cloud_configs
import go_tools
from conformance_kit import good
from memory_cloud import MemoryCloud
from memory_requests import MemoryRequests
from monitoring_kit import asked, learned, log_line, plan
from registry_kit import LINEAGE, make_evidence, make_verdict, model_folder
from terminal import call

HOURS = 8
CONFIG = (
    cloud_configs.AZURE
    + """\
environments: {dev: {}, prod: {}}
pipelines: {train: {steps: {prepare: {command: "python p.py {outputs.test}", outputs: {test: dataset}},
  fit: {command: "python t.py {inputs.test} {outputs.model}", inputs: {test: prepare.test}, outputs: {model: model}}}}}
models: {churn: {pipeline: train, output: fit.model, test: prepare.test, evaluation: {metrics: {roc_auc: {min: 0.7}},
  champion: {enabled: false}}}}
endpoints: {churn: {log_sample: 1.0}}
monitoring: {enabled: true, alerts: [ml@example.com], window: 1h, metrics: {f1: 0.1},
  drift: {min_rows: 100, alert_windows: 2, of_windows: 3}}
"""
)


ROLLOUT = (
    "{strategy: canary, steps: [{traffic: 50, bake: 1m}], shadow: 1m, stand_by: 1m, "
    "rollback: {min_requests: 50, metrics: {accuracy: {min: 0.8}}}}"
)


class Project:
    """A project on a cloud whose endpoint was asked for hours; in the last four of them the data had drifted."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cloud = MemoryCloud(root / "elsewhere", ("dev", "prod"))
        self.requests = MemoryRequests()
        (root / "groundplan.yaml").write_text(CONFIG, encoding="utf-8")
        now = clock.in_utc(clock.now()).replace(minute=0, second=0, microsecond=0)
        lines, self.labels = asked(hours=HOURS, drifted_from=4, start=now - timedelta(hours=HOURS))
        self.requests.come("churn-dev", lines)
        self.cloud.endpoints.told = {1: replace(good(1, 150), latency_p95_ms=90.0)}

    def parts(self, configs: object, places: object) -> Parts:
        """The cloud's parts, in place of those of Azure ML."""
        sites = {
            name: Site(
                records=self.cloud.records[name], endpoints=self.cloud.endpoints, ids={"churn": f"churn-{name}"},
                requests=self.requests, jobs=self.cloud.jobs, managed=self.cloud.monitors,
            )
            for name in ("dev", "prod")
        }  # fmt: skip
        return Parts(sites=sites, registry=self.cloud.registry)

    def register(self, marker: str) -> None:
        """What a run leaves: a version with its evidence, and with what it learned from."""
        source, known = model_folder(self.root / "made" / marker, marker), learned()
        digest = digests.of_path(source)
        assert known.prediction is not None
        profile = Profile(rows=known.rows, features=known.features, prediction=known.prediction)
        store.write_profile(Layout(self.root), digest, profile)
        clouds.platform(read(self.root, environment="dev", overrides={})).models.register(
            name="churn", source=source, digest=digest, lineage=LINEAGE, evidence=make_evidence(digest, f1=0.9),
            verdict=make_verdict(), override=None, trusted_types=[], who="ada",
        )  # fmt: skip

    def label(self) -> Path:
        """A file of all labels, and one of nobody."""
        path = self.root / "labels.csv"
        rows = [f"{one.request_id},{one.value}\n" for one in self.labels]
        path.write_text("".join(["request_id,label\n", *rows, "nobody,yes\n"]), encoding="utf-8")
        return path

    def run(self, *words: str, code: int = 0) -> Any:
        """What a command says as JSON."""
        result = call(*words, "--format", "json", cwd=self.root)
        assert result.returncode == code, result.stdout + result.stderr
        return json.loads(result.stdout)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    now = clock.now()  # stands still: no window ends between two commands
    monkeypatch.setattr(clock, "now", lambda: now)
    project = Project(tmp_path)
    monkeypatch.setattr(clouds, "parts", project.parts)
    monkeypatch.setattr(clouds, "PLATFORMS", {"azureml"})
    project.register("a")
    project.run("models", "promote")
    project.run("deploy")
    return project


def test_drift_and_what_labels_say_is_found_kept_and_shown(project: Project) -> None:
    taken = project.run("feedback", str(project.label()))
    ran = project.run("monitor", "run", "--no-notify", code=7)

    assert (taken["data"]["kept"], taken["data"]["unknown"]) == (HOURS * 150, ["nobody"])
    (report,) = ran["data"]["reports"]
    assert {"drift/age/psi", "performance/model/f1", "prediction/predictions/psi"} <= set(report["alerts"])
    assert (report["rows"], report["labelled"], report["requests"]) == (150, 150, 150)
    latency = [one for one in report["checks"] if one["subject"] == "latency"]
    assert [(one["value"], one["verdict"]) for one in latency] == [(90.0, "ok")]
    assert project.run("monitor", "status")["data"]["reports"] == ran["data"]["reports"]
    page = Path(project.run("monitor", "report")["data"]["page"])
    assert "drift" in page.read_text(encoding="utf-8")
    metrics = (project.root / ".groundplan" / "monitoring" / "churn@dev" / "metrics.prom").read_text(encoding="utf-8")
    assert project.run("monitor", "export", "metrics")["data"]["content"] == metrics
    replayed = project.run("monitor", "backtest")["data"]
    assert replayed["counts"]["right"] >= 2
    shown = json.loads(call("status", "--live", "--format", "json", cwd=project.root).stdout)["data"]["models"][0]
    assert (shown["traffic"], shown["drift"]["alerts"]) == ({"1": 100}, report["alerts"])
    assert f"{len(report['alerts'])} alerts" in call("status", "--live", cwd=project.root).stdout


def test_watch_judges_the_windows_that_have_ended_once(project: Project) -> None:
    first = project.run("watch", "--once")["data"]["parts"]
    second = project.run("watch", "--once")["data"]["parts"]

    [*_, told] = first["monitors"]["said"]
    assert told.startswith("churn@dev v1, window until ")
    assert second["monitors"]["said"] == []
    assert [one["error"] for one in (*first.values(), *second.values())] == [""] * 8


def test_labels_of_requests_that_the_log_does_not_know_are_told_how_a_cloud_logs(project: Project) -> None:
    result = call("feedback", "--request-id", "nobody", "--label", "yes", cwd=project.root)

    assert result.returncode == 6
    assert "knows none of these 1 request ids" in result.stderr
    assert "A cloud logs the share log_sample of the requests" in result.stderr.replace("\n", " ")


def test_the_requests_of_the_last_day_are_shown_as_they_were_logged(project: Project) -> None:
    when = clock.to_text(clock.now() - timedelta(minutes=1))
    project.requests.come("churn-dev", [log_line(when, {"age": 41.0}, "yes", request_id="last")])

    shown = project.run("logs", "--requests", "--lines", "1")["data"]

    assert [json.loads(line)["request_id"] for line in shown["lines"]] == ["last"]


def test_labels_on_copies_turn_a_new_version_back(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    text = CONFIG.replace("{log_sample: 1.0}", f"{{log_sample: 1.0, rollout: {ROLLOUT}}}")
    (project.root / "groundplan.yaml").write_text(text, encoding="utf-8")
    project.register("b")
    project.run("models", "promote")
    project.cloud.endpoints.told = {1: good(1), 2: good(2, 0, mirrored=100)}
    assert project.run("deploy")["data"]["rollout"]["status"] == "running"
    began = clock.now()
    lines = [
        log_line(clock.to_text(began + timedelta(seconds=30)), {"age": 41.0}, "yes", request_id=f"{version}-{number}",
                 version=version) for version in (1, 2) for number in range(100)
    ]  # fmt: skip
    project.requests.come("churn-dev", lines)
    monkeypatch.setattr(clock, "now", lambda: began + timedelta(minutes=5))
    truths = [f"1-{number},yes\n2-{number},{'yes' if number < 50 else 'no'}\n" for number in range(100)]
    (project.root / "labels.csv").write_text("request_id,label\n" + "".join(truths), encoding="utf-8")

    project.run("feedback", "labels.csv")
    project.run("watch", "--once")

    state = project.run("rollout", "status")["data"]
    assert (state["status"], state["traffic"]) == ("rolled-back", {"1": 100})
    assert "accuracy is 0.5 on 100 labelled requests, below the bound 0.8" in json.dumps(state)


@pytest.fixture
def managed(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The cloud's own monitors watch, too, and found drift in each of the two hours after the first look."""
    text = CONFIG.replace("monitoring: {", "monitoring: {managed: true, ")
    (project.root / "groundplan.yaml").write_text(text, encoding="utf-8")
    half = clock.in_utc(clock.now()).replace(minute=30, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: half)
    first, now = project.run("monitor", "run", "--no-notify", code=7)["data"]["reports"][0]["window"], clock.now()
    for hour in (1, 2):
        ended = clock.from_text(first["end"]) + timedelta(hours=hour - 1, minutes=30)
        project.cloud.monitors.ran("churn-dev", 1, clock.to_text(ended), 0.75)
        monkeypatch.setattr(clock, "now", lambda hour=hour: now + timedelta(hours=hour))
        if hour == 1:
            project.run("monitor", "run", "--no-notify")
    return project


def test_what_the_clouds_own_monitor_found_is_told_beside_groundplans_own_and_marked_as_its(managed: Project) -> None:
    ran = call("monitor", "run", "--no-notify", cwd=managed.root)

    (report,) = managed.run("monitor", "status")["data"]["reports"]
    theirs = [one for one in report["checks"] if one["source"]]
    assert [(one["source"], one["subject"], one["value"], one["verdict"]) for one in theirs] == [
        ("memory", "age", 0.75, "alert")
    ]
    assert (ran.returncode, report["alerts"]) == (7, ["memory:drift/age/psi"])
    assert report["managed_notes"] == ["plan holds no numbers"]
    lines = [line.split() for line in ran.stdout.splitlines()]
    assert ["memory's", "monitor", "says:", "1", "found"] in lines
    assert ["drift", "age", "psi", "0.75", "0.2", "psi", "-:", "not", "enough", "data"] in lines
    assert ["memory's", "monitor:", "plan", "holds", "no", "numbers"] in lines
    assert "1 alerts: memory:drift/age/psi" in call("status", "--live", cwd=managed.root).stdout


def test_windows_of_another_length_leave_the_clouds_own_monitors_as_the_config_has_them(managed: Project) -> None:
    before = dict(managed.cloud.monitors.there)
    managed.cloud.monitors.asked.clear()

    ran = call("monitor", "run", "--no-notify", "--window", "2h", cwd=managed.root)

    assert ran.returncode in (0, 7), ran.stderr
    assert (managed.cloud.monitors.there, managed.cloud.monitors.asked) == (before, [])


def test_people_prometheus_and_watch_are_told_whose_monitor_it_was(managed: Project) -> None:
    managed.run("watch", "--once")

    metrics = managed.run("monitor", "export", "metrics")["data"]["content"]
    report = clouds.platform(read(managed.root, environment="dev", overrides={})).monitors.reports("churn", "dev")[-1]
    said = notifying.message(report)
    (alert,) = [line for line in metrics.splitlines() if "source=" in line and "_alert{" in line]
    assert alert == (
        'groundplan_monitor_alert{endpoint="churn",environment="dev",version="1",area="drift",subject="age",'
        'statistic="psi",source="memory"} 1.0'
    )
    assert said.subject == "groundplan: churn v1 at churn in dev: memory: drift age"
    assert "- memory: drift age: psi 0.75 (allowed 0.2), since " in said.text
    assert go_tools.run("promcheck", "metrics", given=metrics) == (0, "")


def test_what_the_clouds_own_monitor_found_does_not_have_a_model_trained_again(managed: Project) -> None:
    config = (managed.root / "groundplan.yaml").read_text(encoding="utf-8")
    (managed.root / "groundplan.yaml").write_text(f"{config}retraining: {{on_drift: true}}\n", encoding="utf-8")
    managed.run("monitor", "run", "--no-notify", code=7)

    asked = managed.run("retrain", "--check")["data"]

    assert "no alert in the window" in json.dumps(asked)


def test_an_endpoint_that_is_gone_behind_its_back_leaves_no_monitor(managed: Project) -> None:
    before = list(managed.cloud.monitors.there)
    managed.cloud.endpoints.there["churn-dev"].clear()
    managed.cloud.monitors.refused = {"remove"}
    refused = call("monitor", "run", "-e", "dev", cwd=managed.root)
    managed.cloud.monitors.refused = set()

    gone = call("monitor", "run", "-e", "dev", cwd=managed.root)

    assert (before, managed.cloud.monitors.there) == ([("churn-dev", 1)], {})
    assert (refused.returncode, gone.returncode) == (6, 6)
    assert "you may not remove monitors" in " ".join(refused.stderr.split())
    assert "monitors" not in gone.stderr


PINNED = "pinned: {uri: /subscriptions/0/models/churn/versions/7, environment_uri: /subscriptions/0/environments/e}"


@pytest.fixture
def pinned(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Production serves a model that the config pins; up's monitor found drift in the last two whole hours."""
    text = CONFIG.replace("{log_sample: 1.0}", f"{{log_sample: 1.0, {PINNED}}}")
    (project.root / "groundplan.yaml").write_text(text, encoding="utf-8")
    now = clock.in_utc(clock.now()).replace(minute=30, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: now)
    known = ManagedWatch(endpoint="churn-prod", version=0, plan=plan(), baseline=learned())
    project.cloud.monitors.there["churn-prod", 0] = known
    before = replace(plan(managed=True), environment="prod")
    monitors = clouds.platform(read(project.root, environment="prod", overrides={})).monitors
    monitors.managed(before, [3], lambda version: learned(), now=clock.to_text(now))
    assert ("churn-prod", 3) in project.cloud.monitors.there
    for hours in (1, 2):
        ended = now.replace(minute=10) - timedelta(hours=hours)
        project.cloud.monitors.ran("churn-prod", 0, clock.to_text(ended), 0.75)
    return project


def test_what_the_monitor_of_a_pinned_model_found_is_read_and_nothing_else_is_claimed(pinned: Project) -> None:
    ran = pinned.run("monitor", "run", "-e", "prod", "--no-notify", code=7)
    said = call("monitor", "status", "-e", "prod", cwd=pinned.root).stdout

    (report,) = ran["data"]["reports"]
    assert (report["model"], report["version"], report["alerts"]) == ("churn:7, pinned", 0, ["memory:drift/age/psi"])
    assert [one["source"] for one in report["checks"]] == ["memory"]
    assert "no version of groundplan's" in report["notes"][0]
    assert said.startswith("churn:7, pinned at churn in prod: 1 alert\n")
    assert "rows of" not in said
    page = Path(ran["data"]["page"]).read_text(encoding="utf-8")
    assert "<bdi>churn:7, pinned</bdi></h2>" in page
    assert "groundplan measured nothing" in page
    assert "version 0" not in page
    assert ("churn-prod", 3) not in pinned.cloud.monitors.there
    pinned.cloud.monitors.asked.clear()
    assert pinned.run("monitor", "run", "-e", "prod", "--no-notify", code=7)["data"] == ran["data"]
    assert pinned.cloud.monitors.asked == []


def test_watch_looks_at_pinned_models_too_and_a_cloud_that_refuses_is_a_note(pinned: Project) -> None:
    pinned.cloud.monitors.refused = {"pinned"}

    said = pinned.run("watch", "--once")["data"]["parts"]["monitors"]["said"]
    (report,) = pinned.run("monitor", "status", "-e", "prod")["data"]["reports"]

    assert said[-1].startswith("churn@prod churn:7, pinned, window until ")
    assert report["checks"] == []
    assert "Monitor Editor" in report["managed_notes"][0]


def test_the_requests_of_a_pinned_model_cannot_be_replayed(pinned: Project) -> None:
    result = call("monitor", "backtest", "-e", "prod", cwd=pinned.root)

    assert result.returncode == 6
    assert "churn in prod serves churn:7, pinned" in " ".join(result.stderr.split())
