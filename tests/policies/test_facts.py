"""Durations, accelerators and model versions, as rules read them."""

from __future__ import annotations

import math

import pytest
from groundplan.policies import accelerators, durations
from groundplan.policies.config import Action, ProjectConfig
from groundplan.policies.versions import versions


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT15M", 900),
        ("P1DT2H", 93600),
        ("PT0.5S", 0.5),
        ("900s", 900),
        ("15m", 900),
        ("30d", 2_592_000),
        ("1800", 1800),
    ],
)
def test_a_duration_is_read_in_every_form_that_clouds_and_configs_write(text: str, seconds: float) -> None:
    assert durations.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "soon", "15 minutes", None])
def test_what_is_no_duration_meets_no_bound(text: object) -> None:
    assert math.isnan(durations.seconds(text))


@pytest.mark.parametrize(
    ("size", "count"),
    [("Standard_NC96ads_A100_v4", 4), ("standard_e4s_v3", 0), ("a2-highgpu-8g", 8), ("a3-megagpu-8g", 8),
     ("g2-standard-24", 2), ("n1-standard-4", 0), ("Standard_NC999_v9", None)],
)  # fmt: skip
def test_accelerators_are_counted_or_said_to_be_unknown(size: str, count: int | None) -> None:
    assert accelerators.count(size) == count


def test_an_action_is_judged_by_its_own_version_and_not_by_what_is_there() -> None:
    there = {"churn": {"version": "3"}}
    acting = Action(kind="promote", model="churn", version="4", environment="prod", approvals=("ada",))

    judged = versions(_config(evidence=there, action=acting))
    known = versions(_config(evidence=there))

    assert [(one.name, one.acting, one.texts("approvals")) for one in judged or []] == [("churn 4", True, ("ada",))]
    assert [(one.name, one.acting, one.texts("approvals")) for one in known or []] == [("churn 3", False, ())]
    assert versions(_config()) is None


def _config(**more: object) -> ProjectConfig:
    return ProjectConfig(environment="prod", tier="production", values={}, **more)  # pyright: ignore[reportArgumentType]
