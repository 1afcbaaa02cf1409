"""What a job of a pipeline is given on Vertex AI: the same template, identity and network as its schedule has.

Not proved: that Vertex AI takes such a job.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import UsageError
from groundplan.lifecycle.contract.jobs import Submission, Upload
from groundplan.lifecycle.contract.pipeline import DataInput, DataSource, Pipeline, Step
from groundplan.modules.contract.context import Account
from groundplan.modules.contract.pipeline import PipelineArguments
from groundplan.modules.contract.submission import SubmissionArguments, SubmittedCompute, SubmittedData
from groundplan.modules.vertex import compiling, names, pipeline_job, step_code, step_environment
from groundplan.modules.vertex.pipeline import Pipeline as PipelineComponent
from groundplan.modules.vertex.submission import submission

from google_stack import KEY, NUMBER, REGISTRY
from vertex_parts import ATTACHMENT, BUCKET, DEV, ENCRYPTION, Recorded, account, labels, network, parts

DIGEST = "sha256:" + "ab" * 32
TRAIN = Step(
    name="train-all",
    command=("python", "src/train.py", "{inputs.data}"),
    inputs={"data": DataInput(source="main"), "more": DataInput(source="history")},
    outputs={"model": "model"},
    parameters={"seed": 42, "fast": True},
    code=("src",),
    compute="big",
)
SOURCES = {name: DataSource(name=name, path=Path(f"{name}.csv")) for name in ("main", "history", "unread")}
DATA = {
    "main": SubmittedData(below="data/main.csv", file=Path("/project/data/main.csv"), digest=DIGEST),
    "history": SubmittedData(uri="gs://lake/history.csv"),
    "unread": SubmittedData(below="unread.csv", file=Path("/project/unread.csv"), digest=DIGEST),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text("print(1)\n")
    return tmp_path


def pipeline(*steps: Step) -> Pipeline:
    return Pipeline(name="train", steps={one.name: one for one in steps or (TRAIN,)}, sources=SOURCES)


def submitted(root: Path, *steps: Step, **changes: Any) -> Submission:
    arguments = SubmissionArguments(
        pipeline=pipeline(*steps), version="0123456789abcdef", root=root, data=DATA,
        computes={"big": SubmittedCompute(size="n2-standard-16")},
    )  # fmt: skip
    return submission(changes.pop("context", DEV), replace(arguments, **changes))


def test_a_run_is_the_template_of_the_version_with_data_by_its_digest(root: Path) -> None:
    data = f"gs://{names.data_bucket(DEV)}/main/{'ab' * 32}/main.csv"

    assert submitted(root, parameters={"train-all": {"seed": 7}}, key=KEY) == Submission(
        pipeline="train",
        definition=f"gs://{BUCKET}/pipelines/train/0123456789abcdef/pipeline.json",
        inputs={"train_all__seed": "7"},
        data={"data__history": "gs://lake/history.csv", "data__main": data},
        steps={"train-all": "train-all"},
        outputs={"train-all.model": "output_model"},
        uploads=(Upload(uri=data, path=Path("/project/data/main.csv"), digest=DIGEST),),
        account=account("pipeline"),
        labels=labels(pipeline="train", version="0123456789abcdef"),
        settings={
            "display_name": "churn-dev-train",
            "pipeline_root": f"gs://{BUCKET}/runs",
            "failure_policy": "PIPELINE_FAILURE_POLICY_FAIL_FAST",
            "machines": "1 n2-standard-16",
            "steps": pipeline_job.steps(root, pipeline()),
            "network_attachment": ATTACHMENT,
            "kms_key": KEY,
        },
    )


@pytest.mark.parametrize("connection", ["psc", "peering"])
def test_a_run_is_what_the_schedule_runs(root: Path, connection: Any) -> None:
    given: dict[str, Any] = {**parts(encryption=ENCRYPTION), "network": network(connection=connection)}
    arguments = PipelineArguments(
        pipeline=pipeline(), version="0123456789abcdef", root=root, registry=REGISTRY, computes={},
        schedule="0 4 * * 1",
        data_uris={name: f"gs://data/{name}.csv" for name in SOURCES}, **given,
    )  # fmt: skip
    recorded = Recorded(lambda: PipelineComponent("pipeline", DEV, arguments))
    schedule: Any = recorded.inputs("pipeline-schedule")
    template: Any = recorded.inputs("pipeline-pipeline")
    job: dict[str, Any] = schedule["createPipelineJobRequest"]["pipelineJob"]
    found = submitted(root, connection=connection, key=KEY, computes={})

    assert recorded.component.outputs.id == found.definition
    assert {name: template["metadata"][name] for name in ("machines", "steps")} == {
        name: found.settings[name] for name in ("machines", "steps")
    }
    assert {
        "displayName": found.settings["display_name"],
        "serviceAccount": found.account,
        "labels": found.labels,
        "runtimeConfig": {
            "gcsOutputDirectory": found.settings["pipeline_root"],
            "failurePolicy": found.settings["failure_policy"],
        },
        "encryptionSpec": {"kmsKeyName": found.settings["kms_key"]},
        **(
            {"network": found.settings["network"]}
            if connection == "peering"
            else {"pscInterfaceConfig": {"networkAttachment": found.settings["network_attachment"]}}
        ),
    } == {name: value for name, value in job.items() if name != "pipelineSpec"}


def test_a_step_is_another_when_its_definition_or_a_file_of_it_is(root: Path) -> None:
    other = Step(name="other", command=("true",))
    before = pipeline_job.steps(root, pipeline(TRAIN, other)).split()
    redefined = pipeline_job.steps(root, pipeline(replace(TRAIN, retries=1), other)).split()
    (root / "src" / "train.py").write_text("print(2)\n")
    changed = pipeline_job.steps(root, pipeline(TRAIN, other)).split()

    assert [one.partition("=")[0] for one in before] == ["other", "train-all"]
    assert before[0] == redefined[0] == changed[0]
    assert len({before[1], redefined[1], changed[1]}) == 3


def test_tasks_are_called_as_kfp_calls_them(root: Path) -> None:
    steps = (
        Step(name="importer", command=("true",), inputs={"data": DataInput(source="main")}),
        Step(name="importer_2", command=("true",), after=("importer",)),
        Step(name="check_data", command=("python", "src/train.py"), code=("src",), outputs={"table": "dataset"}),
    )
    code = step_code.archive(root, pipeline(*steps))
    target = compiling.Target(
        images={one.name: step_environment.of(one) for one in steps}, data_uris={"main": "gs://data/main.csv"},
        machines={}, code_uri="gs://code",
    )  # fmt: skip
    tasks = compiling.compile(pipeline(*steps), target)["root"]["dag"]["tasks"]
    found = submitted(root, *steps)

    assert code
    assert found.steps == {
        task: one["taskInfo"]["name"]
        for task, one in tasks.items()
        if one["taskInfo"]["name"] in pipeline(*steps).steps
    }
    assert found.outputs == {"check_data.table": "output_table"}


def test_a_public_environment_without_a_network_of_its_own_needs_none(root: Path) -> None:
    found = submitted(root, access="public")

    assert not {"network", "network_attachment"} & set(found.settings)


def test_a_peered_network_needs_the_projects_number(root: Path) -> None:
    assert submitted(root, connection="peering").settings["network"].startswith(f"projects/{NUMBER}/global/networks/")
    without = replace(DEV, account=Account(project=DEV.account.project))
    with pytest.raises(UsageError, match="by the project's number") as refused:
        submitted(root, connection="peering", context=without)

    assert "gcloud projects describe" in refused.value.hint
