"""Pipelines on Vertex AI: the template and the code in the bucket, and the schedule with its job.

Not proved: that Vertex AI runs the schedule, and which rights its agents need beside those that Google gives them.
"""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import UsageError
from groundplan.lifecycle.contract.pipeline import DataInput, DataSource, Pipeline, Step, StepEnvironment
from groundplan.modules.contract import graph
from groundplan.modules.contract.compute import ComputeOutputs
from groundplan.modules.contract.pipeline import PipelineArguments
from groundplan.modules.contract.planned import Secret
from groundplan.modules.vertex import compiling, names, pipeline_job, step_code
from groundplan.modules.vertex.catalogue.sizes import SIZES
from groundplan.modules.vertex.pipeline import Pipeline as PipelineComponent

from google_stack import REGISTRY
from vertex_parts import ATTACHMENT, BUCKET, DEV, ENCRYPTION, Recorded, account, labels, network, parts, refused

TRAIN = Step(
    name="train",
    command=("python", "src/train.py", "{inputs.data}"),
    inputs={"data": DataInput(source="main")},
    parameters={"seed": 42},
    code=("src",),
    compute="big",
)
BIG = ComputeOutputs(name="churn-dev-big", id="", machine=SIZES["n2-standard-16"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("print(1)\n")
    return tmp_path


def pipeline(*steps: Step) -> Pipeline:
    sources = {"main": DataSource(name="main", path=Path("data.csv"))}
    return Pipeline(name="train", steps={one.name: one for one in steps or (TRAIN,)}, sources=sources)


def made(root: Path, *steps: Step, **arguments: Any) -> Recorded:
    given: dict[str, Any] = {
        "pipeline": pipeline(*steps),
        "version": "0123456789abcdef",
        "root": root,
        "registry": REGISTRY,
        "computes": {"big": BIG},
        "data_uris": {"main": "gs://churn-data/data.csv"},
        **parts(**arguments),
    }
    return Recorded(lambda: PipelineComponent("pipeline", DEV, PipelineArguments(**given)))


def content(recorded: Recorded, name: str) -> str:
    """What a file in the bucket holds; the SDK treats it as a secret, of which the kit shows the literal."""
    secret = recorded.inputs(name)["content"]
    assert isinstance(secret, Secret)
    return ast.literal_eval(secret.digest)


def test_each_version_of_template_and_code_stays_in_the_bucket(root: Path) -> None:
    recorded = made(root)
    folder = "pipelines/train/0123456789abcdef"

    assert recorded.names == ["pipeline-code", "pipeline-pipeline"]
    assert {key: value for key, value in recorded.inputs("pipeline-pipeline").items() if key != "content"} == {
        "bucket": BUCKET,
        "name": f"{folder}/pipeline.json",
        "contentType": "application/json",
        "metadata": {
            "version": "0123456789abcdef",
            "machines": "1 n2-standard-16",
            "region": "europe-west4",
            "steps": pipeline_job.steps(root, pipeline()),
        },
    }
    assert {key: value for key, value in recorded.inputs("pipeline-code").items() if key != "content"} == {
        "bucket": BUCKET,
        "name": f"{folder}/code.tar.base64",
        "contentType": "text/plain",
        "metadata": {"version": "0123456789abcdef"},
    }
    assert all(recorded.children[name].retain_on_delete for name in recorded.names)
    assert recorded.component.outputs.id == f"gs://{BUCKET}/{folder}/pipeline.json"
    assert recorded.component.outputs.schedule_id is None


def test_the_template_is_the_pipeline_and_brings_its_code(root: Path) -> None:
    recorded = made(root)
    template = json.loads(content(recorded, "pipeline-pipeline"))
    container = template["deploymentSpec"]["executors"]["exec-train"]["container"]

    assert compiling.graph(template) == graph.of(pipeline())
    assert (
        template["root"]["inputDefinitions"]["parameters"]["data__main"]["defaultValue"] == "gs://churn-data/data.csv"
    )
    assert (container["image"], container["resources"]["resourceCpuLimit"]) == ("python:3.11-slim", "16")
    assert content(recorded, "pipeline-code") == step_code.archive(root, pipeline())
    uris = [
        one["importer"]["artifactUri"] for one in template["deploymentSpec"]["executors"].values() if "importer" in one
    ]
    assert len(uris) == 2


def test_a_schedule_runs_the_template_as_the_pipelines_identity(root: Path) -> None:
    recorded = made(root, schedule="0 4 * * 1", encryption=ENCRYPTION)
    schedule = recorded.inputs("pipeline-schedule")

    assert schedule == {
        "project": "acme-churn",
        "location": "europe-west4",
        "displayName": "churn-dev-train",
        "cron": "TZ=Etc/UTC 0 4 * * 1",
        "maxConcurrentRunCount": "1",
        "allowQueueing": False,
        "desiredState": "ACTIVE",
        "createPipelineJobRequest": {
            "parent": "projects/acme-churn/locations/europe-west4",
            "pipelineJob": {
                "displayName": "churn-dev-train",
                "pipelineSpec": content(recorded, "pipeline-pipeline"),
                "serviceAccount": account("pipeline"),
                "runtimeConfig": {
                    "gcsOutputDirectory": names.pipeline_root(DEV),
                    "failurePolicy": "PIPELINE_FAILURE_POLICY_FAIL_FAST",
                },
                "labels": labels(pipeline="train", version="0123456789abcdef"),
                "pscInterfaceConfig": {"networkAttachment": ATTACHMENT},
                "encryptionSpec": {"kmsKeyName": ENCRYPTION.key_id},
            },
        },
    }
    waited = recorded.children["pipeline-schedule"].dependencies
    assert {recorded.children[name].urn for name in ("pipeline-code", "pipeline-pipeline")} <= set(waited)


@pytest.mark.parametrize(
    ("arguments", "connected"),
    [
        ({"network": network(connection="peering")}, {"network": "projects/123456789012/global/networks/churn-dev"}),
        ({"access": "public"}, {}),
    ],
)
def test_a_job_enters_the_network_as_the_network_is(root: Path, arguments: Any, connected: dict[str, str]) -> None:
    schedule: Any = made(root, schedule="0 4 * * 1", **arguments).inputs("pipeline-schedule")
    job = schedule["createPipelineJobRequest"]["pipelineJob"]

    assert {key: job[key] for key in ("network", "pscInterfaceConfig") if key in job} == connected


def test_steps_that_install_packages_are_said_to_need_an_index(root: Path) -> None:
    complete = replace(TRAIN, environment=StepEnvironment(image="example.com/steps:1"))

    assert made(root).titles == ["Let the steps of pipeline train reach a package index, or give them an image"]
    assert made(root, complete).titles == []


@pytest.mark.parametrize(
    ("source", "command"),
    [
        (DataSource(name="main", path=Path("my data.csv")), "gcloud storage cp 'my data.csv' gs://churn-data/data.csv"),
        (
            DataSource(name="main", sklearn="iris"),
            "groundplan data check main && gcloud storage cp .groundplan/data/iris.csv gs://churn-data/data.csv",
        ),
        (DataSource(name="main"), ""),
    ],
    ids=["a file", "what scikit-learn ships", "at the cloud"],
)
def test_a_schedule_needs_data_of_the_project_uploaded_and_a_run_by_hand_does_not(
    root: Path, source: DataSource, command: str
) -> None:
    step = replace(TRAIN, environment=StepEnvironment(image="example.com/steps:1"))
    reads = replace(pipeline(step), sources={"main": source})
    scheduled = made(root, pipeline=reads, schedule="0 4 * * 1").component.steps
    by_hand = made(root, pipeline=reads).component.steps

    assert [one.command for one in scheduled] == ([command] if command else [])
    assert by_hand == ()


def test_a_schedule_is_said_not_to_use_machines_that_are_kept(root: Path) -> None:
    kept = {"big": replace(BIG, id="projects/acme-churn/locations/europe-west4/persistentResources/churn-dev-big")}

    assert "Runs of pipeline train bring machines of their own" in made(root, computes=kept).titles


def test_a_pipeline_without_code_has_none_in_the_bucket(root: Path) -> None:
    baseline = Step(name="train", command=("python", "-m", "groundplan.lifecycle.baseline.train"))

    assert made(root, baseline).names == ["pipeline-pipeline"]


@pytest.mark.parametrize("arguments", [{}, {"network": network(connection="peering"), "encryption": ENCRYPTION}])
def test_google_would_take_it(root: Path, arguments: dict[str, Any]) -> None:
    recorded = made(root, schedule="0 4 * * 1", **arguments)
    shown = [
        replace(one, properties={**one.properties, "content": content(recorded, one.name)})
        if "content" in one.properties
        else one
        for one in recorded.resources
    ]

    assert refused(shown) == []


def test_a_table_is_no_data_of_a_pipeline_that_vertex_ai_starts_by_itself(root: Path) -> None:
    uris = {"main": "bq://acme-data.sales.customers"}
    made(root, data_uris=uris)

    with pytest.raises(UsageError, match=r"reads bq://acme-data\.sales\.customers, and no step gets a table"):
        made(root, data_uris=uris, schedule="0 3 * * *")
