"""The engine killed at each call that changes the cloud, in turn: the repair and the next command put it right.

The program is a small one, whose calls come one after another; a kill while the engine writes the state, which leaves
it cut off, is proved apart (test_faults_state.py). The cloud is a stand-in that has done
what it was asked when the engine dies; that it has not is in test_faults_interrupted.py.
"""

from __future__ import annotations

from pathlib import Path

from groundplan.stacks.engine.recovery_repair import repair

import toy_cloud
from stand_in import StandIn

CALLS = 2


def test_an_engine_killed_at_any_create_or_delete_converges_and_leaves_nothing_twice(
    cloud: StandIn, root: Path
) -> None:
    driver, program = toy_cloud.driver(root), toy_cloud.program(root, "dev")

    for number in range(CALLS):
        cloud.fault("kill-engine", after=number, done=True)
        killed = driver.up("dev", program)
        repair(driver, "dev", confirmed=False)
        cloud.heal()
        mended, again = driver.up("dev", program), driver.preview("dev", program)
        made = [one["urn"] for _, one in sorted(cloud.store.resources.items(), reverse=True)]

        cloud.fault("kill-engine", method="Delete", after=number, done=True)
        cut = driver.destroy("dev")
        repair(driver, "dev", confirmed=False)
        cloud.heal()
        gone, state = driver.destroy("dev"), driver.state("dev")

        assert killed.error is not None, number
        assert (mended.error, again.changes) == (None, ()), number
        assert made == [
            toy_cloud.urn("dev", "one"),
            toy_cloud.urn("dev", "group", "azure-native:resources:ResourceGroup"),
        ], number
        assert cut.error is not None, number
        assert gone.error is None, number
        assert state is not None, number
        assert (state.resources, cloud.store.resources) == ((), {}), number
