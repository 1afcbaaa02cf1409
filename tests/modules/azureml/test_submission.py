"""A submission at Azure ML names just what ``up`` registers: the component is made beside it and compared.

Not proved: that Azure ML runs it (tests/lifecycle/test_jobs_on_clouds.py runs it against a stand-in).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import digests
from groundplan.core.errors import UsageError
from groundplan.lifecycle.contract.jobs import Submission, Upload
from groundplan.lifecycle.contract.pipeline import DataInput, DataSource, Pipeline, Step, StepInput
from groundplan.modules.azureml import pipeline as component
from groundplan.modules.azureml.compute import cluster_name
from groundplan.modules.azureml.submission import submission
from groundplan.modules.contract.compute import ComputeOutputs
from groundplan.modules.contract.pipeline import PipelineArguments
from groundplan.modules.contract.registry import RegistryOutputs
from groundplan.modules.contract.submission import SubmissionArguments, SubmittedCompute, SubmittedData

import azure_capability as kit
import azure_stack

PREPARE = Step(
    name="pre-pare", command=("python", "src/prepare.py", "{inputs.data}", "{outputs.table}", "{parameters.note}"),
    inputs={"data": DataInput(source="raw-data")}, outputs={"table": "dataset"},
    parameters={"note": "it's", "flag": True}, code=("src",),
)  # fmt: skip
FIT = Step(
    name="fit", command=("python", "fit.py", "{inputs.table}", "{outputs.model}"),
    inputs={"table": StepInput(step="pre-pare", output="table")}, outputs={"model": "model"}, compute="gpu",
)  # fmt: skip
PIPELINE = Pipeline(
    name="train-it", steps={"pre-pare": PREPARE, "fit": FIT}, sources={"raw-data": DataSource(name="raw-data")}
)
GPU = SubmittedCompute(kind="gpu", spot=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("src/prepare.py", "src/deep/er.py", "src/__pycache__/er.pyc", "fit.py", "unused.py", "main.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n", encoding="utf-8")
    return tmp_path


def submitted(root: Path, **changes: Any) -> Submission:
    arguments = SubmissionArguments(
        pipeline=PIPELINE, version="d1e5f0", root=root, computes={"default": SubmittedCompute(), "gpu": GPU},
        data={"raw-data": SubmittedData(uri="azureml:prices:3")},
    )  # fmt: skip
    return submission(azure_stack.context(), replace(arguments, **changes))


def registered(root: Path) -> kit.Capability[component.Pipeline]:
    clusters = {
        "default": cluster_name("default", "Standard_DS3_v2", spot=False),
        "gpu": cluster_name("gpu", "Standard_NC4as_T4_v3", spot=True),
    }

    def build(base: kit.Base) -> component.Pipeline:
        arguments = PipelineArguments(
            pipeline=PIPELINE, version="d1e5f0", root=root, registry=RegistryOutputs(),
            computes={name: ComputeOutputs(name=one, id=f"<{one}>") for name, one in clusters.items()},
            data_uris={"raw-data": "azureml:prices:3"}, **base.common,
        )  # fmt: skip
        return component.Pipeline("pipeline-train", base.context, arguments)

    return kit.make(build, public=True)


def test_it_names_the_component_and_the_versions_that_up_registers(root: Path) -> None:
    up, found = registered(root), submitted(root)
    whole = up.inputs("pipeline-train-component")
    steps = {name: up.inputs(f"pipeline-train-step-{name}")["version"] for name in ("pre-pare", "fit")}

    assert found.definition == f"{whole['name']}:{whole['version']}"
    assert found.settings == {
        "step.pre_pare": steps["pre-pare"], "step.fit": steps["fit"],
        "code": up.inputs("pipeline-train-code")["version"],
    }  # fmt: skip
    assert {**found.inputs, **found.data}.keys() == whole["properties"]["componentSpec"]["inputs"].keys()
    assert found.steps.keys() == whole["properties"]["componentSpec"]["jobs"].keys()


def test_code_goes_where_the_registered_code_is_and_no_other_file_of_the_project_does(root: Path) -> None:
    folder = registered(root).inputs("pipeline-train-code")["properties"]["codeUri"].partition("/artifacts/")[2]
    names = ["fit.py", "src/deep/er.py", "src/prepare.py"]

    assert submitted(root).uploads == tuple(
        Upload(
            uri=f"azureml://datastores/artifacts/paths/{folder}/{name}",
            path=root / name,
            digest=digests.of_file(root / name),
        )
        for name in names
    )


def test_what_is_given_to_the_job_is_in_the_clouds_own_names(root: Path) -> None:
    found = submitted(root, use_cache=False)

    assert (found.pipeline, found.use_cache) == ("train-it", False)
    assert found.inputs == {"pre_pare__note": "it'\\''s", "pre_pare__flag": "true"}
    assert found.data == {"data__raw_data": "azureml:prices:3"}
    assert found.steps == {"pre_pare": "pre-pare", "fit": "fit"}
    assert found.outputs == {"pre-pare.table": "table/data.csv", "fit.model": "model"}
    assert found.labels == {**azure_stack.TAGS, "definition": "d1e5f0"}
    assert found.account == (
        f"{kit.GROUP_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-churn-dev-pipeline"
    )


def test_a_run_sets_parameters_of_what_is_registered(root: Path) -> None:
    found = submitted(root, parameters={"pre-pare": {"flag": False}})

    assert found.inputs == {"pre_pare__note": "it'\\''s", "pre_pare__flag": "false"}
    assert found.definition == submitted(root).definition


def test_a_parameter_set_to_nothing_is_refused_and_one_that_is_nothing_is_left_out(root: Path) -> None:
    with pytest.raises(UsageError, match="cannot run step pre-pare with the parameter note set to nothing") as caught:
        submitted(root, parameters={"pre-pare": {"note": ""}})
    nothing = replace(PIPELINE, steps={**PIPELINE.steps, "pre-pare": replace(PREPARE, parameters={"note": ""})})

    assert caught.value.hint == "Leave it as the config has it (it's), or set it to nothing in the config."
    assert submitted(root, pipeline=nothing).inputs == {}


def test_data_of_the_project_lies_in_a_folder_of_its_digest_and_is_an_asset(root: Path) -> None:
    file, digest = root / "main.csv", digests.of_file(root / "main.csv")
    data = {"raw-data": SubmittedData(below="main.csv", file=file, digest=digest)}
    uri = f"azureml://datastores/data/paths/sources/raw-data/{digest.removeprefix('sha256:')[:16]}/main.csv"

    found = submitted(root, data=data)

    assert found.data == {"data__raw_data": uri}
    assert found.uploads[-1] == Upload(uri=uri, path=file, digest=digest, asset="raw-data")
    assert found.definition == submitted(root).definition, "what is read is no part of what is registered"


@pytest.mark.parametrize(
    ("uri", "takes"),
    [
        ("azureml:prices:3", True),
        ("/subscriptions/0/resourceGroups/rg/providers/x/workspaces/mlw/data/prices/versions/3", True),
        ("azureml://datastores/data/paths/prices.csv", False),
        ("https://stprices.blob.core.windows.net/data/prices.csv", False),
        ("azureml:prices@latest", False),
    ],
)
def test_steps_are_taken_from_earlier_jobs_where_what_is_read_cannot_have_changed(
    root: Path, uri: str, takes: bool
) -> None:
    data = {"raw-data": SubmittedData(uri=uri)}

    assert submitted(root, data=data).use_cache is takes
    assert submitted(root, data=data, use_cache=False).use_cache is False


def test_what_is_not_there_is_named(root: Path) -> None:
    with pytest.raises(UsageError, match="step 'fit' runs on the compute 'gpu', which is not there"):
        submitted(root, computes={"default": SubmittedCompute()})
    with pytest.raises(UsageError, match="the data source 'raw-data' is not there") as caught:
        submitted(root, data={})
    assert caught.value.hint == "Known: none."
