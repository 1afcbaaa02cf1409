"""Neutral pipelines as KFP pipeline specs: what becomes of each thing a step says, and that KFP itself runs them.

Not proved: that Vertex AI runs them; which machine it picks for a step; that an image has what the script needs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import UsageError
from groundplan.lifecycle.contract.pipeline import DataInput, DataSource, Pipeline, Step, StepEnvironment, StepInput
from groundplan.modules.contract import graph
from groundplan.modules.contract.catalogue import MachineSize
from groundplan.modules.vertex import compiling, step_code, step_environment
from groundplan.modules.vertex.compiling import Target
from groundplan.modules.vertex.step_environment import StepImage
from hypothesis import given, settings
from hypothesis import strategies as st

SOURCES = {"main": DataSource(name="main", path=Path("data.csv"))}
KIT = Path(__file__).parents[2] / "support" / "kfp_local.py"


def step(name: str, *command: str, **changes: Any) -> Step:
    return replace(Step(name=name, command=command or ("true",)), **changes)


def pipeline(*steps: Step) -> Pipeline:
    return Pipeline(name="train", steps={one.name: one for one in steps}, sources=SOURCES)


def target(*steps: Step, **changes: Any) -> Target:
    images = {one.name: StepImage(image="example.com/steps:1") for one in steps}
    return replace(Target(images=images, data_uris={"main": "gs://data/main.csv"}, machines={}), **changes)


def compiled(*steps: Step, **changes: Any) -> compiling.Spec:
    return compiling.compile(pipeline(*steps), target(*steps, **changes))


def container(spec: compiling.Spec, name: str) -> dict[str, Any]:
    return spec["deploymentSpec"]["executors"][f"exec-{name}"]["container"]


def task(spec: compiling.Spec, name: str) -> dict[str, Any]:
    return spec["root"]["dag"]["tasks"][name]


def test_a_command_becomes_arguments_that_no_shell_reads() -> None:
    one = step(
        "prepare", "python", "-c", "; rm -rf $HOME", "{inputs.data}", "--to={outputs.train}", "{parameters.seed}", "",
        inputs={"data": DataInput(source="main")}, outputs={"train": "dataset"}, parameters={"seed": 42},
    )  # fmt: skip
    made = container(compiled(one), "prepare")
    dataset = json.dumps({"Concat": ["{{$.outputs.artifacts['output_train'].path}}", "/data.csv"]})

    assert made["command"][:2] == ["sh", "-ec"]
    assert made["command"][3] == "prepare"
    assert made["args"] == [
        "3600", "", "", "", dataset, "--",
        "python", "-c", "; rm -rf $HOME", "{{$.inputs.artifacts['input_data'].path}}",
        json.dumps({"Concat": ["--to=", "{{$.outputs.artifacts['output_train'].path}}", "/data.csv"]}),
        "{{$.inputs.parameters['parameter_seed']}}", "",
    ]  # fmt: skip
    assert "rm -rf $HOME" not in made["command"][2]


def test_machine_retries_and_cache_follow_the_step() -> None:
    machine = MachineSize(
        name="n1-standard-8", family="N1/E2", vcpus=8, memory_gib=7.5, gpus=1, accelerator="NVIDIA_TESLA_T4"
    )
    one = step("train", retries=2, cache=False, timeout_seconds=60)
    spec = compiled(one, machines={"train": machine})
    made = container(spec, "train")

    assert made["image"] == "example.com/steps:1"
    assert made["args"] == ["60", "", "", "", "--", "true"]
    assert made["resources"] == {
        "cpuLimit": 8.0, "resourceCpuLimit": "8", "memoryLimit": 8.05306368, "resourceMemoryLimit": "7680Mi",
        "accelerator": {
            "count": "1", "resourceCount": "1", "type": "NVIDIA_TESLA_T4", "resourceType": "NVIDIA_TESLA_T4"
        },
    }  # fmt: skip
    assert {one["name"]: one["value"] for one in made["env"]} == step_environment.VARIABLES
    assert task(spec, "train")["retryPolicy"] == {
        "maxRetryCount": 2, "backoffDuration": "60s", "backoffFactor": 2.0, "backoffMaxDuration": "3600s",
    }  # fmt: skip
    assert task(spec, "train")["cachingOptions"] == {}


def test_a_step_without_a_known_machine_leaves_the_choice_to_vertex() -> None:
    spec = compiled(step("train"))

    assert "resources" not in container(spec, "train")
    assert "retryPolicy" not in task(spec, "train")
    assert task(spec, "train")["cachingOptions"] == {"enableCache": True}


def test_parameters_and_data_can_be_set_for_a_run() -> None:
    one = step(
        "fit-it", "{inputs.data}", inputs={"data": DataInput(source="main")},
        parameters={"flag": True, "rate": 0.1, "rounds": 3, "text": "a 'b' $c"},
    )  # fmt: skip
    parameters = compiled(one)["root"]["inputDefinitions"]["parameters"]

    assert {name: (value["parameterType"], value["defaultValue"]) for name, value in parameters.items()} == {
        "data__main": ("STRING", "gs://data/main.csv"),
        "fit_it__flag": ("STRING", "true"),
        "fit_it__rate": ("STRING", "0.1"),
        "fit_it__rounds": ("STRING", "3"),
        "fit_it__text": ("STRING", "a 'b' $c"),
    }


def test_data_is_imported_anew_each_time_and_code_once() -> None:
    one = step("prepare", "{inputs.data}", inputs={"data": DataInput(source="main")})
    spec = compiled(one, code_uri="gs://artifacts/code")
    importers = {
        task["taskInfo"]["name"]: spec["deploymentSpec"]["executors"][f"exec-{name}"]["importer"]
        for name, task in spec["root"]["dag"]["tasks"].items()
        if name.startswith("importer")
    }

    assert {name: one.get("reimport", False) for name, one in importers.items()} == {"data.main": True, "code": False}
    assert container(spec, "prepare")["args"][1] == "{{$.inputs.artifacts['code'].path}}"


@pytest.mark.parametrize(
    ("kind", "schema"),
    [("dataset", "Dataset"), ("model", "Model"), ("metrics", "Metrics"), ("report", "HTML"), ("value", "Artifact")],
)
def test_every_type_of_output_is_one_of_kfps(kind: Any, schema: str) -> None:
    first = step("first", "{outputs.class}", outputs={"class": kind})
    second = step("second", "{inputs.class}", inputs={"class": StepInput(step="first", output="class")})
    spec = compiled(first, second)

    for component, definitions in (("comp-first", "outputDefinitions"), ("comp-second", "inputDefinitions")):
        (artifact,) = spec["components"][component][definitions]["artifacts"].values()
        assert artifact["artifactType"]["schemaTitle"] == f"system.{schema}"


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ((step("a-b"), step("a_b")), "'a_b' of pipeline 'train' and 'a-b' have the same name"),
        ((step("data"),), "the step 'data' of pipeline 'train' and 'data' have the same name"),
        ((step("code"),), "the step 'code' of pipeline 'train'"),
        ((step("one", "{{$.pipeline_job_name}}"),), "holds '{{$'"),
        ((step("one", inputs={"data": DataInput(source="other")}),), "reads data.other, which has no URI"),
    ],
)
def test_what_kfp_cannot_tell_apart_or_express_is_an_error(steps: tuple[Step, ...], message: str) -> None:
    with pytest.raises(UsageError) as raised:
        compiled(*steps)
    assert message in raised.value.message


def test_a_spec_survives_kfps_own_reading_and_is_the_same_each_time() -> None:
    steps = (step("one", "{outputs.out}", outputs={"out": "model"}), step("two", after=("one",)))
    text = json.dumps(compiled(*steps), sort_keys=True)
    from google.protobuf import json_format
    from kfp import components  # pyright: ignore[reportMissingTypeStubs]

    load: Any = components
    read = json_format.MessageToDict(load.load_component_from_text(text).pipeline_spec)

    assert json.dumps(read, sort_keys=True) == text
    assert json.dumps(compiled(*steps), sort_keys=True) == text


@pytest.mark.parametrize(
    ("steps", "name"),
    [
        (("one",), "train"),
        (("train",), "train-pipeline"),
        (("train", "train_pipeline"), "train-pipeline-pipeline"),
    ],
)
def test_a_pipeline_never_has_the_name_of_a_step_which_kfp_would_take_for_it(steps: tuple[str, ...], name: str) -> None:
    assert compiled(*(step(one) for one in steps))["pipelineInfo"]["name"] == name


names = st.from_regex(r"[a-z]([-_]?[a-z0-9]){0,6}", fullmatch=True).filter(lambda name: name not in ("data", "code"))
ports = st.from_regex(r"[a-z](_?[a-z0-9]){0,5}", fullmatch=True)
values = st.one_of(
    st.booleans(), st.integers(-9, 9), st.floats(allow_nan=False, allow_infinity=False), st.text("a'$ {}")
)


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    chosen = draw(st.lists(names, min_size=1, max_size=5, unique_by=lambda name: name.replace("-", "_")))
    steps: list[Step] = []
    for name in chosen:
        sources: list[DataInput | StepInput] = [DataInput(source="main")]
        sources += [StepInput(step=one.name, output=port) for one in steps for port in one.outputs]
        steps.append(
            step(
                name,
                inputs=draw(st.dictionaries(ports, st.sampled_from(sources), max_size=3)),
                outputs=draw(st.dictionaries(ports, st.sampled_from(["dataset", "model", "value"]), max_size=2)),
                parameters=draw(st.dictionaries(ports, values, max_size=2)),
                after=tuple(
                    draw(st.lists(st.sampled_from([one.name for one in steps] or [""]), max_size=1, unique=True))
                )
                if steps
                else (),
            )
        )
    return pipeline(*draw(st.permutations(steps)))


@settings(max_examples=25, deadline=None)
@given(pipelines(), st.booleans())
def test_the_graph_read_back_is_the_graph_put_in(neutral: Pipeline, code: bool) -> None:
    made = compiling.compile(neutral, target(*neutral.steps.values(), code_uri="gs://code" if code else ""))

    assert compiling.graph(made) == graph.of(neutral)


def run_locally(folder: Path, neutral: Pipeline, *arguments: str) -> tuple[int, dict[str, str]]:
    """The exit code of KFP's local runner, and each output by ``step/output``."""
    code = folder / "code.tar.base64"
    code.write_text(step_code.archive(folder, neutral))
    found = Target(
        images={name: step_environment.of(one) for name, one in neutral.steps.items()},
        data_uris={"main": str(folder / "data.csv")},
        machines={},
        code_uri=str(code),
    )
    spec = folder / "pipeline.json"
    spec.write_text(json.dumps(compiling.compile(neutral, found)))
    root = folder / "root"
    path = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ["PATH"]]
    )  # on which a container has its python
    done = subprocess.run(
        [sys.executable, str(KIT), str(spec), str(root), *arguments], env={**os.environ, "PATH": path},
        capture_output=True, check=False,
    )  # fmt: skip
    outputs = {
        f"{path.parts[1]}/{'/'.join(path.parts[2:]).removeprefix('output_')}": (root / path).read_text()
        for path in (one.relative_to(root) for one in root.rglob("*") if one.is_file())
        if path.name != "executor_output.json"
    }
    return done.returncode, outputs


