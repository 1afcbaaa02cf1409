"""Plans of generated programs: always the same, everything after what it needs, each dependency there, no secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pytest
from groundplan.modules.contract.planned import PlannedResource, Unknown
from groundplan.stacks.planning.drafting import in_order
from groundplan.stacks.planning.encoding import decoded, encoded
from groundplan.stacks.planning.plan import Plan
from hypothesis import given, settings
from hypothesis import strategies as st

from planning_kit import Box, Toy, config, planned, resource, urn

CANARY = "canary-7f3a91c2"


@dataclass(frozen=True)
class Made:
    """One resource of a generated program; the numbers are of resources made before it."""

    name: str
    inside: int | None
    after: tuple[int, ...]
    taken: tuple[int, ...]
    secret: bool


@st.composite
def graphs(draw: st.DrawFn) -> list[Made]:
    count = draw(st.integers(1, 7))
    names = draw(st.lists(st.from_regex(r"[a-z]{1,4}", fullmatch=True), min_size=count, max_size=count, unique=True))
    found: list[Made] = []
    for position, name in enumerate(names):
        before = st.lists(st.integers(0, position - 1), max_size=3, unique=True).map(tuple) if position else st.just(())
        found.append(
            Made(
                name=name,
                inside=draw(st.sampled_from([None, 0, 1])),
                after=draw(before),
                taken=draw(before),
                secret=draw(st.booleans()),
            )
        )
    return found


def program_of(graph: list[Made]) -> Callable[[], None]:
    def program() -> None:
        boxes = [Box("box-0"), Box("box-1")]
        made: list[Toy] = []
        for one in graph:
            inputs = {f"from{number}": made[number].made for number in one.taken}
            if one.secret:
                inputs["password"] = pulumi.Output.secret(CANARY)
                inputs["note"] = pulumi.Output.from_input(f"see https://user:{CANARY}@host.example")
            parent = None if one.inside is None else boxes[one.inside]
            options = pulumi.ResourceOptions(parent=parent, depends_on=[made[number] for number in one.after])
            made.append(Toy(one.name, options, **inputs))

    return program


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("project")


@settings(max_examples=40, deadline=None)
@given(graph=graphs())
def test_a_generated_program(graph: list[Made], folder: Path) -> None:
    resolved = config(folder)
    resources = planned(program_of(graph), resolved)
    again = planned(program_of(graph), resolved)

    assert list(resources.values()) == list(again.values())
    _everything_is_after_what_it_needs(list(resources.values()))
    for one in graph:
        needed = {resources[graph[number].name].urn for number in (*one.after, *one.taken)}
        found = resources[one.name]
        assert set(found.dependencies) == needed
        for number in one.taken:
            source = resources[graph[number].name].urn
            assert found.properties[f"from{number}"] == Unknown(of=(source,), property="made")
            assert found.property_dependencies[f"from{number}"] == (source,)
    text = json.dumps(encoded(_plan(list(resources.values()))))
    assert CANARY not in text


@settings(max_examples=40, deadline=None)
@given(graph=graphs())
def test_a_plan_is_the_same_after_it_was_written_and_read(graph: list[Made], folder: Path) -> None:
    plan = _plan(list(planned(program_of(graph), config(folder)).values()))

    assert decoded(json.loads(json.dumps(encoded(plan))), project="churn", platform="azureml") == plan


@given(numbers=st.permutations(range(12)))
def test_order_does_not_depend_on_the_order_of_registration(numbers: list[int]) -> None:
    def made(number: int) -> PlannedResource:
        return resource(f"r{number:02}", dependencies=(urn(f"r{number // 2:02}"),) if number else ())

    found = in_order([made(number) for number in numbers])

    assert found == in_order([made(number) for number in range(12)])


def _plan(resources: list[PlannedResource]) -> Plan:
    return Plan(project="churn", stack="dev", platform="azureml", resources=tuple(resources))


def _everything_is_after_what_it_needs(resources: list[PlannedResource]) -> None:
    position = {one.urn: number for number, one in enumerate(resources)}
    for one in resources:
        for other in (*one.dependencies, one.parent, one.provider):
            assert position.get(other, -1) < position[one.urn]
