"""Overrides with the real engine: what it updates is what the offline plan shows, and the next preview is quiet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from groundplan.stacks import overriding

import planning_kit
import toy_cloud
from stand_in import StandIn

OVERRIDES: dict[str, dict[str, Any]] = {
    "one": {
        "sku.name": "Standard_GRS",
        "tags": {"owner": "somebody"},
        "networkRuleSet.defaultAction": "Deny",
        "minimumTlsVersion": "TLS1_2",
    }
}


def overridden(root: Path) -> Callable[[], None]:
    def program() -> None:
        overriding.apply(OVERRIDES)
        toy_cloud.program(root, "dev")()

    return program


def test_the_engine_makes_what_the_plan_shows(cloud: StandIn, root: Path, tmp_path: Path) -> None:
    driver, program = toy_cloud.driver(root), overridden(root)
    plain = driver.up("dev", toy_cloud.program(root, "dev"))
    changed = driver.up("dev", program)
    again = driver.preview("dev", program)
    (tmp_path / "config").mkdir()
    planned = planning_kit.planned(program, planning_kit.config(tmp_path / "config"))["one"].properties

    assert plain.error is None
    assert [(step.change, step.name, step.changed) for step in changed.changes] == [
        ("update", "one", ("minimumTlsVersion", "networkRuleSet", "sku.name", "tags"))
    ]
    assert again.changes == ()
    assert {name: planned[name] for name in ("sku", "tags", "networkRuleSet", "minimumTlsVersion")} == {
        "sku": {"name": "Standard_GRS"},
        "tags": {"owner": "somebody"},
        "networkRuleSet": {"defaultAction": "Deny"},
        "minimumTlsVersion": "TLS1_2",
    }
