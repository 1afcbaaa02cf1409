"""Saved plans: what is written is read again, and what is no saved plan is said to be none, whatever is in the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import DataError, GroundplanError, NotFoundError, UsageError
from groundplan.modules.contract.context import AfterUp
from groundplan.modules.contract.planned import Grant, QuotaNeed, Secret, Unknown
from groundplan.stacks.planning import saving
from groundplan.stacks.planning.encoding import value_decoded, value_encoded
from groundplan.stacks.planning.plan import Plan
from hypothesis import given
from hypothesis import strategies as st

from planning_kit import resource, urn

WHOLE = Plan(
    project="churn",
    stack="dev",
    platform="azureml",
    resources=(
        resource("box", "groundplan:toy:Box", component=True),
        resource(
            "toy",
            parent=urn("box", "groundplan:toy:Box"),
            properties={"a": Unknown(of=(urn("x"),), property="id"), "b": [Secret(digest="d"), 1, 2.5, None], "$c": {}},
            dependencies=(urn("x"),),
            property_dependencies={"a": (urn("x"),)},
            provider=urn("p"),
            protect=True,
            ignore_changes=("a",),
            replace_on_changes=("b",),
            delete_before_replace=True,
            retain_on_delete=True,
            cause="endpoints.a",
            where="groundplan.yaml:1:2",
        ),
    ),
    outputs={"id": Unknown(of=(urn("toy"),))},
    steps=(AfterUp(title="a", reason="b", command="c"),),
    grants=(Grant(principal="a", role="b", scope="c", resource="d"),),
    quota=(QuotaNeed(family="f", region="r", amount=2.5, unit="vCPU", reasons=("a", "b")),),
    unsupported={"features": "none"},
)


def test_a_plan_with_everything_is_the_same_after_saving(tmp_path: Path) -> None:
    saving.write(tmp_path / "plan.json", [WHOLE])
    first = (tmp_path / "plan.json").read_bytes()
    saving.write(tmp_path / "plan.json", saving.read(tmp_path / "plan.json"))

    assert saving.read(tmp_path / "plan.json") == (WHOLE,)
    assert (tmp_path / "plan.json").read_bytes() == first


def test_what_plan_prints_as_json_can_be_compared_too(tmp_path: Path) -> None:
    printed = {"schema": "groundplan.plan/1", "ok": True, "data": {**saving.document([WHOLE]), "changes": None}}
    (tmp_path / "plan.json").write_text(json.dumps(printed))

    assert saving.read(tmp_path / "plan.json") == (WHOLE,)


KEYS = st.sampled_from(["a", "$a", "$unknown", "$secret", "$$x", "$property", ""])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=3),
        st.builds(Secret, digest=st.text(max_size=3)),
        st.builds(Unknown, of=st.lists(st.text(max_size=2), max_size=2).map(tuple), property=st.text(max_size=2)),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
)  # fmt: skip


@given(value=VALUES)
def test_any_property_is_the_same_after_saving(value: Any) -> None:
    assert value_decoded(json.loads(json.dumps(value_encoded(value)))) == value


GOOD = json.dumps(saving.document([WHOLE]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "holds no JSON"),
        (b"{", "holds no JSON"),
        (b"\xff\xfe\x00", "holds no JSON"),
        (b"[" * 100_000, "holds no JSON"),
        (b"[]", "holds no JSON object"),
        (b"{}", "not what groundplan plan --out writes"),
        (b'{"resource_changes": []}', "not what groundplan plan --out writes"),
        (GOOD.replace('"format": 1', '"format": 2').encode(), "newer groundplan"),
        (GOOD.replace('"urn": "urn', '"urn": 1, "x": "urn', 1).encode(), "not what groundplan plan --out writes"),
        (b'{"project": "a", "platform": "b", "stacks": [{"stack": "dev", "resources": 3}]}', "not what"),
    ],
)
def test_a_file_that_is_no_saved_plan_is_named(content: bytes, message: str, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(content)

    with pytest.raises(DataError, match=message) as caught:
        saving.read(tmp_path / "plan.json")

    assert caught.value.where == str(tmp_path / "plan.json")


@given(position=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255))
def test_a_damaged_byte_gives_a_plan_or_an_explained_error(position: int, byte: int, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.mktemp("damaged") / "plan.json"
    content = bytearray(GOOD.encode())
    content[position] = byte
    path.write_bytes(content)
    messages: list[str] = []
    try:
        saving.read(path)
    except GroundplanError as error:
        messages.append(error.message)

    assert all(str(path) in message for message in messages)


def test_paths_that_cannot_be_read_or_written_are_explained(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no file"):
        saving.read(tmp_path / "none.json")
    with pytest.raises(DataError, match="cannot read"):
        saving.read(tmp_path)
    with pytest.raises(UsageError, match="is a folder"):
        saving.write(tmp_path, [WHOLE])
