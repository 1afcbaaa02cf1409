"""A rollout on the real store and registry, killed (SIGKILL) before any write: the same command again ends it right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from registry_kit import Project

KILLS = Path(__file__).parents[1] / "support" / "kill_rollout.py"


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("start", {"after": ["running", 0, ["started"], False], "answers": {"1": 100}, "mirrored": 2, "there": [1, 2],
                   "logged": ["started"], "stage": [2]}),
        ("turn", {"after": ["rolled-back", 0, ["started", "rolled-back"], False], "answers": {"1": 100},
                  "mirrored": None, "there": [1], "logged": ["started", "rolled-back"], "stage": [1]}),
    ],
)  # fmt: skip
def test_a_kill_before_any_write_leaves_a_rollout_that_the_next_command_ends_right(
    project: Project, action: str, expected: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    for marker in ("a", "b"):
        project.move(project.register(marker), "dev")
    folder = tmp_path_factory.mktemp(action)

    done = subprocess.run(
        [sys.executable, str(KILLS), action, str(project.root), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert [{key: one[key] for key in expected} for one in outcomes] == [expected] * len(outcomes)
    assert {(one["between"], one["rollouts"]) for one in outcomes} == {(100, 1)}
    assert len(outcomes) > 8
    assert [one["killed"] for one in outcomes] == [True] * (len(outcomes) - 1) + [False]
