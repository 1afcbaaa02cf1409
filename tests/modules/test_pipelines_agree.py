"""One pipeline on the laptop, as KFP's pipeline spec and as Azure ML's components: the same graph, the same results.

Each step writes what it was given: its parameters, and of each input which step wrote it. So what a platform really
connected can be read from the results. The laptop runs its own runner, KFP its local one, Azure ML's components run
as ``azureml_local`` says. Not proved: that the clouds' services do as these do.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from groundplan.lifecycle.contract.pipeline import (
    DataInput,
    DataSource,
    Pipeline,
    Step,
    StepEnvironment,
    StepInput,
)
from groundplan.modules.azureml import compiling as azureml
from groundplan.modules.azureml.step_environment import StepImage as AzureImage
from groundplan.modules.contract import graph
from groundplan.modules.contract.graph import PipelineGraph
from groundplan.modules.vertex import compiling as vertex
from groundplan.modules.vertex import step_code, step_environment

from azureml_local import Cluster
from pipeline_kit import Project

KIT = Path(__file__).parents[1] / "support" / "kfp_local.py"
TRACE = """\
import json, pathlib, sys
step, *rest = sys.argv[1:]
given = {"--in": {}, "--out": {}, "--set": {}}
for option, (name, _, value) in zip(rest[::2], (one.partition("=") for one in rest[1::2])):
    given[option][name] = value
def read(path):
    return json.loads(bytes.fromhex(pathlib.Path(path).read_text().split()[1]))["written"]
inputs = {port: read(path) for port, path in given["--in"].items()}
for port, path in given["--out"].items():
    found = {"written": [step, port], "inputs": inputs, "parameters": given["--set"]}
    pathlib.Path(path).write_text("trace\\n" + json.dumps(found, sort_keys=True).encode().hex() + "\\n")
"""
"""A table of one column and one row, which is a sound dataset on every platform."""

Written = Mapping[tuple[str, str], dict[str, Any]]
"""What each output of a run holds, by step and output."""


def step(name: str, reads: Mapping[str, str], after: tuple[str, ...] = (), **parameters: Any) -> Step:
    """A step that traces what it was given; ``reads`` maps inputs to ``step.output`` or ``data.source``."""
    sources = {port: reference.partition(".")[::2] for port, reference in reads.items()}
    words = [f"--in {port}={{inputs.{port}}}" for port in reads]
    words += ["--out table={outputs.table}", "--out note={outputs.note}"]
    command = [sys.executable, "src/trace.py", name, *(part for word in words for part in word.split(" "))]
    for parameter in parameters:
        command += ["--set", f"{parameter}={{parameters.{parameter}}}"]
    return Step(
        name=name, command=tuple(command), outputs={"table": "dataset", "note": "value"}, parameters=parameters,
        inputs={
            port: DataInput(source=one) if owner == "data" else StepInput(step=owner, output=one)
            for port, (owner, one) in sources.items()
        },
        after=after, code=("src",), environment=StepEnvironment(isolated=False),
    )  # fmt: skip


STEPS = (
    step("report", {"left": "train.note", "right": "check-data.table"}, share=0.25),
    step("train", {"rows": "prepare.table", "more": "data.extra"}, after=("check-data",), seed=42, fast=True),
    step("check-data", {"rows": "prepare.table", "same": "prepare.table"}, words="two 'words'; $(id)"),
    step("prepare", {"rows": "data.main"}),
)
"""A pipeline written in no useful order: two ways from ``prepare`` to ``report``, one bound to wait for the other."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "trace.py").write_text(TRACE)
    for name in ("main", "extra"):
        content = json.dumps({"written": ["data", name]}).encode().hex()
        (tmp_path / f"{name}.csv").write_text(f"trace\n{content}\n")
    return Project(tmp_path)


def neutral(root: Path) -> Pipeline:
    sources = {name: DataSource(name=name, path=root / f"{name}.csv") for name in ("main", "extra")}
    return Pipeline(name="train", steps={one.name: one for one in STEPS}, sources=sources)


def on_the_laptop(project: Project) -> tuple[Written, list[str]]:
    run = project.run(*STEPS, sources=neutral(project.root).sources)
    assert run.status == "succeeded", run.error
    ended = [name for name, status in project.events if status == "succeeded"]
    return {
        (name, port): _read(artifact.path) for name, one in run.steps.items() for port, artifact in one.outputs.items()
    }, ended


def for_vertex(project: Project) -> vertex.Spec:
    pipeline, code = neutral(project.root), project.root / "code.tar.base64"
    code.write_text(step_code.archive(project.root, pipeline))
    alone = {name: step_environment.StepImage(image="python:3.11-slim") for name in pipeline.steps}
    uris = {name: str(source.path) for name, source in pipeline.sources.items()}
    return vertex.compile(pipeline, vertex.Target(images=alone, data_uris=uris, machines={}, code_uri=str(code)))


def by_kfp(project: Project, spec: vertex.Spec) -> Written:
    file, root = project.root / "pipeline.json", project.root / "kfp"
    file.write_text(json.dumps(spec))
    subprocess.run([sys.executable, str(KIT), str(file), str(root)], check=True, capture_output=True)
    (run,) = root.iterdir()
    return {(name, port): _read(run / name / f"output_{port}") for name, port in _outputs()}


def for_azure(project: Project) -> azureml.Compiled:
    pipeline = neutral(project.root)
    images = dict.fromkeys(pipeline.steps, AzureImage(image="example.com/steps:1"))
    target = azureml.Target(images=images, computes=dict.fromkeys(pipeline.steps, "cpu"), codes={})
    return azureml.compile(pipeline, target)


def by_azure(project: Project, compiled: azureml.Compiled) -> Written:
    cluster = Cluster(code=project.root, outputs=project.root / "azure")
    given = {azureml.parameter("data", name): str(project.root / f"{name}.csv") for name in ("main", "extra")}
    cluster.run(compiled, given)
    return {(name, port): _read(cluster.output(azureml.identifier(name), port)) for name, port in _outputs()}


def _outputs() -> Iterator[tuple[str, str]]:
    return ((one.name, port) for one in STEPS for port in one.outputs)


def _read(path: Path) -> dict[str, Any]:
    file = path / "data.csv" if path.is_dir() else path
    return json.loads(bytes.fromhex(file.read_text().split()[1]))


def traced(written: Written, order: frozenset[tuple[str, str]]) -> PipelineGraph:
    """The graph that results tell of; ``order`` is told by other means."""
    read = [(step, port, one) for (step, _), found in written.items() for port, one in found["inputs"].items()]
    return PipelineGraph(
        steps=frozenset(step for step, _ in written),
        data=frozenset((name, step, port) for step, port, (owner, name) in read if owner == "data"),
        edges=frozenset((owner, name, step, port) for step, port, (owner, name) in read if owner != "data"),
        order=order,
        parameters=frozenset(
            (step, name, value) for (step, _), found in written.items() for name, value in found["parameters"].items()
        ),
    )


def test_three_platforms_agree_on_the_graph_and_on_every_result(project: Project) -> None:
    expected = graph.of(neutral(project.root))
    spec, components = for_vertex(project), for_azure(project)
    laptop, ended = on_the_laptop(project)

    assert vertex.graph(spec) == expected
    assert azureml.graph(components) == expected
    assert traced(laptop, expected.order) == expected
    assert all(ended.index(earlier) < ended.index(later) for earlier, later in expected.order)
    assert by_kfp(project, spec) == laptop
    assert by_azure(project, components) == laptop
