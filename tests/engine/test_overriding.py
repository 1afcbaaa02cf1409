"""Overrides with the real engine: what it updates is what the offline plan shows, and the next preview is quiet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from groundplan.core.errors import ResourceFailedError
from groundplan.stacks import overriding
from groundplan.stacks.engine.operations import Driver
from groundplan.stacks.engine.steps import Step
from groundplan.stacks.planning.redaction import hider

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


SECRET = {"one": {"tags": {"token": "${env:TOY_TOKEN}"}}}


def overridden(root: Path, overrides: overriding.Overrides = OVERRIDES) -> Callable[[], None]:
    def program() -> None:
        overriding.apply(overrides)
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


def test_a_secret_is_in_nothing_that_is_shown_or_kept_also_when_it_changes_and_the_cloud_repeats_it(
    cloud: StandIn, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Step] = []
    program, tokens = overridden(root, SECRET), ("CANARY-that-was", "CANARY-that-is")

    def driver(token: str) -> Driver:
        monkeypatch.setenv("TOY_TOKEN", token)
        return toy_cloud.driver(root, observer=seen.append, hide=hider(overriding.secret_values(SECRET)))

    done = [driver(tokens[0]).up("dev", program)]
    now = driver(tokens[1])
    cloud.fault("error", method="Update", name="one", message=f'Status=400 Code="BadTag" Message="{tokens[1]} is long"')
    done += [now.preview("dev", program), now.up("dev", program), now.up("dev", program), now.drift("dev")]

    assert [type(one.error) for one in done] == [type(None), type(None), ResourceFailedError, type(None), type(None)]
    assert 'Message="[secret] is long"' in str(done[2].error)
    assert [(step.change, step.changed) for step in done[1].changes] == [("update", ("tags.token",))]
    assert [token for token in tokens if token in repr((done, seen, now.state("dev")))] == []
    kept = [path.read_bytes() for folder in (root, cloud.backend) for path in folder.rglob("*") if path.is_file()]
    assert [token for token in tokens if any(token.encode() in content for content in kept)] == []
    assert cloud.store.of_type(":StorageAccount")[0]["inputs"]["tags"] == {"token": tokens[1]}
