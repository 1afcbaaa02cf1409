"""A rollout on the real store and registry, killed before any write: the same command again ends it right."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from registry_kit import Project

KILLS = Path(__file__).parents[1] / "support" / "kill_rollout.py"


EXPECTED: dict[str, dict[str, object]] = {
    "start": {"after": ["running", 0, ["started"], False], "answers": {"1": 100}, "mirrored": 2, "there": [1, 2],
              "logged": ["started"], "stage": [2]},
    "turn": {"after": ["rolled-back", 0, ["started", "rolled-back"], False], "answers": {"1": 100}, "mirrored": None,
             "there": [1], "logged": ["started", "rolled-back"], "stage": [1]},
}  # fmt: skip


def test_a_kill_before_any_write_leaves_a_rollout_that_the_next_command_ends_right(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for marker in ("a", "b"):
        project.move(project.register(marker), "dev")

    done = subprocess.run(
        [sys.executable, str(KILLS), str(project.root), str(tmp_path_factory.mktemp("kills"))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stderr == ""
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert outcomes == [
        {"action": one["action"], "killed": one["killed"], "between": 100, "rollouts": 1, **EXPECTED[one["action"]]}
        for one in outcomes
    ]
    kills = Counter(one["action"] for one in outcomes if one["killed"])
    assert [one["action"] for one in outcomes if not one["killed"]] == list(EXPECTED)
    assert {action: count > 10 for action, count in kills.items()} == dict.fromkeys(EXPECTED, True)
