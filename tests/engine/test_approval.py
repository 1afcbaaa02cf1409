"""What was approved is what runs: previews and plans saved, read, and held against another preview.

That a preview sees all that an update will do is the engine's promise; it is not proved here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.core.errors import DataError, NotFoundError, PolicyError, UsageError
from groundplan.modules.contract.planned import PlannedResource, Secret, Unknown
from groundplan.stacks.engine import approval
from groundplan.stacks.engine.events import SECRET, UNKNOWN
from groundplan.stacks.engine.steps import Change, Outcome, Step
from groundplan.stacks.planning import saving
from groundplan.stacks.planning.plan import Plan
from hypothesis import given
from hypothesis import strategies as st

TYPE = "azure-native:storage:StorageAccount"


def step(name: str, change: Change = "create", **inputs: object) -> Step:
    return Step(change=change, urn=f"urn:pulumi:dev::toy::{TYPE}::{name}", type=TYPE, inputs=inputs)


def preview(*steps: Step) -> Outcome:
    return Outcome(operation="preview", stack="dev", steps=steps)


STEPS = st.lists(
    st.builds(step, st.sampled_from("abc"), st.sampled_from(["create", "update", "delete"]), size=st.integers(0, 2)),
    unique_by=lambda one: one.urn,
)  # fmt: skip


@given(STEPS, STEPS)
def test_two_previews_differ_exactly_when_an_operation_a_resource_or_an_input_does(
    first: list[Step], second: list[Step]
) -> None:
    found = approval.differences(approval.of(preview(*first)), preview(*second))

    def known(steps: list[Step]) -> set[tuple[str, str, str]]:
        return {(one.change, one.urn, str(dict(one.inputs))) for one in steps}

    assert (found == ()) == (known(first) == known(second))


def test_a_preview_that_was_saved_approves_itself_whatever_the_order_and_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "one.json", tmp_path / "two.json"
    outcome = preview(step("a", size=1), step("b", "delete"), step("same", "same"))
    approval.write(first, "toy", [outcome])
    approval.write(second, "toy", [replace(outcome, steps=outcome.steps[::-1])])

    approved = approval.read(first, project="toy")["dev"]

    assert approval.differences(approved, outcome) == ()
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (preview(step("a", size=2)), "create would have other inputs"),
        (preview(step("a", "replace", size=1)), "create was approved, replace would happen"),
        (preview(), "create was approved and would not happen"),
        (preview(step("a", size=1), step("b")), "create was not approved"),
    ],
)
def test_each_difference_is_refused_in_words(found: Outcome, said: str) -> None:
    differences = approval.differences(approval.of(preview(step("a", size=1))), found)

    assert [one.message for one in differences] == [said]
    with pytest.raises(PolicyError) as caught:
        approval.refuse("dev", differences)
    assert int(caught.value.exit_code) == 5


def planned(name: str, **properties: object) -> PlannedResource:
    return PlannedResource(urn=step(name).urn, type=TYPE, name=name, properties=properties)


def plan(*resources: PlannedResource) -> Plan:
    return Plan(project="toy", stack="dev", platform="azureml", resources=resources)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (preview(step("a", size=1, added="by the provider", nested={"x": [1], "y": 2}, id=UNKNOWN)), []),
        (preview(step("a", "same", size=1, nested={"x": [1]})), []),
        (preview(step("a", size=2, nested={"x": [1]})), ["other values of size"]),
        (preview(step("a", size=1, nested={"x": [1, 2]})), ["other values of nested"]),
        (preview(), ["it was planned and is not there"]),
        (preview(step("a", size=1, nested={"x": [1]}), step("b")), ["create was not planned"]),
        (
            preview(step("a", size=1, nested={"x": [1]}), step("b", "delete")),
            ["delete was not approved; an offline plan cannot"],
        ),
    ],
)
def test_an_offline_plan_approves_what_it_knew(tmp_path: Path, found: Outcome, said: list[str]) -> None:
    path = tmp_path / "plan.json"
    known = planned(
        "a", size=1, nested={"x": [1]}, id=Unknown(of=("urn",)), password=Secret(digest="sha256:x")
    )  # fmt: skip
    saving.write(path, [plan(known)])
    with_secret = replace(found, steps=tuple(_with_secret(one) for one in found.steps))

    differences = approval.differences(approval.read(path, project="toy")["dev"], with_secret)

    assert [one.message for one in differences] == said


def _with_secret(one: Step) -> Step:
    return replace(one, inputs={"id": "anything", "password": SECRET, **one.inputs})


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"schema": "groundplan.approval/1"}', '{"project": 1}'])
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)

    with pytest.raises((UsageError, DataError)) as caught:
        approval.read(path, project="toy")

    assert int(caught.value.exit_code) == 2


def test_a_plan_of_another_project_or_none_at_all_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    approval.write(path, "other", [preview(step("a"))])

    with pytest.raises(UsageError, match="project other"):
        approval.read(path, project="toy")
    with pytest.raises(NotFoundError):
        approval.read(tmp_path / "none.json", project="toy")


def test_a_saved_preview_holds_digests_and_no_value(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    approval.write(path, "toy", [preview(step("a", location="somewhere-particular"))])

    text = path.read_text()

    assert json.loads(text)["stacks"][0]["steps"][0]["inputs"].startswith("sha256:")
    assert "somewhere-particular" not in text
