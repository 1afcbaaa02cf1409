"""What rules tell people to write in groundplan.yaml is something that it may hold. Proves nothing of its effect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from groundplan.core.errors import ConfigError
from groundplan.policies import catalogue
from groundplan.policies.rule import Rule
from groundplan.stacks.config.reading import read
from ruamel.yaml import YAML


def _with_remedy() -> Iterator[Rule]:
    for rule in catalogue.ours().values():
        if rule.remedy:
            yield rule


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in _with_remedy()])
def test_a_remedy_holds_only_keys_that_the_config_has(tmp_path: Path, rule: Rule) -> None:
    written = cast("dict[str, Any]", YAML(typ="safe").load(_nested(rule.remedy)))  # pyright: ignore[reportUnknownMemberType]
    file = tmp_path / "groundplan.yaml"
    with file.open("w", encoding="utf-8") as out:
        YAML(typ="safe").dump({"project": "churn", "platform": "local", **written}, out)  # pyright: ignore[reportUnknownMemberType]

    assert [one for one in _problems(tmp_path) if "there is no key" in one] == []


def _nested(remedy: str) -> str:
    """``network.access: private`` as YAML holds it: a key for each step of the path."""
    path, _, value = remedy.partition(": ")
    if "{" in path or "." not in path:
        return remedy
    steps = path.split(".")
    return f"{''.join('{' + step + ': ' for step in steps)}{value}{'}' * len(steps)}"


def _problems(folder: Path) -> list[str]:
    try:
        read(folder)
    except ConfigError as error:
        return [one.message for one in error.problems]
    return []