COPY = "import sys; a = sys.argv; open(a[2], 'w').write(open(a[1]).read() + a[3] + chr(10))"


def test_kfps_local_runner_runs_the_steps_with_their_code(tmp_path: Path) -> None:
    """The words arrive as they were written, the parameter that was set for the run included."""
    (tmp_path / "data.csv").write_text("a,b\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "copy.py").write_text(COPY)
    alone = StepEnvironment(isolated=True)
    steps = (
        step("first", "python", "src/copy.py", "{inputs.data}", "{outputs.out}", "'$(id)' {parameters.word}",
             inputs={"data": DataInput(source="main")}, outputs={"out": "dataset"}, parameters={"word": "x; y"},
             code=("src",), environment=alone),
        step("then-this", "python", "src/copy.py", "{inputs.data}", "{outputs.out}", "--flag={parameters.flag}",
             inputs={"data": StepInput(step="first", output="out")}, outputs={"out": "value"},
             parameters={"flag": True}, code=("src",), environment=alone),
    )  # fmt: skip

    code, outputs = run_locally(tmp_path, pipeline(*steps), "first__word=`set here`")

    assert code == 0
    assert outputs == {
        "first/out/data.csv": "a,b\n'$(id)' `set here`\n",
        "then-this/out": "a,b\n'$(id)' `set here`\n--flag=true\n",
    }


def test_a_step_that_takes_too_long_fails(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a\n")
    slow = step("slow", "sleep", "60", timeout_seconds=1, environment=StepEnvironment(isolated=True))

    code, outputs = run_locally(tmp_path, pipeline(slow))

    assert code != 0
    assert outputs == {}
