"""Holds every planned resource against the clouds' own descriptions: of the golden configs, and of drawn ones.

Not proved: what the descriptions do not say (quotas, names that others have, who may do it), and what the oracles in
tests/support/ know nothing of. No live subscription or project was ever asked.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import pytest
from groundplan.modules.contract.planned import PlannedResource, Unknown
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.planning.plan import Plan
from groundplan.stacks.planning.planning import plans
from groundplan.stacks.planning.saving import document
from hypothesis import HealthCheck, Phase, given, settings

import azure_oracle
import configs
import google_oracle

HERE = Path(__file__).parent
NAMES = sorted(path.stem for path in (HERE / "configs").glob("*.yaml"))
ORACLES = {"azureml": azure_oracle.problems, "vertex": google_oracle.problems}

VARIABLE = "GROUNDPLAN_TEST_CANARY"
CANARY = 'canary"of/the=mine'
HIDDEN: Mapping[str, dict[str, Any]] = {
    "azureml": {
        "workspace-workspace": {"description": f"${{env:{VARIABLE}}}"},
        "storage-account": {"tags": {"canary": f"${{env:{VARIABLE}}}"}},
    },
    "vertex": {
        "storage-data": {"labels": {"canary": f"${{env:{VARIABLE}}}"}},
        "foundation-logs": {"description": f"${{env:{VARIABLE}}}"},
    },
}
"""Overrides that put a secret into resources which every environment has."""

ONLY_ONCE = {
    "azure-native:authorization:RoleAssignment": ("principalId", "roleDefinitionId", "scope"),
    "azure-native:authorization:RoleDefinition": ("roleName",),
}
"""Properties that no two resources of a type may share, whatever their names."""

AT_ONCE = ("gcp:projects/", "gcp:serviceaccount/iAMMember:")
"""Google Cloud takes these from several stacks: a service that is on stays on, a member that is there is there."""

drawn = settings(
    max_examples=6,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""Few, the same each time and not made smaller: planning takes a second."""


@pytest.mark.parametrize("name", NAMES)
def test_the_clouds_descriptions_allow_every_resource(name: str, tmp_path: Path) -> None:
    shutil.copy(HERE / "configs" / f"{name}.yaml", tmp_path / "groundplan.yaml")
    found = _plans(tmp_path)

    assert _refused(found) == []
    assert _made_twice(found) == []


@drawn
@given(config=configs.configs("azureml"))
def test_azures_descriptions_allow_every_resource_of_any_config(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hold(config, tmp_path, monkeypatch)


@drawn
@given(config=configs.configs("vertex"))
def test_googles_descriptions_allow_every_resource_of_any_config(
    config: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hold(config, tmp_path, monkeypatch)


def _hold(config: dict[str, Any], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cloud would take it, the secret in it stays out, and a stack is the same when it is planned again alone."""
    monkeypatch.setenv(VARIABLE, CANARY)
    text = json.dumps({**config, "overrides": HIDDEN[config["platform"]]})
    (folder / "groundplan.yaml").write_text(text, encoding="utf-8")
    found = _plans(folder)

    assert _refused(found) == []
    assert _made_twice(found) == []
    printed = _printed(found)
    assert printed.count('"$secret"') >= len(HIDDEN[config["platform"]]) * len(config["environments"])
    assert [form for form in _forms(CANARY) if form in printed] == []
    assert _printed(_plans(folder, found[-1].stack)) == _printed(found[-1:])


def _plans(folder: Path, *asked: str) -> tuple[Plan, ...]:
    stacks = read_stacks(folder)
    return plans(stacks, asked or list(stacks))


def _printed(found: Sequence[Plan]) -> str:
    return json.dumps(document(found), ensure_ascii=False)


def _forms(secret: str) -> tuple[str, ...]:
    """How a secret may be written."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return secret, json.dumps(secret)[1:-1], quote(secret, safe=""), encoded


def _refused(found: Sequence[Plan]) -> list[str]:
    return [f"{plan.stack}: {problem}" for plan in found for problem in ORACLES[plan.platform](plan.made)]


def _made_twice(found: Sequence[Plan]) -> list[str]:
    """What two stacks would both make; which names are taken twice the plan itself tells."""
    first: dict[str, str] = {}
    twice: list[str] = []
    for plan in found:
        for one in plan.made:
            holder = first.setdefault(f"{one.type} {_plain(_distinct(one))}", plan.stack)
            if holder != plan.stack and not one.type.startswith(AT_ONCE):
                twice.append(f"{one.name}: {holder} and {plan.stack}")
    return twice


def _distinct(one: PlannedResource) -> dict[str, object]:
    """What tells a resource from others: a few properties, or all that does not only describe it."""
    keys = ONLY_ONCE.get(one.type, one.properties.keys() - {"tags", "labels", "description"})
    return {key: one.properties.get(key) for key in sorted(keys)}


def _plain(value: object) -> object:
    """Text of a value; an unknown one is told by what will determine it."""
    if isinstance(value, Unknown):
        return f"<{','.join(value.of)} {value.property}>"
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in cast("list[object]", value)]
    return value
