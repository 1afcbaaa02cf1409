"""What the lifecycle asks Azure permission for is held by those who do it, where they do it.

Not proved: that a permission is enough for a call; Azure checks some things that it does not write down.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from groundplan.lifecycle.azureml import needs
from groundplan.lifecycle.contract.need import Need
from groundplan.modules.azureml.custom_roles import CustomRole
from groundplan.modules.azureml.team import CI, PROMOTING_CI, TEAM, Permission
from groundplan.modules.contract.context import Tier

_ROLES = Path(__file__).parents[4] / "shared" / "specs" / "roles_azure.json"
_COVERING = {
    "workspace": {"workspace", "group"},
    "artifacts": {"artifacts", "storage", "group"},
    "requests": {"requests", "storage", "group"},
    "features": {"data", "storage", "group"},
    "storage": {"storage", "group"},
    "endpoint identity": {"endpoint-identity", "group"},
    "group": {"group"},
    "models": {"models"},
}
"""Where a permission may be given that is asked for there."""

EVERYTHING = {need.work for need in needs.NEEDS}
_DEPLOYS = EVERYTHING - {needs.REGISTER, needs.PROMOTE, needs.READ_FEATURES, needs.RUN, needs.WATCH}


@pytest.fixture(scope="module")
def built_in() -> Mapping[str, Any]:
    if not _ROLES.exists():
        pytest.skip("the permissions of Azure's built-in roles do not lie beside the project")
    return json.loads(_ROLES.read_text(encoding="utf-8"))


def lacking(built_in: Mapping[str, Any], given: Sequence[Permission], work: str) -> set[tuple[str, str]]:
    """What somebody lacks for a kind of work, and on what."""
    return {(one, need.on) for need in needs.NEEDS if need.work == work for one in _lacking(built_in, given, need)}


def _lacking(built_in: Mapping[str, Any], given: Sequence[Permission], need: Need) -> Iterator[str]:
    there = [
        held for one in given if one.scope in _COVERING[need.on] for held in _granted(built_in, one)
    ]  # fmt: skip
    yield from (one for one in need.permissions if not any(_allows(held, "actions", one) for held in there))
    yield from (one for one in need.data if not any(_allows(held, "dataActions", one) for held in there))


def _granted(built_in: Mapping[str, Any], permission: Permission) -> Iterable[Mapping[str, Any]]:
    role = permission.role
    if isinstance(role, CustomRole):
        return [{"actions": role.actions, "notActions": role.not_actions}]
    return built_in[role.name]["permissions"]


def _allows(held: Mapping[str, Any], kind: str, wanted: str) -> bool:
    denied = f"not{kind[0].upper()}{kind[1:]}"
    return _matches(held.get(kind, ()), wanted) and not _matches(held.get(denied, ()), wanted)


def _matches(patterns: Iterable[str], wanted: str) -> bool:
    return any(fnmatch.fnmatch(wanted.lower(), pattern.lower()) for pattern in patterns)


@pytest.mark.parametrize(
    ("tier", "works"),
    [
        ("development", EVERYTHING),
        ("staging", _DEPLOYS),
        ("production", {needs.LOOK, needs.READ_RECORDS, needs.PREDICT, needs.FETCH}),
    ],
)
def test_an_ml_engineer_can_do_what_the_tier_lets_them_and_no_more(
    built_in: Mapping[str, Any], tier: Tier, works: set[str]
) -> None:
    given = TEAM[tier]["ml-engineer"]

    assert {work: missing for work in works if (missing := lacking(built_in, given, work))} == {}
    assert {work for work in EVERYTHING if not lacking(built_in, given, work)} == works


def test_ci_can_do_everything_in_its_environment(built_in: Mapping[str, Any]) -> None:
    assert {work: missing for work in EVERYTHING if (missing := lacking(built_in, CI, work))} == {}


def test_ci_of_a_later_environment_promotes_in_the_first_one_and_deploys_nothing_there(
    built_in: Mapping[str, Any],
) -> None:
    able = {work for work in EVERYTHING if not lacking(built_in, PROMOTING_CI, work)}

    assert able == {needs.READ_RECORDS, needs.KEEP_RECORDS, needs.REGISTER, needs.FETCH, needs.PROMOTE}
