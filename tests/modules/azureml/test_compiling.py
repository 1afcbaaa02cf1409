"""Neutral pipelines as Azure ML components: what becomes of what a step says, and that the components would run.

Not proved: that Azure ML takes and runs them; ``azureml_local`` runs their commands as Azure ML is said to.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import UsageError
from groundplan.lifecycle.contract.pipeline import ArtifactType, DataInput, Pipeline, Step, StepInput
from groundplan.modules.azureml import compiling
from groundplan.modules.azureml.compiling import Compiled, Spec, Target
from groundplan.modules.azureml.step_environment import StepImage
from groundplan.modules.contract import graph
from hypothesis import given, settings
from hypothesis import strategies as st

from azureml_local import Cluster

IMAGE = StepImage(image="example.com/steps:1")
VARIABLES = {
    "DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1",
}  # fmt: skip


def step(name: str, *command: str, **changes: Any) -> Step:
    return replace(Step(name=name, command=command or ("true",)), **changes)


def pipeline(*steps: Step, name: str = "train") -> Pipeline:
    return Pipeline(name=name, steps={one.name: one for one in steps}, sources={})


def target(*steps: Step, **changes: Any) -> Target:
    names = [one.name for one in steps]
    made = Target(images=dict.fromkeys(names, IMAGE), computes=dict.fromkeys(names, "cpu-x0"), codes={})
    return replace(made, **changes)


def compiled(*steps: Step, **changes: Any) -> Compiled:
    return compiling.compile(pipeline(*steps), target(*steps, **changes))


PREPARE = step(
    "pre-pare", "python", "src/prepare.py", "{inputs.data}", "{outputs.table}", "{parameters.seed}",
    inputs={"data": DataInput(source="raw-data")}, outputs={"table": "dataset"}, parameters={"seed": 42, "flag": True},
)  # fmt: skip
FIT = step(
    "fit", "python", "fit.py", "{inputs.table}", "{outputs.model}",
    inputs={"table": StepInput(step="pre-pare", output="table")},
    outputs={"model": "model", "score": "metrics"}, after=("pre-pare",), timeout_seconds=60, cache=False,
)  # fmt: skip


def spec_of(found: Compiled, name: str) -> Spec:
    return {key: value for key, value in found.steps[name].spec.items() if key not in ("version", "_source")}


def test_a_step_becomes_a_command_component() -> None:
    found = compiled(PREPARE, FIT, codes={"pre-pare": "c0de"})

    assert spec_of(found, "pre-pare") == {
        "name": "train__pre_pare",
        "display_name": "pre-pare",
        "type": "command",
        "command": "python src/prepare.py '${{inputs.input__data}}' '${{outputs.table}}/data.csv'"
        " '${{inputs.parameter__seed}}' && echo finished > '${{outputs.groundplan__finished}}'",
        "code": "azureml:train:c0de",
        "environment": f"azureml:train:{IMAGE.version}",
        "is_deterministic": True,
        "inputs": {
            "input__data": {"type": "uri_file"},
            "parameter__seed": {"type": "string", "default": "42"},
            "parameter__flag": {"type": "string", "default": "true"},
        },
        "outputs": {"table": {"type": "uri_folder"}, "groundplan__finished": {"type": "uri_file"}},
    }
    assert spec_of(found, "fit") == {
        "name": "train__fit",
        "display_name": "fit",
        "type": "command",
        "command": "python fit.py '${{inputs.input__table}}/data.csv' '${{outputs.model}}'",
        "environment": f"azureml:train:{IMAGE.version}",
        "is_deterministic": False,
        "inputs": {"input__table": {"type": "uri_folder"}, "groundplan__after_0": {"type": "uri_file"}},
        "outputs": {"model": {"type": "mlflow_model"}, "score": {"type": "uri_file"}},
    }


def test_the_pipeline_becomes_a_component_that_binds_them() -> None:
    found = compiled(PREPARE, FIT, computes={"pre-pare": "cpu-x0", "fit": "gpu-x1"})
    spec = found.pipeline.spec

    assert (found.pipeline.name, spec["type"], spec["display_name"]) == ("train", "pipeline", "train")
    assert spec["inputs"] == {
        "data__raw_data": {"type": "uri_file", "description": "raw-data"},
        "pre_pare__seed": {"type": "string", "default": "42"},
        "pre_pare__flag": {"type": "string", "default": "true"},
    }
    assert spec["jobs"]["fit"] == {
        "type": "command",
        "name": "fit",
        "display_name": "fit",
        "componentId": f"azureml:train__fit:{found.steps['fit'].version}",
        "computeId": "azureml:gpu-x1",
        "identity": {"identity_type": "Managed"},
        "limits": {"job_limits_type": "Command", "timeout": "PT1M"},
        "environment_variables": VARIABLES,
        "inputs": {
            "input__table": {"job_input_type": "literal", "value": "${{parent.jobs.pre_pare.outputs.table}}"},
            "groundplan__after_0": {
                "job_input_type": "literal", "value": "${{parent.jobs.pre_pare.outputs.groundplan__finished}}",
            },
        },
        "_source": "CLASS",
    }  # fmt: skip
    assert spec["jobs"]["pre_pare"]["inputs"] == {
        "input__data": {"job_input_type": "literal", "value": "${{parent.inputs.data__raw_data}}"},
        "parameter__seed": {"job_input_type": "literal", "value": "${{parent.inputs.pre_pare__seed}}"},
        "parameter__flag": {"job_input_type": "literal", "value": "${{parent.inputs.pre_pare__flag}}"},
    }


def test_a_version_changes_with_what_is_compiled() -> None:
    found = compiled(PREPARE, FIT)
    other_fit = compiled(PREPARE, replace(FIT, command=("python", "other.py")))
    other_image = compiled(PREPARE, FIT, images={"pre-pare": IMAGE, "fit": StepImage(image="example.com/steps:2")})

    assert compiled(PREPARE, FIT) is found
    assert other_fit.steps["pre-pare"].version == found.steps["pre-pare"].version
    assert other_fit.steps["fit"].version != found.steps["fit"].version
    assert len({one.pipeline.version for one in (found, other_fit, other_image)}) == 3


NAMES = st.from_regex(r"[a-z]([-_]?[a-z0-9]){0,5}", fullmatch=True)
PORTS = st.from_regex(r"[a-z](_?[a-z0-9]){0,5}", fullmatch=True)
VALUES = st.one_of(
    st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
)  # fmt: skip
KINDS: list[ArtifactType] = ["dataset", "model", "metrics", "report", "value"]


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    """Any pipeline of one to five steps whose names Azure ML can tell apart."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique_by=compiling.identifier))
    sources = draw(st.lists(NAMES, min_size=1, max_size=2, unique_by=compiling.identifier))
    steps: list[Step] = []
    for name in names:
        earlier = [StepInput(step=one.name, output=output) for one in steps for output in one.outputs]
        readable = st.sampled_from([*earlier, *(DataInput(source=source) for source in sources)])
        after = draw(st.lists(st.sampled_from(steps), unique_by=id)) if steps else []
        one = step(
            name,
            inputs=draw(st.dictionaries(PORTS, readable, max_size=3)),
            outputs=draw(st.dictionaries(PORTS, st.sampled_from(KINDS), max_size=3)),
            parameters=draw(st.dictionaries(PORTS, VALUES, max_size=3)),
            after=tuple(other.name for other in after),
            retries=draw(st.integers(0, 2)),
        )
        words = [f"{{{kind}.{port}}}" for kind in ("inputs", "outputs", "parameters") for port in getattr(one, kind)]
        steps.append(replace(one, command=("echo", *words)))
    return pipeline(*steps, name=draw(NAMES))


