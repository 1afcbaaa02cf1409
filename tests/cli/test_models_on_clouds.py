"""A model's life on Azure ML and Vertex AI as a person types it: the clouds' own adapters, the SDKs' real clients over
HTTP, stand-in services behind. Nothing here has ever seen a live subscription or project.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli import clouds
from groundplan.core import clock, digests
from groundplan.lifecycle.patience import Pace
from groundplan.modules.contract.places import Places
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.places import places

import cloud_configs
import imports
import serving_kit
from registry_kit import LINEAGE, make_evidence, make_verdict, model_folder
from stand_in import Store
from stand_in.services import AzureMLService, VertexService
from stand_in.services.bigquery import BigQuery
from stand_in.services.collector import Collector
from stand_in.services.http import Service
from stand_in.services.models import WORKSPACE_GUID
from terminal import call
from vertex_registry_kit import IMAGE

CONFIG = """\
environments: {dev: {}}
pipelines: {train: {steps: {prepare: {command: "python p.py {outputs.test}", outputs: {test: dataset}},
  fit: {command: "python t.py {inputs.test} {outputs.model}", inputs: {test: prepare.test}, outputs: {model: model}}}}}
models: {churn: {pipeline: train, output: fit.model, test: prepare.test, evaluation: {metrics: {roc_auc: {min: 0.7}},
  champion: {enabled: false}}}}
