"""Overrides change what resources are made with, however the program wrote it; with the real engine: tests/engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
from groundplan.core.errors import ConfigError
from groundplan.modules.contract.planned import Secret, Unknown
from groundplan.stacks import overriding
from groundplan.stacks.config.resolved import Resolved
from hypothesis import given
from hypothesis import strategies as st

from planning_kit import Box, Toy, config, planned, urn


def made_with(overrides: Mapping[str, Mapping[str, Any]], folder: Path) -> dict[str, Mapping[str, object]]:
    """The properties of one compute in three ways of writing it, and of a toy that takes an output of another."""

    def program() -> None:
        from pulumi_azure_native import machinelearningservices as ml

        overriding.apply(overrides)
        base = Toy("base")
        common: dict[str, Any] = {"compute_name": "cpu", "resource_group_name": "rg", "workspace_name": "ws"}
        ml.Compute(
            "typed",
            properties=ml.AmlComputeArgs(
                compute_type="AmlCompute",
                properties=ml.AmlComputePropertiesArgs(
                    vm_size="a", scale_settings=ml.ScaleSettingsArgs(max_node_count=1)
                ),
            ),
            **common,
        )
        late: Any = pulumi.Output.from_input({"properties": {"vmSize": "a"}})
        ml.Compute("late", properties=late, **common)
        Toy("toy", list=[{"a": 1}, {"a": 2}], taken=base.made, nested={"snake_case": 1, "b": {"c": 2}})
        Box("box")

    return {name: one.properties for name, one in planned(program, config(folder)).items()}


def test_a_deep_property_of_an_arguments_object_and_of_an_output(tmp_path: Path) -> None:
    path = "properties.properties.vmSize"

    found = made_with({"typed": {path: "b"}, "late": {path: "b"}}, tmp_path)

    properties: Any = found["typed"]["properties"]
    assert (properties["properties"]["vmSize"], properties["properties"]["scaleSettings"]["maxNodeCount"]) == ("b", 1)
    assert found["late"]["properties"] == {"properties": {"vmSize": "b"}}


def test_a_mapping_is_merged_and_everything_else_takes_the_place(tmp_path: Path) -> None:
    found = made_with(
        {
            "typed": {"properties": {"description": "mine", "properties": {"scaleSettings": {"minNodeCount": 1}}}},
            "toy": {
                "nested.snakeCase": 5,
                "nested": {"b": {"d": 3}},
                "list.1.a": 9,
                "taken": "known",
                "n.d": True,
            },
        },
        tmp_path,
    )

    properties: Any = found["typed"]["properties"]
    assert properties["description"] == "mine"
    assert properties["properties"]["scaleSettings"] == {"maxNodeCount": 1, "minNodeCount": 1}
    assert found["toy"] == {
        "list": [{"a": 1}, {"a": 9}],
        "nested": {"b": {"c": 2, "d": 3}, "snake_case": 5},
        "n": {"d": True},
        "taken": "known",
    }


def test_what_is_not_named_stays_and_a_component_of_the_name_is_left_alone(tmp_path: Path) -> None:
    found = made_with({"box": {"x": 1}, "none": {"y": 2}}, tmp_path)

    assert found == made_with({}, tmp_path)
    assert found["toy"]["taken"] == Unknown(of=(urn("base"),), property="made")


def test_a_reference_is_looked_up_and_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERRIDE_CANARY", "canary-91b2")

    found = made_with({"toy": {"nested.b": ["${env:OVERRIDE_CANARY}", "open"]}}, tmp_path)

    nested: Any = found["toy"]["nested"]
    assert [type(one) for one in nested["b"]] == [Secret, str]
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("path", "value", "wrong"),
    [
        ("properties", [1], "properties"),
        ("properties.properties.vmSize", ["a"], "properties.properties.vmSize"),
        ("properties", {"properties": {"subnet": {"id": []}}}, "properties.properties.subnet.id"),
        ("tags", {"a": [1]}, "tags.a"),
    ],
)
def test_a_list_where_none_belongs_is_refused_with_its_path(
    path: str, value: object, wrong: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        made_with({"typed": {path: value}}, tmp_path)

    assert (caught.value.where, f": {wrong} is no list" in caught.value.message) == (f"overrides.typed.{path}", True)


EXACT = 2**53
"""The engine's numbers are doubles; a config takes none beyond."""

PARTS = st.lists(st.sampled_from(["a", "b", "cD", "0"]), min_size=1, max_size=3)
PLAIN: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.integers(-EXACT, EXACT), st.booleans(), st.text("xy", max_size=2)),
    lambda inner: st.dictionaries(st.sampled_from(["a", "cD"]), inner, min_size=1, max_size=2),
)


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> Resolved:
    return config(tmp_path_factory.mktemp("project"))


@given(parts=PARTS, value=PLAIN)
def test_what_is_set_in_nothing_is_there_and_alone(parts: list[str], value: Any, resolved: Resolved) -> None:
    def program() -> None:
        overriding.apply({"toy": {".".join(["top", *parts]): value}})
        Toy("toy")

    expected = value
    for part in reversed(["top", *parts]):
        expected = {part: expected}

    assert planned(program, resolved)["toy"].properties == expected
