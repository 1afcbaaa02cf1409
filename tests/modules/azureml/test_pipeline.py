"""A pipeline at Azure ML: what is registered of it, and when it runs. Not proved: that Azure ML takes and runs it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import UsageError
from groundplan.lifecycle.contract.pipeline import DataInput, DataSource, Step, StepInput
from groundplan.lifecycle.contract.pipeline import Pipeline as Neutral
from groundplan.modules.azureml import step_environment
from groundplan.modules.azureml.pipeline import Pipeline
from groundplan.modules.contract.compute import ComputeOutputs
from groundplan.modules.contract.pipeline import PipelineArguments
from groundplan.modules.contract.registry import RegistryOutputs

import azure_capability as kit

PREPARE = Step(
    name="pre-pare", command=("python", "src/prepare.py", "{inputs.data}", "{outputs.table}"),
    inputs={"data": DataInput(source="main")}, outputs={"table": "dataset"}, code=("src",), compute="default",
)  # fmt: skip
FIT = Step(
    name="fit", command=("python", "-m", "groundplan.lifecycle.baseline.train", "{inputs.table}", "{outputs.model}"),
    inputs={"table": StepInput(step="pre-pare", output="table")}, outputs={"model": "model"}, compute="gpu",
)  # fmt: skip
AT_THE_CLOUD = DataSource(name="main")
HOSTS = ("pypi.org", "files.pythonhosted.org", "conda.anaconda.org", "mcr.microsoft.com")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/prepare.py").write_text("print()\n", encoding="utf-8")
    return tmp_path


def made(
    root: Path,
    *steps: Step,
    public: bool = False,
    allowed_outbound: tuple[str, ...] = (),
    main: DataSource = AT_THE_CLOUD,
    **wanted: Any,
) -> kit.Capability[Pipeline]:
    def build(base: kit.Base) -> Pipeline:
        chosen = steps or (PREPARE, FIT)
        arguments = PipelineArguments(
            pipeline=Neutral(name="train", steps={one.name: one for one in chosen}, sources={"main": main}),
            version="d1e5f0",
            root=root,
            registry=RegistryOutputs(),
            computes={name: ComputeOutputs(name=f"{name}-x0", id=f"<compute-{name}>") for name in ("default", "gpu")},
            data_uris={"main": "azureml://datastores/data/paths/main.csv"},
            **base.common,
        )
        return Pipeline("pipeline-train", base.context, replace(arguments, **wanted))

    return kit.make(build, public=public, allowed_outbound=allowed_outbound)


def asset(kind: str, inputs: dict[str, Any] | Any) -> str:
    return f"{kit.WORKSPACE_ID}/{kind}/{inputs['name']}/versions/{inputs['version']}"


def test_each_thing_is_registered_once_and_after_what_it_refers_to(root: Path) -> None:
    found = made(root)
    environment = next(name for name in found.made if "environment" in name)

    assert found.types() == {
        environment: "machinelearningservices:EnvironmentVersion",
        "pipeline-train-code": "machinelearningservices:CodeVersion",
        "pipeline-train-step-pre-pare": "machinelearningservices:ComponentVersion",
        "pipeline-train-step-fit": "machinelearningservices:ComponentVersion",
        "pipeline-train-component": "machinelearningservices:ComponentVersion",
    }
    assert found.waits_for("pipeline-train-code") == {kit.ENVIRONMENT}
    assert found.waits_for("pipeline-train-step-fit") == {environment, "pipeline-train-code"}
    assert found.waits_for("pipeline-train-component") == {"pipeline-train-step-fit", "pipeline-train-step-pre-pare"}
    assert all(one.retain_on_delete for one in found.made.values()), "runs refer to the versions they ran"
    assert all({key: one.properties[key] for key in kit.PLACE} == kit.PLACE for one in found.made.values())


def test_the_components_name_what_they_need_by_its_id(root: Path) -> None:
    found = made(root)
    environment = found.inputs(next(name for name in found.made if "environment" in name))
    code, fit = found.inputs("pipeline-train-code"), found.inputs("pipeline-train-step-fit")
    prepare = found.inputs("pipeline-train-step-pre-pare")
    jobs = found.inputs("pipeline-train-component")["properties"]["componentSpec"]["jobs"]

    assert prepare["properties"]["componentSpec"]["code"] == "azureml:" + asset("codes", code)
    assert "code" not in fit["properties"]["componentSpec"]
    for one in (prepare, fit):
        assert one["properties"]["componentSpec"]["environment"] == "azureml:" + asset("environments", environment)
        assert one["properties"]["tags"] == {**kit.TAGS, "definition": "d1e5f0"}
    assert {name: (job["componentId"], job["computeId"]) for name, job in jobs.items()} == {
        "pre_pare": (asset("components", prepare), "<compute-default>"),
        "fit": (asset("components", fit), "<compute-gpu>"),
    }


def test_the_environment_holds_image_and_packages(root: Path) -> None:
    found = made(root)
    environment = found.inputs(next(name for name in found.made if "environment" in name))["properties"]
    packages = json.loads(environment["condaFile"])

    assert (environment["image"], environment["osType"]) == (step_environment.IMAGE, "Linux")
    assert packages["dependencies"][-1]["pip"][0].startswith("groundplan[local]==")


def test_code_is_a_folder_of_the_artifacts_that_the_upload_fills(root: Path) -> None:
    found = made(root, schedule="0 4 * * 1")
    code = found.inputs("pipeline-train-code")
    folder = f"code/train/{code['version']}"

    assert code["properties"]["codeUri"] == f"https://stchurn.blob.core.windows.net/artifacts/{folder}"
    assert found.steps()["Upload the code of pipeline train, or run it, before its schedule does"] == (
        "az storage blob upload-batch --auth-mode login --account-name stchurn --overwrite --source src"
        f" --destination artifacts --destination-path {folder}/src"
    )


def test_changed_code_is_another_version_of_all_that_use_it(root: Path) -> None:
    before = made(root)
    (root / "src/prepare.py").write_text("print(1)\n", encoding="utf-8")
    after = made(root)
    changed = {
        name for name in before.made
        if before.made[name].properties.get("version") != after.made[name].properties.get("version")
    }  # fmt: skip

    assert changed == {"pipeline-train-code", "pipeline-train-step-pre-pare", "pipeline-train-component"}


def test_a_schedule_runs_the_component_as_the_identity_of_pipelines(root: Path) -> None:
    found = made(root, schedule="0 4 * * 1")

    assert found.inputs("pipeline-train-schedule") == {
        **kit.PLACE,
        "name": "train",
        "properties": {
            "displayName": "train",
            "isEnabled": True,
            "trigger": {"triggerType": "Cron", "expression": "0 4 * * 1", "timeZone": "UTC"},
            "action": {
                "actionType": "CreateJob",
                "jobDefinition": {
                    "jobType": "Pipeline",
                    "componentId": asset("components", found.inputs("pipeline-train-component")),
                    "displayName": "train",
                    "experimentName": "train",
                    "identity": {"identityType": "Managed", "clientId": "<pipeline-client>"},
                    "inputs": {
                        "data__main": {
                            "jobInputType": "uri_file",
                            "mode": "ReadOnlyMount",
                            "uri": "azureml://datastores/data/paths/main.csv",
                        }
                    },
                    "isArchived": False,
                    "settings": {"continue_on_step_failure": False, "force_rerun": True},
                    "tags": kit.TAGS,
                },
            },
            "tags": kit.TAGS,
        },
    }
    assert found.waits_for("pipeline-train-schedule") == {"pipeline-train-component"}


def test_a_schedule_takes_steps_from_an_earlier_job_only_where_the_data_cannot_have_changed(root: Path) -> None:
    found = made(root, schedule="0 4 * * 1", data_uris={"main": "azureml:customers:3"})
    schedule: Any = found.inputs("pipeline-train-schedule")

    assert schedule["properties"]["action"]["jobDefinition"]["settings"]["force_rerun"] is False


def test_a_closed_workspace_says_which_hosts_an_image_needs(root: Path) -> None:
    title = "Let the image of pipeline train be built"

    assert title in made(root).steps()
    assert title not in made(root, public=True).steps()
    assert title not in made(root, allowed_outbound=HOSTS).steps()
    [step] = [one for one in made(root, allowed_outbound=HOSTS[1:]).component.steps if one.title == title]
    assert "pypi.org" in step.reason
    assert "mcr.microsoft.com" not in step.reason


def test_a_pipeline_without_code_needs_no_upload(root: Path) -> None:
    alone = replace(FIT, inputs={}, command=("python", "-m", "groundplan.lifecycle.baseline.train", "{outputs.model}"))
    found = made(root, alone, public=True)

    assert "pipeline-train-code" not in found.made
    assert found.steps() == {}


def test_what_run_uploads_by_itself_is_no_step_without_a_schedule(root: Path) -> None:
    found = made(root, main=DataSource(name="main", path=root / "main.csv"), public=True)

    assert found.steps() == {}


def test_a_schedule_needs_data_of_the_project_uploaded_and_data_at_the_cloud_not(root: Path) -> None:
    title = "Upload the data that the schedule of pipeline train reads, whenever it changed"
    login = "--auth-mode login --account-name stchurn --overwrite"
    file = made(root, main=DataSource(name="main", path=root / "my data" / "main.csv"), schedule="0 4 * * 1")
    shipped = made(root, main=DataSource(name="main", sklearn="iris"), schedule="0 4 * * 1")

    assert title not in made(root, schedule="0 4 * * 1").steps()
    assert file.steps()[title] == (
        f"az storage blob upload {login} --file 'my data/main.csv' --container-name data --name main.csv"
    )
    assert shipped.steps()[title] == (
        f"groundplan data check main && az storage blob upload {login} --file .groundplan/data/iris.csv"
        " --container-name data --name main.csv"
    )


def test_a_compute_that_is_not_there_is_named(root: Path) -> None:
    with pytest.raises(UsageError, match="step 'fit' runs on the compute 'tpu', which is not there") as caught:
        made(root, PREPARE, replace(FIT, compute="tpu"))
    assert caught.value.hint == "Known: default, gpu."
