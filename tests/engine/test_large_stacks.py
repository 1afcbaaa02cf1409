"""Five hundred resources in one stack. That time grows with their number and no faster, the bench shows.

The whole way through the real engine takes minutes, so
it runs only with GROUNDPLAN_TEST_LARGE.
"""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from groundplan.stacks.causes import Places
from groundplan.stacks.planning.drafting import drafted
from groundplan.stacks.planning.recording import record

import planning_kit
import toy_cloud
from stand_in import StandIn

MANY = 500
ROOM_BYTES = 100_000_000


def toys(count: int) -> Callable[[], None]:
    def run() -> None:
        for number in range(count):
            planning_kit.Toy(f"toy-{number}", size=number, tags={"owner": "team"})

    return run


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
def test_five_hundred_resources_go_up_and_come_down(cloud: StandIn, root: Path) -> None:
    toy_cloud.change(root, accounts=[f"a{number}" for number in range(MANY)])
    driver, program = toy_cloud.driver(root), toy_cloud.program(root, "dev")

    done = [driver.up("dev", program), driver.preview("dev", program), driver.drift("dev"), driver.destroy("dev")]

    assert [one.error for one in done] == [None] * 4
    assert [len(one.changes) for one in done[1:3]] == [0, 0]
    assert cloud.store.resources == {}
