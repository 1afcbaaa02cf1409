"""How often the A/B test of a rollout names a false winner, and how often it finds a true one, over simulated tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from groundplan.lifecycle import sequential
from groundplan.lifecycle.contract.rollout import Experiment, Look
from groundplan.lifecycle.contract.traffic import Observation

from . import Row

_TESTS = 20_000
_PEEKS = 5
_SHARE = 0.1
"""The challenger's share of the requests."""


def main() -> list[Row]:
    """The rows of the table."""
    plan = Experiment(metric="accuracy", alpha=0.05, looks=_PEEKS, min_samples=200)
    same = winners(plan, _TESTS, truth=(0.85, 0.85), seed=1)
    worse = winners(plan, _TESTS, truth=(0.83, 0.85), seed=2)
    better = winners(plan, _TESTS, truth=(0.89, 0.85), seed=3)
    naive = winners(plan, _TESTS, truth=(0.85, 0.85), seed=1, bound=1.645)
    of = f"% of {_TESTS} simulated tests: accuracy, {_PEEKS} looks, alpha 5 %"
    return [
        ("A/B test: false winners, both versions equal", 100 * same, f"{of}; bound 5 %"),
        ("A/B test: false winners, new one worse by 2 points", 100 * worse, "%; bound 5 %"),
        ("A/B test: winners found, new one better by 4 points", 100 * better, "%; no bound: what 1000 labels can see"),
        ("the same looks against z >= 1.645: false winners", 100 * naive, "%; no bound: what the test is there for"),
    ]


def winners(
    plan: Experiment, tests: int, *, truth: tuple[float, float], seed: int, bound: float | None = None
) -> float:
    """The share of tests that end with a winner, when the versions are right this often.

    With ``bound`` each look is held against this number instead.
    """
    random = np.random.default_rng(seed)
    sizes = [plan.min_samples * number for number in range(1, plan.looks + 1)]
    others = [round(size * (1 - _SHARE) / _SHARE) for size in sizes]
    right = _cumulated(random, sizes, truth[0], tests), _cumulated(random, others, truth[1], tests)
    return sum(
        _won(plan, [*zip(sizes, right[0][test], strict=True)], [*zip(others, right[1][test], strict=True)], bound)
        for test in range(tests)
    ) / tests  # fmt: skip


def _cumulated(random: Any, sizes: Sequence[int], share: float, tests: int) -> Any:
    steps = np.diff([0, *sizes])
    return np.stack([random.binomial(step, share, size=tests) for step in steps], axis=1).cumsum(axis=1)


def _won(
    plan: Experiment, challenger: Sequence[tuple[int, int]], champion: Sequence[tuple[int, int]], bound: float | None
) -> bool:
    looks: list[Look] = []
    for mine, other in zip(challenger, champion, strict=True):
        before = looks if bound is None else []
        state = sequential.examine(plan, before, _observed(2, *mine), _observed(1, *other), when="")
        assert state.look is not None
        looks.append(state.look)
        if bound is not None:
            if state.look.z >= bound:
                return True
        elif state.verdict != "go on":
            return state.verdict == "winner"
    return False


def _observed(version: int, labelled: int, right: int) -> Observation:
    return Observation(
        version=version, since="", requests=labelled, errors=0, latency_p50_ms=None, latency_p95_ms=None,
        metrics={"accuracy": int(right) / labelled}, labelled=labelled,
    )  # fmt: skip
