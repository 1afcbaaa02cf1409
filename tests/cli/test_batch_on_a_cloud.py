"""A batch endpoint on a cloud as a person types it; the cloud is one in memory, behind the adapters' Protocols.

That the clouds' own adapters keep these Protocols is for tests/lifecycle/test_batch_on_clouds.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli import clouds
from groundplan.cli.clouds import Parts
from groundplan.core import digests
from groundplan.core.layout import Layout
from groundplan.lifecycle.local.models import LocalModels
from groundplan.lifecycle.recorded.endpoints import Site
from groundplan.lifecycle.recorded.models import RecordedModels

import cloud_configs
from endpoint_kit import save_classifier
from memory_batches import PLACE, MemoryBatches
from memory_cloud import MemoryCloud
from memory_requests import MemoryRequests
from registry_kit import LINEAGE, make_evidence, make_verdict
from terminal import call

CONFIG = (
    cloud_configs.AZURE
    + """\
environments: {dev: {}, prod: {}}
compute: {default: {}}
pipelines: {train: {steps: {prepare: {command: "python p.py {outputs.test}", outputs: {test: dataset}},
  fit: {command: "python t.py {inputs.test} {outputs.model}", inputs: {test: prepare.test}, outputs: {model: model}}}}}
models: {churn: {pipeline: train, output: fit.model, test: prepare.test, evaluation: {metrics: {roc_auc: {min: 0.7}},
  champion: {enabled: false}}}}
endpoints: {nightly: {model: churn, kind: batch}}
"""
)


class Project:
    """A project with one registered version, which is in dev."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cloud = MemoryCloud(root / "elsewhere", ("dev", "prod"))
        self.batches = MemoryBatches(looks=1)
        (root / "groundplan.yaml").write_text(CONFIG, encoding="utf-8")

    def parts(self, configs: object, places: object) -> Parts:
        """The cloud's parts, in place of those of Azure ML."""
        sites = {
            name: Site(records=records, endpoints=self.cloud.endpoints, ids={}, batch=self.batches,
                       jobs=self.cloud.jobs, requests=MemoryRequests(), batch_places={"nightly": PLACE})
            for name, records in self.cloud.records.items()
        }  # fmt: skip
        return Parts(sites=sites, registry=self.cloud.registry)

    def register(self, *, flipped: bool = False) -> None:
        """What a run leaves."""
        source = save_classifier(self.root / f"made-{flipped}", flipped=flipped)
        digest = digests.of_path(source)
        models = RecordedModels(
            self.cloud.records["dev"], self.cloud.registry, measuring=LocalModels(Layout(self.root)),
            fetched=lambda run, outputs: run, folder=Layout(self.root).cloud,
        )  # fmt: skip
        models.register(
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
    project.register()
    project.run("models", "promote")
    return project


def test_a_version_is_deployed_and_predicts_for_a_file(project: Project) -> None:
    deployed = project.run("deploy", "nightly", "-e", "dev")["data"]
    (project.root / "rows.jsonl").write_text('{"a": 1, "b": 2}\n{"a": 3, "b": 4}\n', encoding="utf-8")
    asked = project.run("predict", "nightly", "--data", "rows.jsonl", "--out", "said.csv")["data"]

    assert (deployed["endpoint"], deployed["version"], deployed["previous_version"]) == ("nightly", 1, None)
    said = ["1:[('a', 1), ('b', 2)]", "1:[('a', 3), ('b', 4)]"]
    assert (asked["environment"], asked["url"], asked["version"], asked["predictions"]) == ("dev", None, 1, said)
    assert (project.root / "said.csv").read_text(encoding="utf-8").splitlines() == [
        "a,b,prediction",
        "1,2,\"1:[('a', 1), ('b', 2)]\"",
        "3,4,\"1:[('a', 3), ('b', 4)]\"",
    ]  # fmt: skip


def test_who_deployed_it_is_in_the_audit_log(project: Project) -> None:
    project.run("deploy", "nightly", "-e", "dev")
    kept = "".join(one.text for name, one in project.cloud.records["dev"].documents.items() if "audit" in name)

    assert '"action":"deploy"' in kept.replace(" ", "")


def test_a_version_is_turned_back_and_status_shows_what_works(project: Project) -> None:
    project.run("deploy", "nightly", "-e", "dev")
    nothing = project.run("rollback", "--reason", "errors", code=6)["errors"][0]
    project.register(flipped=True)
    project.run("models", "promote")
    project.run("deploy", "nightly", "-e", "dev")
    project.run("predict", "nightly", "--json", '{"a": 1}')

    back = project.run("rollback", "nightly", "--reason", "errors")["data"]
    text = call("status", "--live", cwd=project.root).stdout
    (live,) = json.loads(call("status", "--live", "--format", "json", cwd=project.root).stdout)["data"]["batches"]

    assert nothing["message"] == "nothing worked at nightly@dev before version 1"
    assert (back["environment"], back["version"], back["from"], back["rollout"]) == ("dev", 1, 2, None)
    assert (live["version"], live["turned_back"], live["job"]["version"], live["job"]["status"]) == (
        1, 2, 2, "succeeded"
    )  # fmt: skip
    assert (live["place"], live["folder"]) == (PLACE.id, PLACE.folder)
    (line,) = [one for one in text.splitlines() if PLACE.folder in one]
    assert line.split()[:5] == ["dev", "nightly", "churn", "1", "succeeded,"]


def test_nothing_is_predicted_before_a_version_is_deployed(project: Project) -> None:
    failed = project.run("predict", "nightly", "--json", '{"a": 1}', code=6)

    assert failed["errors"][0]["hint"] == "groundplan deploy nightly"
    assert project.batches.submitted == []


def test_why_a_job_failed_is_said(project: Project) -> None:
    project.run("deploy", "nightly", "-e", "dev")
    project.batches.fails = "no machines"

    failed = project.run("predict", "nightly", "--json", '{"a": 1}', code=4)
    assert failed["errors"][0]["message"].endswith("failed: no machines")


def test_a_job_is_told_of_on_standard_error(project: Project) -> None:
    project.run("deploy", "nightly", "-e", "dev")
    result = call("predict", "nightly", "--json", '{"a": 1}', cwd=project.root)

    assert "at the cloud: https://cloud.example/nightly-" in result.stderr
    assert (result.returncode, "churn version 1 at nightly" in result.stderr) == (0, True)
