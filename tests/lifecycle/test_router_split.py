"""Which version a request goes to, decided without a process. That a router obeys is in test_router.py."""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.core.errors import NotFoundError, PolicyError
from groundplan.lifecycle.contract.deployment import Deployment, EndpointSettings, ServedModel
from groundplan.lifecycle.contract.traffic import Traffic
from groundplan.lifecycle.local.serving.mirror import agree
from groundplan.lifecycle.local.serving.observations import observations
from groundplan.lifecycle.local.serving.split import Split
from groundplan.lifecycle.local.serving.upstream import Answer
from groundplan.lifecycle.shares import gaining, routed, with_version, without
from hypothesis import given
from hypothesis import strategies as st

_SHARES = st.lists(st.integers(0, 100), min_size=0, max_size=4).map(
    lambda cuts: [high - low for low, high in itertools.pairwise([0, *sorted(cuts), 100])]
)


def _served(version: int) -> ServedModel:
    return ServedModel(name="churn", version=version, digest="d", path=Path("/model"), task="classification")


def _deployment(*versions: int, traffic: Traffic | None = None) -> Deployment:
    served, *beside = (_served(version) for version in versions)
    settings = EndpointSettings(name="churn", environment="dev", model="churn")
    return Deployment(
        settings=settings, served=served, previous=None, port=1, deployed="", deployed_by="ada",
        beside=tuple(beside), traffic=traffic,
    )  # fmt: skip


@given(shares=_SHARES, requests=st.integers(1, 1000))
def test_each_version_gets_its_share_within_a_hundred_requests(shares: list[int], requests: int) -> None:
    split = Split(Traffic(shares=dict(enumerate(shares))), salt="churn")

    got = Counter(split.choose() for _ in range(requests))

    whole, rest = divmod(requests, 100)
    for version, share in enumerate(shares):
        least = whole * share + max(0, rest - (100 - share))
        assert least <= got[version] <= whole * share + min(rest, share)


def test_no_rhythm_in_the_requests_meets_one_in_the_order() -> None:
    split = Split(Traffic(shares={1: 50, 2: 50}), salt="churn")

    every_second = [split.choose() for _ in range(10_000)][::2]

    deviation = abs(every_second.count(1) - 2500)
    assert deviation < 5 * math.sqrt(5000 * 0.25)


@given(value=st.integers() | st.text(min_size=1) | st.booleans(), before=st.integers(1, 99), more=st.integers(0, 50))
def test_a_caller_stays_with_the_version_whose_share_grows(value: object, before: int, more: int) -> None:
    after = min(100, before + more)
    first = Split(Traffic(shares={1: 100 - before, 2: before}, sticky="id"), salt="churn").choose(value)
    later = Split(Traffic(shares={1: 100 - after, 2: after}, sticky="id"), salt="churn")

    assert later.choose(value) == later.choose(value)
    assert first == 1 or later.choose(value) == 2


def test_values_are_spread_by_share_and_numbers_are_one_however_they_are_written() -> None:
    split = Split(Traffic(shares={1: 90, 2: 10}, sticky="id"), salt="churn")

    got = Counter(split.choose(value) for value in range(10_000))

    assert abs(got[2] - 1000) < 5 * math.sqrt(10_000 * 0.1 * 0.9)
    assert [split.choose(float(value)) for value in range(50)] == [split.choose(value) for value in range(50)]


def test_without_a_share_nobody_is_chosen() -> None:
    assert Split(Traffic(shares={1: 0}), salt="churn").choose() is None


@given(share=st.integers(1, 100))
def test_of_a_hundred_requests_as_many_are_copied_as_the_share_says(share: int) -> None:
    split = Split(Traffic(shares={1: 100, 2: 0}, mirrored=2, mirror_share=share), salt="churn")

    assert sum(split.mirrors() for _ in range(300)) == 3 * share