endpoints: {churn: {log_sample: 1.0, %s}}
monitoring: {enabled: true, alerts: [ml@example.com], window: 1h, drift: {min_rows: 2}}
"""
OWN = {"azureml": "", "vertex": f'image: "{IMAGE}"'}
DATASET = "projects/acme-churn/datasets/churn_dev_requests"
TABLE = "acme-churn.churn_dev_requests.churn"


class Project:
    """A project on a cloud whose platform is up, and what a person types in it."""

    def __init__(self, root: Path, platform: str, service: Service) -> None:
        self.root = root
        self.platform = platform
        assert isinstance(service, VertexService | AzureMLService)
        self._service = service
        text = cloud_configs.FIRST_LINES[platform] + CONFIG % OWN[platform]
        (root / "groundplan.yaml").write_text(text, encoding="utf-8")
        self.configs = read_stacks(root)
        _provision(service, places(self.configs)["dev"])

    @property
    def logging(self) -> Collector | BigQuery:
        """What logs at the cloud."""
        return self._service.bigquery if isinstance(self._service, VertexService) else self._service.collector

    def register(self, marker: str) -> None:
        """What a run leaves."""
        source = model_folder(self.root / "made" / marker, marker)
        digest = digests.of_path(source)
        clouds.platform(self.configs["dev"]).models.register(
            name="churn", source=source, digest=digest, lineage=LINEAGE, evidence=make_evidence(digest),
            verdict=make_verdict(), override=None, trusted_types=[], who="ada",
        )  # fmt: skip

    def run(self, *words: str, code: int = 0) -> Mapping[str, Any]:
        """What a command says as JSON."""
        result = call(*words, "--format", "json", cwd=self.root)
        assert result.returncode == code, result.stdout + result.stderr
        return json.loads(result.stdout)["data"]


def _provision(service: Service, found: Places) -> None:
    """What up makes of it, as far as a model's life needs it."""
    store, endpoint = service.store, found.endpoints["churn"]
    if isinstance(service, VertexService):
        service.buckets.make(found.storage)
        store.occupy(DATASET, "gcp:bigquery/dataset:Dataset", datasetId=DATASET.rpartition("/")[2])
        labels = {"endpoint": "churn", "machine-type": "n1-standard-4"}
        store.occupy(
            endpoint, "gcp:vertex/aiEndpoint:AiEndpoint", displayName="churn", labels=labels,
            dedicatedEndpointDns=f"http://127.0.0.1:{service.port}",
            predictRequestResponseLoggingConfig={
                "enabled": True, "samplingRate": 1.0, "bigqueryDestination": {"outputUri": f"bq://{TABLE}"},
            },
        )  # fmt: skip
        return
    assert isinstance(service, AzureMLService)
    ml = "azure-native:machinelearningservices"
    settings: dict[str, Any] = {"location": "westeurope", "identity": {"type": "SystemAssigned"}}
    store.occupy(found.workspace, f"{ml}:Workspace", **settings, workspaceId=WORKSPACE_GUID)
    for container in ("artifacts", "requests"):
        store.occupy(
            f"{found.storage}/blobServices/default/containers/{container}", "azure-native:storage:BlobContainer"
        )  # fmt: skip
        store.occupy(
            f"{found.workspace}/datastores/{container}",
            f"{ml}:Datastore",
            properties={
                "datastoreType": "AzureBlob",
                "accountName": found.storage.rpartition("/")[2],
                "containerName": container,
                "endpoint": "core.windows.net",
                "protocol": "https",
                "credentials": {"credentialsType": "None"},
            },
        )
    group = found.workspace.partition("/workspaces/")[0]
    store.occupy(f"{group}/registries/{found.registry}", f"{ml}:Registry")
    properties = {"authMode": "AADToken", "publicNetworkAccess": "Enabled"}
    store.occupy(
        endpoint,
        f"{ml}:OnlineEndpoint",
        **settings,
        kind="Managed",
        tags={"owner": "ml", "log-sample": "1"},
        properties=properties,
    )


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a stand-in as for a cloud."""
    monkeypatch.setattr(
        Pace.__init__, "__kwdefaults__", {"first_seconds": 0.005, "longest_seconds": 0.02, "tries": 4}
    )  # fmt: skip


@pytest.fixture(params=serving_kit.PLATFORMS)
def project(request: pytest.FixtureRequest, tmp_path: Path, hurried: None) -> Generator[Project]:
    root = tmp_path / "project"
    root.mkdir()
    with serving_kit.signed_in(request.param, Store(tmp_path / "cloud"), tmp_path) as service:
        service.patience = 1
        yield Project(root, request.param, service)


def test_a_version_goes_from_the_registry_to_its_callers_and_back(project: Project) -> None:
    assert project.run("models", "list") == {"models": [], "total": 0}
    project.register("a")
    assert project.run("models", "promote")["to"] == "dev"
    first = project.run("deploy")
    assert (first["version"], first["health"], first["previous_version"]) == (1, "ready", None)
    project.register("b")
    project.run("models", "promote")
    second = project.run("deploy")
    assert (second["version"], second["previous_version"]) == (2, 1)

    answer = project.run("predict", "--json", '{"age": 40.0}')
    assert (answer["model"], answer["version"], len(answer["predictions"])) == ("churn", 2, 1)
    project.run("rollback", "--reason", "errors")
    assert project.run("rollout", "status")["status"] == "rolled-back"
    assert project.run("predict", "--json", '{"age": 40.0}')["version"] == 1
    shown = project.run("models", "list")["models"]
    assert [(one["version"], one["stage"], one["status"]) for one in shown] == [
        (2, None, "retired"), (1, "dev", "registered"),
    ]  # fmt: skip
    actions = [one["action"] for one in project.run("models", "show", "churn", "1")["audit"]]
    assert actions == ["register", "promote", "rollout", "rollout", "rollback"]


def test_what_was_predicted_is_labelled_and_its_window_judged(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.register("a")
    project.run("models", "promote")
    project.run("deploy")
    logging, now = project.logging, clock.in_utc(clock.now())
    ended = (now - timedelta(minutes=10)).replace(minute=0, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: now)
    logging.now = lambda: ended - timedelta(minutes=30)
    first, second = (project.run("predict", "--json", f'{{"age": {age}}}') for age in (40.0, 41.0))
    logging.deliver()

    taken = project.run("feedback", "--request-id", first["request_id"], "--label", "yes")
    watched = project.run("watch", "--once")["parts"]
    ran = project.run("monitor", "run", "--no-notify")

    assert {name: one["error"] for name, one in watched.items()} == dict.fromkeys(watched, "")
    assert watched["monitors"]["said"][-1].startswith(f"churn@dev v1, window until {clock.to_text(ended)}: ")
    assert (taken["kept"], taken["unknown"]) == (1, [])
    (report,) = ran["reports"]
    assert (report["version"], report["rows"], report["labelled"]) == (1, 2, 1)
    assert report["window"]["end"] == clock.to_text(ended)
    assert project.run("monitor", "status")["reports"] == [report]
    shown = [json.loads(line) for line in project.run("logs", "--requests")["lines"]]
    assert [line["request_id"] for line in shown] == [first["request_id"], second["request_id"]]
    assert [line["inputs"] for line in shown] == [[{"age": 40.0}], [{"age": 41.0}]]


@pytest.mark.parametrize("platform", serving_kit.PLATFORMS)
def test_before_up_every_command_says_what_makes_the_rest(platform: str, tmp_path: Path, hurried: None) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "groundplan.yaml").write_text(cloud_configs.FIRST_LINES[platform] + CONFIG % OWN[platform])
    with serving_kit.signed_in(platform, Store(tmp_path / "cloud"), tmp_path):
        for words in (["models", "list"], ["models", "promote"], ["deploy"], ["rollout", "status"]):
            refused = call(*words, cwd=root)
            assert (refused.returncode, "groundplan up" in refused.stderr) == (6, True), refused.stderr


_OWN = {"azureml": "azure.storage.blob", "vertex": "google.cloud.storage"}
_OTHERS = {"azureml": ("google.cloud", "google.auth", "google.api_core"), "vertex": ("azure",)}
_NOT_ASKED = ("azure.ai.ml", "google.cloud.aiplatform", "google.cloud.bigquery", "mlflow", "pulumi")


def test_a_look_at_the_models_imports_only_the_storage_of_its_own_cloud(project: Project, tmp_path: Path) -> None:
    found = imports.loaded(project.root, "models", "list", told=tmp_path / "told")

    assert _OWN[project.platform] in found
    assert {name for name in found if name.startswith((*_OTHERS[project.platform], *_NOT_ASKED))} == set()


def test_what_asks_no_cloud_imports_none_and_a_plan_only_what_compiles_its_pipelines(
    project: Project, tmp_path: Path
) -> None:
    for words in (["--help"], ["config", "show"], ["plan", "--format", "json"], ["plan", "--format", "json"]):
        found = imports.loaded(project.root, *words, told=tmp_path / "told")
        assert {name for name in found if name.startswith(_OTHERS[project.platform])} == set()

    assert {name for name in found if name.startswith(("azure", "google.cloud", "google.auth", "kfp"))} == set()
