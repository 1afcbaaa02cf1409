"""What a comparison of two plans says: each kind of change, what forces a replacement, what would be lost.

The rules are made up; which properties a cloud really cannot change is a fact of the platforms' own rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest
from groundplan.modules.contract.planned import PlannedResource, Secret, Unknown
from groundplan.modules.contract.rules import NameRule, TypeRules
from groundplan.stacks.planning.comparison import ResourceChange, compared
from groundplan.stacks.planning.plan import Plan
from hypothesis import given
from hypothesis import strategies as st

from planning_kit import resource, urn

RULES = {
    "store": TypeRules(
        source="here",
        name=NameRule(property="name", pattern=".*", minimum=1, maximum=9),
        stateful=True,
        loses="all of its files",
        replaced_by=frozenset({"location", "sku.tier", "group"}),
    ),
    "user": TypeRules(source="here", replaced_by=frozenset({"store"})),
}


def plan(*resources: PlannedResource, stack: str = "dev") -> Plan:
    return Plan(project="churn", stack=stack, platform="azureml", resources=resources)


def changes(before: PlannedResource, after: PlannedResource) -> list[ResourceChange]:
    return list(compared([plan(before)], [plan(after)], RULES, existing=["dev"]))


def of_store(before: Mapping[str, Any], after: Mapping[str, Any], **fields: Any) -> list[tuple[str, list[object]]]:
    found = changes(resource("s", "store", properties=before), resource("s", "store", properties=after, **fields))
    return [(one.kind, [(p.path, p.before, p.after, p.forces) for p in one.properties]) for one in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("changed", [("a", 1, 2, False)])]),
        ({}, {"a": False}, [("changed", [("a", None, False, False)])]),
        ({"a": 1}, {"a": True}, [("changed", [("a", 1, True, False)])]),
        ({"sku": {"tier": "A", "size": 1}}, {"sku": {"tier": "B", "size": 1}},
         [("replaced", [("sku.tier", "A", "B", True)])]),
        ({"sku": {"size": 1}}, {"sku": {"size": 2}}, [("changed", [("sku.size", 1, 2, False)])]),
        ({"name": "a"}, {"name": "b"}, [("replaced", [("name", "a", "b", True)])]),
        ({"list": [1, 2]}, {"list": [1, 3]}, [("changed", [("list.1", 2, 3, False)])]),
        ({"list": [1]}, {"list": [1, 3]}, [("changed", [("list", [1], [1, 3], False)])]),
        ({"a": Unknown(of=("x",))}, {"a": "known"}, [("changed", [("a", Unknown(of=("x",)), "known", False)])]),
        ({"a": Secret(digest="1")}, {"a": Secret(digest="1")}, []),
        ({"a": Secret(digest="1")}, {"a": Secret(digest="2")},
         [("changed", [("a", Secret(digest="1"), Secret(digest="2"), False)])]),
    ],
)  # fmt: skip
def test_properties_are_compared_one_by_one(before: Any, after: Any, expected: Any) -> None:
    assert of_store(before, after) == expected


def test_options_of_a_resource_count_too() -> None:
    assert of_store({}, {}, protect=True) == [("changed", [("(protect)", False, True, False)])]
    assert of_store({"a": {"b": 1}}, {"a": {"b": 2}}, ignore_changes=("a",)) == []
    assert of_store({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, replace_on_changes=("a[*].b",)) == [
        ("replaced", [("a.0.b", 1, 2, True)])
    ]


def test_what_takes_an_id_of_something_replaced_is_replaced_with_it() -> None:
    store = urn("s", "store")
    user = resource("u", "user", properties={"store": Unknown(of=(store,), property="id")}, dependencies=(store,))
    before = plan(resource("s", "store", properties={"location": "eu"}), user)
    after = plan(resource("s", "store", properties={"location": "us"}), user)

    first, second = compared([before], [after], RULES, existing=["dev"])

    assert (first.kind, first.risky, first.loses) == ("replaced", True, "all of its files")
    assert (second.kind, second.name, [one.path for one in second.properties], second.risky) == (
        "replaced",
        "u",
        ["store"],
        False,
    )


def test_what_is_added_comes_in_order_and_what_is_removed_in_the_opposite_one_at_the_end() -> None:
    a, b, c, d = (resource(name, "store", where=f"groundplan.yaml:{line}:1") for line, name in enumerate("abcd"))

    found = compared([plan(a, b)], [plan(c, d)], RULES, existing=["dev"])

    assert [(one.kind, one.name, one.risky) for one in found] == [
        ("added", "c", False),
        ("added", "d", False),
        ("removed", "b", True),
        ("removed", "a", True),
    ]
    assert found[2].where == "groundplan.yaml:1:1"


def test_a_stack_that_was_not_planned_is_not_compared_and_one_that_is_gone_is_removed() -> None:
    before = [plan(resource("a", stack=stack), stack=stack) for stack in ("dev", "prod", "old")]

    found = compared(before, before[:1], RULES, existing=["shared", "dev", "prod"])

    assert [(one.kind, one.stack) for one in found] == [("removed", "old")]


LEAVES = st.one_of(st.integers(0, 3), st.booleans(), st.sampled_from("ab"), st.builds(Secret, digest=st.just("d")))
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("xy"), inner))
)
PROPERTIES = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(before=PROPERTIES, after=PROPERTIES)
def test_there_is_a_change_exactly_when_something_differs(before: Any, after: Any) -> None:
    found = of_store(before, after)

    assert (found == []) == (_sorted(before) == _sorted(after))


def _sorted(value: object) -> str:
    """Tells 1 from true, and not one order of keys from another."""
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        return "{" + ",".join(f"{name}:{_sorted(entries[name])}" for name in sorted(entries)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_sorted(one) for one in cast("list[object]", value)) + "]"
    return repr(value)


def test_a_component_is_no_resource_and_is_not_compared() -> None:
    made = [resource("a", "store"), resource("box", "groundplan:toy:Box", component=True)]

    assert [(one.kind, one.name) for one in compared([plan(*made)], [plan()], RULES, existing=["dev"])] == [
        ("removed", "a")
    ]