def test_shares_make_the_largest_the_main_version_and_keep_the_one_before() -> None:
    before = _deployment(1, 2)

    canary = routed(before, Traffic(shares={1: 90, 2: 10}, sticky="id"))
    over = routed(canary, Traffic(shares={2: 100}))

    assert (canary.served.version, canary.previous, canary.split.sticky) == (1, None, "id")
    assert (over.served.version, over.previous, dict(over.split.shares)) == (2, _served(1), {1: 0, 2: 100})
    assert (gaining(before, canary), gaining(canary, over)) == ([2], [])


def test_a_version_that_is_not_there_gets_no_traffic() -> None:
    with pytest.raises(NotFoundError, match="version 3 is not at endpoint 'churn' in 'dev'; there are: 1, 2"):
        routed(_deployment(1, 2), Traffic(shares={1: 100}, mirrored=3, mirror_share=10))


def test_a_version_comes_and_goes_without_a_share() -> None:
    before = _deployment(1)

    beside = with_version(before, before.settings, _served(2))

    assert (beside.served, beside.beside, dict(beside.split.shares)) == (_served(1), (_served(2),), {1: 100, 2: 0})
    assert without(beside, 2).split == before.split
    assert without(routed(beside, Traffic(shares={2: 100})), 1).versions == (_served(2),)


def test_a_version_that_is_there_keeps_its_share_and_is_no_other_model() -> None:
    before = _deployment(1, 2, traffic=Traffic(shares={1: 90, 2: 10}))
    other = replace(_served(2), digest="another")

    assert with_version(before, before.settings, replace(_served(2), override="ada: fine")) == before
    with pytest.raises(PolicyError, match="version 2 gets requests already, and is another model there"):
        with_version(before, before.settings, other)
    assert with_version(_deployment(1, 2), before.settings, other).beside == (other,)


def _answer(status: int, predictions: object) -> Answer:
    return Answer(status=status, body=json.dumps({"predictions": predictions}).encode())


@pytest.mark.parametrize(
    ("one", "other", "agreed"),
    [
        (_answer(200, ["yes", "no"]), _answer(200, ["yes", "no"]), True),
        (_answer(200, ["yes", "no"]), _answer(200, ["yes", "yes"]), False),
        (_answer(200, [1.5]), _answer(200, [1.5 + 1e-9]), True),
        (_answer(200, [1.5]), _answer(200, [1.51]), False),
        (_answer(422, None), _answer(422, None), True),
        (_answer(200, ["yes"]), _answer(422, None), False),
    ],
)
def test_copies_are_compared_by_what_they_predict(one: Answer, other: Answer, agreed: bool) -> None:
    assert agree(one, other) is agreed


def test_observations_are_summed_by_version_since_the_moment_and_broken_lines_left_out(tmp_path: Path) -> None:
    def line(second: int, version: int, **numbers: object) -> str:
        span = {"from": f"2026-11-21T10:00:{second:02}.000Z", "to": f"2026-11-21T10:00:{second + 1:02}.000Z"}
        return json.dumps({**span, "version": version, **numbers})

    path = tmp_path / "observations.jsonl"
    older = [line(1, 1, requests=7, cells={"10": 7}), line(5, 1, requests=2, errors=1, cells={"10": 1, "60": 1})]
    newer = [line(6, 2, mirrored=3, disagreements=2, restarts=1, cells={"30": 3}), '{"from": "2026-', "[]", "{}"]
    path.with_name("observations.jsonl.1").write_text("\n".join(older))
    path.write_text("\n".join([*newer, line(7, 1, requests=1, cells={"10": 1})]))

    one, two = observations(path, "2026-11-21T10:00:05.400Z")

    assert (one.version, one.requests, one.errors, one.error_rate) == (1, 3, 1, 1 / 3)
    assert (one.latency_p50_ms, one.latency_p95_ms) == (0.124, 14.516)
    assert (two.version, two.requests, two.mirrored, two.disagreements, two.restarts) == (2, 0, 3, 2, 1)
    assert observations(tmp_path / "none.jsonl", "2026-11-21T10:00:05.400Z") == []