@settings(max_examples=15, deadline=None)
@given(pipelines())
def test_the_graph_of_what_is_compiled_is_the_pipelines_own(drawn: Pipeline) -> None:
    found = compiling.compile(drawn, target(*drawn.steps.values()))

    assert compiling.graph(found) == graph.of(drawn)


def test_a_step_and_its_ports_may_have_names_that_are_words_of_python_or_of_the_sdk() -> None:
    for word in ("class", "self", "inputs", "jobs", "name", "path", "lambda"):
        first = step(
            word, "echo", f"{{inputs.{word}}}", f"{{parameters.{word}}}",
            inputs={word: DataInput(source=word)}, outputs={word: "dataset"}, parameters={word: "x"},
        )  # fmt: skip
        drawn = pipeline(first, step("last", inputs={word: StepInput(step=word, output=word)}))

        assert compiling.graph(compiling.compile(drawn, target(*drawn.steps.values()))) == graph.of(drawn)


@pytest.mark.parametrize("lost", ["edge", "order", "parameter"])
def test_a_graph_shows_what_a_compiler_lost(lost: str) -> None:
    found = compiled(PREPARE, FIT)
    jobs = json.loads(json.dumps(found.pipeline.spec["jobs"]))
    node, port = {
        "edge": ("fit", "input__table"), "order": ("fit", "groundplan__after_0"),
        "parameter": ("pre_pare", "parameter__seed"),
    }[lost]  # fmt: skip
    del jobs[node]["inputs"][port]
    if lost == "order":
        del jobs[node]["inputs"]["input__table"]
    broken = replace(found, pipeline=replace(found.pipeline, spec=found.pipeline.spec | {"jobs": jobs}))

    assert compiling.graph(broken) != graph.of(pipeline(PREPARE, FIT))


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (
            (step("fit-it"), step("fit_it")),
            "the steps 'fit-it' and 'fit_it' of pipeline 'train' have the same name for Azure ML",
        ),
        (
            (step("data", inputs={"x": DataInput(source="main")}, parameters={"main": 1}),),
            "the parameter 'main' of step 'data' has the same name for Azure ML as the data source",
        ),
        (
            (
                step("a", inputs={"x": DataInput(source="raw-data")}),
                step("b", inputs={"x": DataInput(source="raw_data")}),
            ),
            "the data sources 'raw-data' and 'raw_data' of pipeline 'train' have the same name for Azure ML",
        ),
    ],
)
def test_names_that_azure_cannot_tell_apart_are_refused(steps: tuple[Step, ...], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        compiled(*steps)
    assert caught.value.message == message


def test_what_the_sdk_refuses_is_an_error_in_its_words() -> None:
    with pytest.raises(UsageError, match="Azure ML's SDK refuses the component '9lives__fit': name: Component name"):
        compiling.compile(pipeline(step("fit"), name="9lives"), target(step("fit")))


def test_nothing_is_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    compiled(step("alone", "echo", "{parameters.word}", parameters={"word": "never compiled before"}))


def test_the_sdk_says_nothing_on_standard_error() -> None:
    code = (
        "from groundplan.lifecycle.contract.pipeline import Pipeline, Step\n"
        "from groundplan.modules.azureml.compiling import Target, compile\n"
        "from groundplan.modules.azureml.step_environment import StepImage\n"
        "one = Step(name='fit', command=('true',))\n"
        "target = Target(images={'fit': StepImage(image='i')}, computes={'fit': 'c'}, codes={})\n"
        "print(compile(Pipeline(name='train', steps={'fit': one}, sources={}), target).pipeline.name)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)

    assert (ended.stdout, ended.stderr, ended.returncode) == ("train\n", "", 0), ended.stderr


def test_the_components_run_in_their_order_and_hand_on_what_they_made(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/copy.py").write_text(
        "import sys\n"
        "text = open(sys.argv[1]).read() if sys.argv[1] else ''\n"
        "assert sys.argv[2].endswith('.csv')\n"
        "open(sys.argv[2], 'x').write(text + sys.argv[3] + '\\n')\n"
    )
    (tmp_path / "raw.csv").write_text("a\n")
    python = sys.executable

    def copying(name: str, source: DataInput | StepInput, **changes: Any) -> Step:
        words = (python, "src/copy.py", "{inputs.data}", "{outputs.out}", "{parameters.line}")
        return step(
            name, *words, inputs={"data": source}, outputs={"out": "dataset"},
            parameters={"line": f"'{name}' $HOME; \"x\""}, **changes,
        )  # fmt: skip

    first = copying("first", DataInput(source="raw"), after=("zeroth",))
    second = copying("second-one", StepInput(step="first", output="out"), retries=1)
    zeroth = step("zeroth", python, "-c", "open('zeroth', 'x')")
    cluster = Cluster(code=tmp_path, outputs=tmp_path / "outputs")
    cluster.run(compiled(second, first, zeroth), {"data__raw": str(tmp_path / "raw.csv")})

    assert cluster.ran == ["zeroth", "first", "second_one"]
    assert (cluster.output("second_one", "out") / "data.csv").read_text() == (
        "a\n'first' $HOME; \"x\"\n'second-one' $HOME; \"x\"\n"
    )
