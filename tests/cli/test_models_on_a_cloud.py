"""A model's life on a cloud as a person types it; the cloud is one in memory, behind the adapters' Protocols.

That the clouds' own adapters keep these Protocols is for tests/lifecycle/test_*_on_clouds.py.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli import clouds
from groundplan.cli.clouds import Parts
from groundplan.core import digests
from groundplan.core.layout import Layout
from groundplan.lifecycle.contract.jobs import Submission
from groundplan.lifecycle.contract.model import ModelVersion
from groundplan.lifecycle.contract.run import Run, RunStatus, StepRun
from groundplan.lifecycle.local.models import LocalModels
from groundplan.lifecycle.recorded.endpoints import Site
from groundplan.lifecycle.recorded.models import RecordedModels
from groundplan.lifecycle.recorded.run_records import KeptRun, RunRecords

import cloud_configs
from conformance_kit import good
from endpoint_kit import save_classifier
from memory_cloud import MemoryCloud
from memory_requests import MemoryRequests
from registry_kit import LINEAGE, make_evidence, make_verdict
from terminal import call

ENVIRONMENTS = ("dev", "prod")
CONFIG = (
    cloud_configs.AZURE
    + """\
environments: {dev: {}, prod: {}}
pipelines: {train: {steps: {prepare: {command: "python p.py {outputs.test}", outputs: {test: dataset}},
  fit: {command: "python t.py {inputs.test} {outputs.model}", inputs: {test: prepare.test}, outputs: {model: model}}}}}
models: {churn: {pipeline: train, output: fit.model, test: prepare.test, evaluation: {metrics: {roc_auc: {min: 0.7}},
  champion: {enabled: false}}}}
endpoints:
  churn: {rollout: {strategy: canary, steps: [{traffic: 10, bake: 1s}], shadow: 1s, stand_by: 1s,
    rollback: {min_requests: 1}}}
"""
)


class Project:
    """A project on a cloud, and what a person types in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cloud = MemoryCloud(root / "elsewhere", ENVIRONMENTS)
        (root / "groundplan.yaml").write_text(CONFIG, encoding="utf-8")

    def parts(self, configs: object, places: object) -> Parts:
        """The cloud's parts, in place of those of Azure ML."""
        cloud = self.cloud
        return Parts(
            sites={
                name: Site(
                    records=cloud.records[name],
                    endpoints=cloud.endpoints,
                    ids={"churn": f"churn-{name}"},
                    jobs=cloud.jobs,
                    requests=MemoryRequests(),
                )
                for name in ENVIRONMENTS
            },
            registry=cloud.registry,
        )

    def register(self, marker: str, *, flipped: bool = False) -> ModelVersion:
        """What a run leaves."""
        source = save_classifier(self.root / "made" / marker, flipped=flipped)
        digest = digests.of_path(source)
        models = RecordedModels(
            self.cloud.records["dev"], self.cloud.registry, measuring=LocalModels(Layout(self.root)),
            fetched=lambda run, outputs: run, folder=Layout(self.root).cloud,
        )  # fmt: skip
        return models.register(
            name="churn", source=source, digest=digest, lineage=LINEAGE, evidence=make_evidence(digest),
            verdict=make_verdict(), override=None, trusted_types=[], who="ada",
        )  # fmt: skip

    def run(self, *words: str, code: int = 0) -> Any:
        """What a command says as JSON."""
        result = call(*words, "--format", "json", cwd=self.root)
        assert result.returncode == code, result.stdout + result.stderr
        return json.loads(result.stdout)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path)
    monkeypatch.setattr(clouds, "parts", project.parts)
    monkeypatch.setattr(clouds, "PLATFORMS", {"azureml"})
    return project


def test_a_version_goes_from_the_registry_to_its_callers_and_back(project: Project) -> None:
    assert project.run("models", "list")["data"] == {"models": [], "total": 0}
    project.register("a")
    assert project.run("models", "promote")["data"]["to"] == "dev"
    first = project.run("deploy")["data"]
    assert (first["version"], first["health"], first["port"], first["log"]) == (1, "ready", None, None)
    assert first["url"] == "https://churn-dev.example.com/score"

    project.register("b", flipped=True)
    project.run("models", "promote")
    project.cloud.endpoints.told = {1: good(1), 2: good(2, mirrored=100)}
    begun = project.run("deploy")["data"]["rollout"]
    assert (begun["status"], begun["traffic"], begun["mirrored"]) == ("running", {"1": 100}, 2)
    status = project.run("rollout", "status")["data"]
    assert status["endpoint"] == "churn"
    ended = project.run("deploy", "--wait")["data"]
    assert (ended["version"], ended["previous_version"], ended["rollout"]) == (2, 1, None)

    answer = project.run("predict", "--json", '{"age": 40.0, "plan": "basic", "active": true}')["data"]
    assert (answer["model"], answer["version"], answer["predictions"]) == ("churn", 2, ["yes"])
    assert project.run("logs")["data"]["lines"] == ["--- version 2", "version 2 is ready"]

    project.run("rollback", "--reason", "errors")
    assert project.run("rollout", "status")["data"]["status"] == "rolled-back"
    shown = project.run("models", "list")["data"]["models"]
    assert [(one["version"], one["stage"], one["status"]) for one in shown] == [
        (2, None, "retired"), (1, "dev", "registered"),
    ]  # fmt: skip
    assert "card" in project.run("models", "show", "churn", "1")["data"]


