"""How many machines a pipeline uses at once: rows of the graph, and a text that can be read again."""

from __future__ import annotations

from groundplan.lifecycle.contract.pipeline import Pipeline, Step
from groundplan.modules.contract.catalogue import MachineSize
from groundplan.modules.vertex import workload

SMALL = MachineSize(name="n2-standard-4", family="N2", vcpus=4, memory_gib=16)
GPU = MachineSize(name="n1-standard-8", family="N1/E2", vcpus=8, memory_gib=30, gpus=1, accelerator="NVIDIA_TESLA_T4")


def pipeline(**after: tuple[str, ...]) -> Pipeline:
    steps = {name: Step(name=name, command=("true",), after=before) for name, before in after.items()}
    return Pipeline(name="train", steps=steps, sources={})


def test_steps_that_nothing_orders_count_together_and_others_once() -> None:
    neutral = pipeline(a=(), b=("a",), c=("a",), d=("a",), e=("b", "c", "d"))
    machines = {"a": SMALL, "b": SMALL, "c": SMALL, "d": GPU, "e": GPU}

    text = workload.text(neutral, machines)

    assert text == "1 n1-standard-8 + 1 NVIDIA_TESLA_T4, 2 n2-standard-4"
    assert workload.parsed(text) == {("n1-standard-8", "NVIDIA_TESLA_T4", 1): 1, ("n2-standard-4", "", 0): 2}


def test_steps_whose_machine_is_not_known_are_left_out() -> None:
    assert workload.text(pipeline(a=(), b=()), {"a": SMALL}) == "1 n2-standard-4"
    assert workload.parsed(workload.text(pipeline(a=()), {})) == {}
