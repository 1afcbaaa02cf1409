"""The engine's events as groundplan keeps them: without secrets, one step for each resource."""

from __future__ import annotations

from typing import Any, cast

from groundplan.stacks.engine.events import Collector, masked
from groundplan.stacks.engine.steps import Step, Violation
from hypothesis import given
from hypothesis import strategies as st
from pulumi.automation.events import EngineEvent

CANARY = "CANARY-value"
SIGNATURE = "4dabf18193072939515e22adb298388d"
HIDDEN = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": CANARY}
URN = "urn:pulumi:dev::toy::a:b:C::one"


def event(**content: Any) -> EngineEvent:
    return cast("Any", EngineEvent).from_json({"sequence": 1, "timestamp": 1, **content})


def metadata(op: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"op": op, "urn": URN, "type": "a:b:C", "provider": "", **more}}


def collected(*events: EngineEvent) -> tuple[Collector, list[Step]]:
    told: list[Step] = []
    collector = Collector(observer=told.append)
    for one in events:
        collector(one)
    return collector, told


def test_debug_messages_are_dropped_and_other_ones_kept() -> None:
    collector, _ = collected(
        event(diagnosticEvent={"message": f"props={CANARY}", "severity": "debug"}),
        event(diagnosticEvent={"message": "<{%fg 1%}>take care<{%reset%}>\n", "severity": "warning"}),
        event(diagnosticEvent={"message": "boom\n", "severity": "error", "urn": URN}),
        event(diagnosticEvent={"message": "update failed\n", "severity": "error"}),
    )

    assert (collector.messages, collector.causes) == (["take care"], {URN: ["boom"]})
    assert CANARY not in repr(collector)


def test_secrets_in_inputs_and_outputs_are_hidden_however_deep() -> None:
    state = {"type": "a:b:C", "urn": URN, "inputs": {"deep": [{"key": HIDDEN}], "open": 1}}
    stack = {"op": "create", "urn": "u", "type": "pulumi:pulumi:Stack", "provider": "",
             "new": {"outputs": {"key": HIDDEN, "open": [1]}}}  # fmt: skip

    collector, told = collected(
        event(resourcePreEvent=metadata("create", new=state)), event(resOutputsEvent={"metadata": stack})
    )

    assert collector.steps[URN].inputs == {"deep": [{"key": "[secret]"}], "open": 1}
    assert collector.outputs == {"key": "[secret]", "open": [1]}
    assert CANARY not in repr((collector, told))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(JSON)
def test_a_value_without_a_secret_stays_what_it_is(value: object) -> None:
    assert masked(value) == value


def test_a_replacement_that_deletes_first_is_told_once_when_the_new_one_is_there() -> None:
    collector, told = collected(
        event(resourcePreEvent=metadata("delete-replaced")),
        event(resOutputsEvent=metadata("delete-replaced")),
        event(resourcePreEvent=metadata("replace", keys=["location"])),
        event(resOutputsEvent=metadata("replace", keys=["location"])),
        event(resourcePreEvent=metadata("create-replacement", keys=["location"])),
        event(resOutputsEvent=metadata("create-replacement", keys=["location"])),
    )

    assert [(one.change, one.status) for one in told] == [("replace", "running"), ("replace", "done")]
    assert collector.steps[URN].replaced_by == ("location",)


def test_a_replacement_that_creates_first_stays_done_while_the_old_one_goes() -> None:
    _, told = collected(
        event(resourcePreEvent=metadata("create-replacement")),
        event(resOutputsEvent=metadata("create-replacement")),
        event(resourcePreEvent=metadata("replace")),
        event(resOutputsEvent=metadata("replace")),
        event(resourcePreEvent=metadata("delete-replaced")),
        event(resOutputsEvent=metadata("delete-replaced")),
    )

    assert [one.status for one in told] == ["running", "done"]


def test_a_step_that_failed_stays_failed_and_carries_what_was_said() -> None:
    collector, told = collected(
        event(resourcePreEvent=metadata("create")),
        event(diagnosticEvent={"message": "boom\n", "severity": "error", "urn": URN}),
        event(resOpFailedEvent={**metadata("create"), "status": 2, "steps": 1}),
    )

    assert [(one.status, one.error) for one in told] == [("running", ""), ("failed", "boom")]
    assert [(one.status, one.error) for one in collector.ordered] == [("failed", "boom")]


def test_what_a_refresh_found_different_is_named_by_its_properties() -> None:
    before, after = {"outputs": {"a": 1, "b": 1}}, {"outputs": {"a": 2, "b": 1}}
    collector, _ = collected(
        event(resourcePreEvent={**metadata("refresh"), "planning": True}),
        event(resOutputsEvent={**metadata("update", old=before, new=after), "planning": True}),
    )

    assert (collector.steps[URN].change, collector.steps[URN].changed) == ("update", ("a",))


def test_what_policies_say_is_told_once_each_and_only_mandatory_ones_refuse() -> None:
    def policy(level: str) -> EngineEvent:
        said = {"message": f"<{{%reset%}}>{level} says no\n", "policyName": "p", "policyPackName": "rules"}
        return event(policyEvent={**said, "enforcementLevel": level, "resourceUrn": URN})

    collector, _ = collected(policy("advisory"), policy("mandatory"), policy("mandatory"))

    assert list(collector.violations) == [
        Violation(pack="rules", policy="p", urn=URN, mandatory=False, message="advisory says no"),
        Violation(pack="rules", policy="p", urn=URN, mandatory=True, message="mandatory says no"),
    ]
