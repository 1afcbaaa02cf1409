"""The corpus of cases in three places: as a plan's resources, as what a preview printed, in the engine as a pack.

A handful of stacks holds all cases, packed so that none disturbs another, and every rule is asked about all of them.
What a provider makes of the resources is not proved: they are previewed by one that takes anything. Nor is what only
an update knows.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from groundplan.cli.checking import pack, resources
from groundplan.core import clock
from groundplan.modules.contract import planned
from groundplan.modules.contract.planned import PlannedResource
from groundplan.policies import catalogue, checking
from groundplan.policies.checking import Check
from groundplan.policies.finding import Finding
from groundplan.policies.graph import Graph
from groundplan.policies.inputs import plain, reading
from groundplan.policies.outcome import Verdict
from groundplan.policies.pack import messages
from groundplan.policies.pack import policy as pack_policy
from groundplan.policies.pack import settings as pack_settings
from groundplan.policies.resource import Resource
from groundplan.policies.settings import Settings
from groundplan.policies.values import Secret, Unknown
from groundplan.stacks.engine.pack import PolicyPack
from groundplan.stacks.planning.plan import Plan

import lenient_provider
import rule_corpus
import rule_program
from rule_corpus import Member, Stack, urn
from stand_in import engine_folder

RULES = pack_policy.rules_of(catalogue.ours().values())

Found = tuple[str, str, str, str]
"""Rule, URN, verdict, property."""


def _without(found: Iterable[Member]) -> list[Member]:
    return [one for one in found if _what_the_engine_lacks(one) == ""]


def _what_the_engine_lacks(member: Member) -> str:
    """Why a case cannot be had from a preview; empty where it can."""
    if any("id" in one for one in member.entries):
        return "an id of the cloud, which a resource has once it was made"
    if any(str(one["type"]).startswith("pulumi:") for one in member.entries):
        return "the outputs of another stack, which would have to be there"
    if any(one.get("environment", member.stack) != member.stack for one in member.entries):
        return "several environments, each a stack of its own"
    return "" if member.stack else "a stack without a name"


MEMBERS = list(rule_corpus.members())
STACKS = rule_corpus.packed(_without(MEMBERS))


@dataclass(frozen=True, kw_only=True)
class Places:
    """What was found in each place."""

    plan: set[Found]
    printed: set[Found]
    engine: set[Found]


@pytest.fixture(scope="module")
def providers(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """The engine's environment, with providers that take anything; a folder for its projects."""
    folder = tmp_path_factory.mktemp("places")
    packages = {str(one["type"]).partition(":")[0] for stack in STACKS for one in stack.entries}
    with pytest.MonkeyPatch.context() as patch, lenient_provider.serving(sorted(packages)) as served:
        patch.setenv("PATH", str(engine_folder()), prepend=":")
        patch.setenv("PULUMI_DEBUG_PROVIDERS", served)
        patch.setenv("PULUMI_BACKEND_URL", folder.as_uri())
        patch.setenv("PULUMI_HOME", str(folder / "home"))
        patch.setenv("PULUMI_CONFIG_PASSPHRASE", "places")
        yield folder


@pytest.mark.parametrize("stack", [pytest.param(one, id=f"{one.name}-{len(one.members)}-cases") for one in STACKS])
def test_the_same_findings_come_out_in_all_three_places(stack: Stack, providers: Path, tmp_path: Path) -> None:
    # Enforced, a failed rule fails the preview, and what a preview that failed did not reach cannot be judged.
    settings = Settings(values=stack.settings, levels=dict.fromkeys(RULES, "advise"))
    rules = tmp_path / "pack.json"
    rules.write_text(json.dumps(pack_settings.written(settings, RULES.values())), encoding="utf-8")
    previewed = rule_program.preview(
        providers / "project", rule_corpus.PROJECT, stack.name, stack.entries,
        PolicyPack(folder=pack.FOLDER, settings=rules),
    )  # fmt: skip
    printed = tmp_path / "preview.json"
    printed.write_text(previewed.json, encoding="utf-8")

    places = Places(
        plan=_found(_of_plan(stack), settings),
        printed=_found(reading.read(str(printed)).resources, settings),
        engine={_heard(one.policy, one.urn, one.message) for one in previewed.violations},
    )

    assert previewed.errors == ()
    assert {id for id, *_ in places.plan} >= {one.rule.id for one in stack.members if one.verdict is Verdict.FAIL}
    assert _differing(places.plan, places.printed) == ([], [])
    assert _differing(places.plan, places.engine) == ([], [])


def test_what_no_preview_can_hold_is_named() -> None:
    left = [(one.case.id, why) for one in MEMBERS if (why := _what_the_engine_lacks(one))]

    assert sorted({why for _id, why in left}) == [
        "a stack without a name",
        "an id of the cloud, which a resource has once it was made",
        "several environments, each a stack of its own",
        "the outputs of another stack, which would have to be there",
    ]
    assert len(left) < len(MEMBERS) / 50, left


def _differing(one: set[Found], other: set[Found]) -> tuple[list[Found], list[Found]]:
    return sorted(one - other), sorted(other - one)


def _found(judged: Iterable[Resource], settings: Settings) -> set[Found]:
    check = Check(rules=RULES, graph=Graph(judged), settings={"": settings}, today=clock.today())
    return {_as_found(one) for one in checking.run(check).findings}


def _as_found(one: Finding) -> Found:
    return (one.rule.id, one.urn, str(one.verdict), one.path)


def _heard(policy: str, urn: str, message: str) -> Found:
    said = messages.read(message)
    assert said is not None, message
    return (policy, urn, str(said.outcome.verdict), said.outcome.path)


def _of_plan(stack: Stack) -> list[Resource]:
    """The resources as groundplan's own plan holds them."""
    urns = {str(one["name"]): urn(one, stack.name) for one in stack.entries}
    made = [
        PlannedResource(
            urn=urns[one.name], type=one.token, name=one.name, protect=one.protect,
            properties={key: _planned(value, urns) for key, value in one.properties.items()},
        )
        for one in plain.resources(stack.entries)
    ]  # fmt: skip
    return resources.of_plans(
        [Plan(project=rule_corpus.PROJECT, stack=stack.name, platform="azureml", resources=tuple(made))]
    )


def _planned(value: Any, urns: Mapping[str, str]) -> object:
    if isinstance(value, Unknown):
        return planned.Unknown(of=tuple(urns[one.rpartition("::")[2]] for one in value.of if one))
    if isinstance(value, Secret):
        return planned.Secret(digest="")
    if isinstance(value, dict):
        return {key: _planned(one, urns) for key, one in cast("dict[str, Any]", value).items()}
    return [_planned(one, urns) for one in cast("list[Any]", value)] if isinstance(value, list) else value
