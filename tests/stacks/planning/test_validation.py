"""What the cloud would refuse is found before it is asked: form by the SDKs, facts by rules, each with its line.

The rules used here are made up; whether the platforms' own are true is shown against the clouds' descriptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
from groundplan.modules.contract.rules import NameRule, TypeRules
from groundplan.stacks import overriding
from groundplan.stacks.causes import caused_by
from groundplan.stacks.planning.validation.checking import in_order, refused, unset_references, unused_overrides
from groundplan.stacks.planning.validation.facts import findings, taken_twice
from hypothesis import given
from hypothesis import strategies as st

from planning_kit import CONFIG, Toy, complaints, config, draft, resource

SIZED = f"{CONFIG}compute:\n  gpu:\n    size: Standard_NC4as_T4_v3\n    kind: gpu\n    max_nodes: 4\n"


def compute(properties: Mapping[str, Any]) -> Callable[[], None]:
    def program() -> None:
        from pulumi_azure_native import machinelearningservices as ml

        with caused_by("compute.gpu"):
            inputs: dict[str, Any] = {"resource_group_name": "rg", "workspace_name": "ws", "properties": properties}
            ml.Compute("gpu", compute_name="gpu", **inputs)

    return program


def cluster(**properties: Any) -> dict[str, Any]:
    return {"computeType": "AmlCompute", "properties": properties}


GPU = "gpu (azure-native:machinelearningservices:Compute): "


@pytest.mark.parametrize(
    ("properties", "message", "hint"),
    [
        (cluster(vmsize="x"), "there is no property 'vmsize' in properties.properties", "Did you mean 'vmSize'?"),
        (cluster(vmSize=4), "properties.properties.vmSize: expected text; got 4", ""),
        (cluster(vmPriority="spot"), "properties.properties.vmPriority is 'spot', which the cloud does not know",
         "Known: Dedicated, LowPriority."),
        (cluster(scaleSettings={}),
         "properties.properties.scaleSettings.maxNodeCount is missing, and the cloud requires it", ""),
        (cluster(subnet=["id"]), "properties.properties.subnet: expected a mapping; got a list", ""),
        (cluster(enableNodePublicIp="no"),
         "properties.properties.enableNodePublicIp: expected true or false; got 'no'", ""),
        ({"computeType": "AmlComputed"}, "properties.computeType is 'AmlComputed', which the cloud does not know",
         "Did you mean 'AmlCompute'?"),
        ({"disableLocalAuth": True}, "properties.computeType is missing, and the cloud requires it", ""),
    ],
)  # fmt: skip
def test_the_form_of_inputs_is_held_against_the_sdk(
    properties: dict[str, Any], message: str, hint: str, tmp_path: Path
) -> None:
    found = complaints(compute(properties), config(tmp_path, SIZED))

    assert [one[1:] for one in found] == [(GPU + message, hint)]


def test_all_is_found_at_once_and_a_value_leads_to_its_line(tmp_path: Path) -> None:
    rules = {
        "azure-native:machinelearningservices:Compute": TypeRules(
            source="here",
            choices={"properties.properties.vmSize": frozenset({"Standard_NC6s_v3", "Standard_NC4as_T4_v4"})},
            ranges={"properties.properties.scaleSettings.maxNodeCount": (0, 2)},
        )
    }
    properties = cluster(vmSize="Standard_NC4as_T4_v3", scaleSettings={"maxNodeCount": 4}, osType="BeOS")

    assert complaints(compute(properties), config(tmp_path, SIZED), rules) == [
        ("7:11", f"{GPU}properties.properties.osType is 'BeOS', which the cloud does not know",
         "Known: Linux, Windows."),
        ("7:11", f"{GPU}properties.properties.vmSize is 'Standard_NC4as_T4_v3', which the cloud does not know",
         "Did you mean 'Standard_NC4as_T4_v4'?"),
        ("9:16", f"{GPU}properties.properties.scaleSettings.maxNodeCount is 4; the cloud takes 0 to 2", ""),
    ]  # fmt: skip


def test_good_inputs_unknown_ones_and_secrets_are_no_findings(tmp_path: Path) -> None:
    def program() -> None:
        toy = Toy("toy")
        compute(cluster(vmSize=toy.made, vmPriority=toy.made, subnet={"id": pulumi.Output.secret("x")}))()

    assert complaints(program, config(tmp_path, SIZED)) == []


def test_a_secret_of_a_wrong_type_is_not_shown(tmp_path: Path) -> None:
    def program() -> None:
        compute(cluster(vmSize=pulumi.Output.secret([1, 2])))()

    assert complaints(program, config(tmp_path, SIZED)) == [
        ("7:11", f"{GPU}properties.properties.vmSize: expected text; got a secret", "")
    ]


NAMED = TypeRules(source="here", name=NameRule(property="name", pattern="[a-z]+", minimum=3, maximum=6))


def facts(**fields: Any) -> TypeRules:
    return TypeRules(source="here", **fields)


ONE_OF_TOP, ONE_OF_X = facts(exactly_one=(frozenset({"a", "b"}),)), facts(exactly_one=(frozenset({"x.a", "x.b"}),))
AT_MOST = facts(at_most_one=(frozenset({"a", "b.c"}),))


@pytest.mark.parametrize(
    ("rules", "inputs", "messages"),
    [
        (NAMED, {"name": "good"}, []),
        (NAMED, {"name": "no"}, ["name 'no' has 2 characters; the cloud takes 3 to 6"]),
        (NAMED, {"name": "No-Good"}, ["name 'No-Good' has 7 characters; the cloud takes 3 to 6"]),
        (NAMED, {"name": "N0t"}, ["name 'N0t' is not of the form [a-z]+"]),
        (NAMED, {}, []),
        (facts(required=frozenset({"a", "b.c"})), {}, ["a is missing, and the cloud requires it"]),
        (facts(required=frozenset({"b.c"})), {"b": [{"c": 1}, {}]}, ["b.1.c is missing, and the cloud requires it"]),
        (ONE_OF_TOP, {}, ["one of a, b is missing, and the cloud requires it"]),
        (ONE_OF_X, {}, []),
        (ONE_OF_X, {"x": {"a": 1, "b": 2}}, ["x.a, x.b exclude each other"]),
        (ONE_OF_X, {"x": [{"a": 1}, {}]}, ["one of x.1.a, x.1.b is missing, and the cloud requires it"]),
        (AT_MOST, {"b": {}, "a": 1}, []),
        (AT_MOST, {"b": {"c": 0}, "a": 1}, ["a, b.c exclude each other"]),
        (facts(patterns={"t.*": "[0-9]+"}), {"t": {"x": "1", "y": "z"}}, ["t.y 'z' is not of the form [0-9]+"]),
        (facts(ranges={"n": (1, 9.5)}), {"n": 10}, ["n is 10; the cloud takes 1 to 9.5"]),
    ],
)
def test_facts_hold(rules: TypeRules, inputs: dict[str, Any], messages: list[str]) -> None:
    assert [one.message for one in findings(rules, inputs)] == messages


@given(name=st.text(alphabet="ab-", max_size=8))
def test_a_name_is_taken_exactly_when_its_rule_says_so(name: str) -> None:
    good = 3 <= len(name) <= 6 and "-" not in name

    assert (not list(findings(NAMED, {"name": name}))) == good


@pytest.mark.parametrize(
    ("unique", "collides"),
    [
        ("global", ["upper", "other-group", "other-region", "other-parent", "other-stack"]),
        ("region", ["upper", "other-group", "other-parent", "other-stack"]),
        ("group", ["upper", "other-region", "other-parent", "other-stack"]),
        ("parent", ["upper", "other-stack"]),
    ],
)
def test_a_name_is_taken_once_within_its_circle(unique: Any, collides: list[str]) -> None:
    rules = {
        "toy": TypeRules(source="", name=NameRule(property="name", pattern=".*", minimum=1, maximum=9, unique=unique))
    }
    base = {"name": "data", "resourceGroupName": "rg", "location": "eu", "workspaceName": "ws"}
    others = {
        "upper": {"name": "DATA"},
        "other-name": {"name": "date"},
        "other-group": {"resourceGroupName": "x"},
        "other-region": {"location": "us"},
        "other-parent": {"workspaceName": "x"},
        "other-stack": {},
    }
    first = resource("first", "toy", properties=base)
    found: list[str] = []
    for name, changed in others.items():
        second = resource(name, "toy", stack="prod" if name == "other-stack" else "dev", properties=base | changed)
        found += [one.name for one, _ in taken_twice([first, second], rules)]

    assert found == collides


OVERRIDES = (
    f"{CONFIG}overrides:\n  gpu:\n    properties.properties.vmSize: 7\n    properties.extra: x\n  gpus:\n    a: 1\n"
)


def test_a_wrong_override_is_found_at_its_own_line_and_one_of_nothing_too(tmp_path: Path) -> None:
    resolved = config(tmp_path, OVERRIDES)

    def program() -> None:
        overriding.apply(resolved.config.overrides)
        compute(cluster(vmSize="x"))()

    assert complaints(program, resolved) == [
        ("7:35", f"{GPU}properties.properties.vmSize: expected text; got 7", ""),
        ("8:23", f"{GPU}there is no property 'extra' in properties",
         "Known: computeLocation, computeType, description, disableLocalAuth, properties, resourceId."),
    ]  # fmt: skip
    assert [(one.message, one.hint) for one in unused_overrides([draft(program, resolved)])] == [
        ("overrides.gpus: no stack has a resource 'gpus'", "Did you mean 'gpu'?")
    ]


def test_a_reference_that_is_not_set_is_found_at_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET_HERE", raising=False)
    text = f"{CONFIG}overrides:\n  a:\n    b: ['${{env:NOT_SET_HERE}}']\n"

    (found,) = unset_references(config(tmp_path, text))

    assert (found.where.rpartition("groundplan.yaml:")[2], "NOT_SET_HERE is not set" in found.message) == ("7:8", True)


def test_problems_of_several_stacks_come_once_each_in_the_order_of_the_file(tmp_path: Path) -> None:
    resolved = config(tmp_path, SIZED)
    drafts = [draft(compute(cluster(vmSize=4, osType="BeOS")), resolved, stack=stack) for stack in ("dev", "prod")]

    assert len(in_order(refused(drafts, {}))) == 2


def test_what_rules_say_of_an_enum_wins_over_the_sdk(tmp_path: Path) -> None:
    kind = "azure-native:machinelearningservices:Compute"
    rules = {kind: facts(choices={"properties.properties.osType": frozenset({"BeOS"})})}

    assert complaints(compute(cluster(osType="BeOS")), config(tmp_path, SIZED), rules) == []


def test_what_lies_in_a_secret_is_checked_and_not_shown(tmp_path: Path) -> None:
    def program() -> None:
        compute(cluster(scaleSettings=pulumi.Output.secret({"maxNodeCount": "hunter2"})))()

    assert complaints(program, config(tmp_path, SIZED)) == [
        ("7:11", f"{GPU}properties.properties.scaleSettings.maxNodeCount: expected a whole number; got a secret", "")
    ]