def test_csv_is_read_by_the_models_own_signature(project: Project) -> None:
    project.register("a")
    project.run("models", "promote")
    project.run("deploy")
    (project.root / "rows.csv").write_text("age,plan,active,more\n40,basic,true,1\n", encoding="utf-8")

    shown = project.run("predict", "--data", "rows.csv")

    assert shown["data"]["inputs"] == [{"age": 40.0, "plan": "basic", "active": True}]
    assert shown["warnings"] == ["columns that the model does not take were left out: more"]


def test_status_asks_the_cloud_only_when_it_is_told_to(project: Project) -> None:
    project.register("a")
    project.run("models", "promote")
    project.run("deploy")

    live = call("status", "--live", "--format", "json", cwd=project.root)
    plain = call("status", "--format", "json", cwd=project.root)

    assert "models" not in json.loads(plain.stdout)["data"]
    shown = json.loads(live.stdout)["data"]["models"]
    assert [(one["environment"], one["version"], one["health"], one["traffic"]) for one in shown] == [
        ("dev", 1, "ready", {"1": 100}), ("prod", None, None, {}),
    ]  # fmt: skip
    text = call("status", "--live", cwd=project.root).stdout
    assert "ready https://churn-dev.example.com/score  v1 100 %" in text


def test_what_does_not_work_there_is_refused_with_what_does(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clouds, "VERBS", clouds.VERBS - {"watch"})

    result = call("watch", "--once", cwd=project.root)

    assert result.returncode == 2
    assert "works with platform: local only; on azureml groundplan provisions, trains, keeps" in result.stderr
    assert "groundplan portability azureml" in result.stderr


def test_a_champion_that_cannot_be_compared_with_since_the_run_is_gone_says_so(project: Project) -> None:
    project.register("a")
    project.run("models", "promote")
    (project.root / "groundplan.yaml").write_text(CONFIG.replace("enabled: false", "enabled: true"), encoding="utf-8")
    project.register("b", flipped=True)

    said = project.run("models", "promote", code=5)["errors"][0]["message"]

    assert said == ("the evidence of churn v2 does not suffice, and it cannot be judged anew: there are no runs yet")


def test_the_log_of_a_cloud_is_followed_until_ctrl_c(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.register("a")
    project.run("models", "promote")
    project.run("deploy")
    says = iter(("version 1 is ready", "version 1 is ready\nasked", "asked\nasked\nasked again"))

    def log(endpoint: str, version: int, *, lines: int) -> str:
        text = next(says, None)
        if text is None:
            raise KeyboardInterrupt
        return text

    monkeypatch.setattr(project.cloud.endpoints, "log", log)
    monkeypatch.setattr("groundplan.cli.log_following.time.sleep", lambda seconds: None)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]

    result = call("logs", "--follow", "--lines", "1", cwd=project.root)

    assert (result.returncode, result.stdout.splitlines()) == (
        0,
        ["version 1 is ready", "--- version 1", "asked", "--- version 1", "asked", "asked again"],
    )


def test_versions_are_listed_without_reading_their_evidence(project: Project) -> None:
    for marker in "abc":
        project.register(marker)
    records = project.cloud.records["dev"]
    shutil.rmtree(Layout(project.root).cloud / "evidence", ignore_errors=True)

    records.reads = 0
    lines = call("models", "list", cwd=project.root).stdout.splitlines()
    read = records.reads
    shown = project.run("models", "list")["data"]["models"]

    assert [line.split()[1:6] for line in lines[1:4]] == [
        [f"v{number}", "-", "registered", "passed", "(dev)"] for number in (3, 2, 1)
    ]
    assert (read, records.reads) == (2, 2 + 2 + 3)
    assert [one["evidence"]["model_digest"] for one in shown] == [one["digest"] for one in shown]


def test_runs_are_listed_without_reading_those_that_are_not_shown(project: Project) -> None:
    for number in range(30):
        _keep(project, f"20261128-0000{number:02d}-0000", "failed" if number % 2 else "succeeded")
    records = project.cloud.records["dev"]

    records.reads = 0
    shown = project.run("runs", "list", "--limit", "5")["data"]
    read = records.reads
    failed = project.run("runs", "list", "--limit", "5", "--status", "failed")["data"]
    some = project.run("runs", "list", "--limit", "20", "--status", "failed")["data"]
    refused = project.run("runs", "logs", code=6)["errors"][0]
    heading = call("runs", "show", cwd=project.root).stdout

    assert ([one["id"][:15] for one in shown["runs"]][:2], shown["total"], read) == (
        ["20261128-000029", "20261128-000028"], 30, 5,
    )  # fmt: skip
    assert ({one["status"] for one in failed["runs"]}, failed["total"]) == ({"failed"}, None)
    assert (len(some["runs"]), some["total"]) == (15, 15)
    assert refused["message"] == "no step of run 20261128-000029-0000 has started"
    assert ("mlflow run" in heading, "azure ml job  not on record" in heading) == (False, True)


def _keep(project: Project, run_id: str, status: RunStatus) -> None:
    run = Run(
        id=run_id, pipeline="train", environment="dev", status=status, started="2026-11-28T00:00:00.000Z",
        steps={"fit": StepRun(name="fit", status="skipped")},
    )  # fmt: skip
    kept = KeptRun(run=run, key=run_id, submission=Submission(pipeline="train", definition="train:1"), kinds={})
    records = RunRecords(project.cloud.records["dev"])
    records.begin(kept, records.newest("train"))
