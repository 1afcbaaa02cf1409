"""The order of steps, on random graphs and on broken ones."""

from __future__ import annotations

import pytest
from groundplan.core.errors import UsageError
from groundplan.lifecycle import graph
from groundplan.lifecycle.contract.pipeline import DataInput, DataSource, Pipeline, Step, StepInput
from hypothesis import given
from hypothesis import strategies as st


def step(name: str, *after: str) -> Step:
    return Step(name=name, command=("true",), after=after)


@st.composite
def acyclic(draw: st.DrawFn) -> dict[str, Step]:
    """Steps that only wait for earlier ones, shuffled."""
    count = draw(st.integers(1, 12))
    steps = [
        step(f"s{index}", *draw(st.lists(st.sampled_from([f"s{one}" for one in range(index)]), unique=True)))
        if index
        else step("s0")
        for index in range(count)
    ]
    return {one.name: one for one in draw(st.permutations(steps))}


@given(acyclic())
def test_every_step_stands_once_and_after_all_it_depends_on(steps: dict[str, Step]) -> None:
    found = graph.order(steps)

    assert sorted(found) == sorted(steps)
    assert all(found.index(needed) < found.index(name) for name in found for needed in steps[name].dependencies)


@given(acyclic())
def test_starting_what_is_ready_reaches_every_step(steps: dict[str, Step]) -> None:
    done: set[str] = set()
    while len(done) < len(steps):
        layer = graph.ready(steps, done=done, started=done)
        assert layer
        assert all(steps[name].dependencies <= done for name in layer)
        done.update(layer)


@given(acyclic(), st.data())
def test_a_failure_loses_exactly_what_can_reach_it(steps: dict[str, Step], data: st.DataObject) -> None:
    failed = data.draw(st.sampled_from(sorted(steps)))
    done: set[str] = set()
    while layer := [name for name in graph.ready(steps, done=done, started=done) if name != failed]:
        done.update(layer)

    assert graph.after(steps, {failed}) == set(steps) - done - {failed}


@given(acyclic(), st.data())
def test_a_circle_is_named(steps: dict[str, Step], data: st.DataObject) -> None:
    names = graph.order(steps)
    first, last = names[0], data.draw(st.sampled_from(names))
    circular = {**steps, first: step(first, last), last: step(last, *steps[last].after, first)}

    with pytest.raises(UsageError, match=rf"wait for each other: .*\b{first}\b"):
        graph.order(circular)


def test_equals_keep_the_order_of_the_config() -> None:
    assert graph.order({"b": step("b"), "a": step("a"), "c": step("c", "a")}) == ("b", "a", "c")


def test_all_dangling_references_are_told_at_once() -> None:
    prepare = Step(
        name="prepare", command=("true",), inputs={"data": DataInput(source="mian")}, outputs={"train": "dataset"}
    )
    train = Step(
        name="train",
        command=("true",),
        inputs={"a": StepInput(step="prepare", output="trian"), "b": StepInput(step="prepar", output="train")},
        after=("tidy",),
    )
    sources = {"main": DataSource(name="main", sklearn="iris")}

    with pytest.raises(UsageError) as caught:
        graph.validate(Pipeline(name="p", steps={"prepare": prepare, "train": train}, sources=sources))

    assert [(problem.message, problem.hint) for problem in caught.value.problems] == [
        ("step 'prepare': input 'data' reads data.mian, which is no data source", "Did you mean 'main'?"),
        ("step 'train': input 'a' reads prepare.trian, which that step does not write", "Did you mean 'train'?"),
        ("step 'train': input 'b' reads the step 'prepar', which is not there", "Did you mean 'prepare'?"),
        ("step 'train': runs after 'tidy', which is not there", "Known: prepare, train."),
    ]


def test_a_pipeline_without_steps_is_refused() -> None:
    with pytest.raises(UsageError, match="the pipeline 'empty' has no steps"):
        graph.validate(Pipeline(name="empty", steps={}, sources={}))
