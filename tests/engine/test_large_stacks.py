"""Five hundred resources in one stack, and components in components two hundred deep.

That time grows with the number of resources and no faster, the bench shows. The whole way through the real engine
takes minutes, so it runs only with GROUNDPLAN_TEST_LARGE.
"""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pulumi
import pytest
from groundplan.stacks.causes import Places
from groundplan.stacks.planning.drafting import drafted
from groundplan.stacks.planning.recording import record

import planning_kit
import toy_cloud
from stand_in import StandIn

MANY = 500
DEEP = 200
ROOM_BYTES = 100_000_000


def toys(count: int) -> Callable[[], None]:
    def run() -> None:
        for number in range(count):
            planning_kit.Toy(f"toy-{number}", size=number, tags={"owner": "team"})

    return run


def nest() -> pulumi.ComponentResource:
    """The innermost of components in components."""
    made = planning_kit.Box("box-0")
    for number in range(1, DEEP):
        made = planning_kit.Box(f"box-{number}", opts=pulumi.ResourceOptions(parent=made))
    return made


def nested() -> None:
    planning_kit.Toy("toy", size=1, opts=pulumi.ResourceOptions(parent=nest()))


def test_a_plan_follows_components_two_hundred_deep(tmp_path: Path) -> None:
    made = planning_kit.planned(nested, planning_kit.config(tmp_path))

    assert len(made) == DEEP + 1
    assert made["toy"].urn.count("groundplan:toy:Box$") == DEEP


def test_a_plan_of_five_hundred_resources_takes_memory_by_their_number(tmp_path: Path) -> None:
    resolved = planning_kit.config(tmp_path)
    tracemalloc.start()
    try:
        made = drafted(record(toys(MANY), project="churn", stack="dev"), Places(resolved))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(made) >= MANY
    assert peak < ROOM_BYTES


@pytest.mark.skipif("GROUNDPLAN_TEST_LARGE" not in os.environ, reason="takes minutes; set GROUNDPLAN_TEST_LARGE")
def test_five_hundred_resources_and_a_deep_nest_go_up_and_come_down(cloud: StandIn, root: Path) -> None:
    toy_cloud.change(root, accounts=[f"a{number}" for number in range(MANY)])
    driver = toy_cloud.driver(root)

    def program() -> None:
        toy_cloud.program(root, "dev")()
        nest()

    done = [driver.up("dev", program), driver.preview("dev", program), driver.drift("dev"), driver.destroy("dev")]

    assert [one.error for one in done] == [None] * 4
    assert [len(one.changes) for one in done[1:3]] == [0, 0]
    assert cloud.store.resources == {}
