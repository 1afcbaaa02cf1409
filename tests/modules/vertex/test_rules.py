"""What Google Cloud asks of each type: every type that is made has facts, and the facts fit what is made.

Not proved: what a stand-in such as ``<identity-pipeline.member>`` would be, nor that the facts are true; each names
where it was read.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from groundplan.modules.vertex.rules import rules
from groundplan.stacks import provider_types
from groundplan.stacks.planning.validation import facts

from google_stack import Made

STACKS = ("default", "public", "hardened", "joined", "shared")


@pytest.mark.parametrize("stack", STACKS)
def test_what_is_made_has_facts_and_fits_them(stack: str, request: pytest.FixtureRequest) -> None:
    made: Made = request.getfixturevalue(stack)
    known = rules()
    cloud = [one for one in made.resources if one.type.startswith("gcp:") and one.name != "online"]

    assert sorted({one.type for one in cloud} - set(known)) == []
    found = [(one.name, finding) for one in cloud for finding in facts.findings(known[one.type], one.properties)]
    assert [(name, str(finding)) for name, finding in found if "<" not in str(finding.value)] == []


@pytest.mark.parametrize("type", sorted(rules()))
def test_facts_speak_of_properties_that_the_type_has(type: str) -> None:
    known = rules()[type]
    paths = {
        *known.replaced_by, *known.required, *known.patterns, *known.ranges, *known.choices,
        *(path for group in (*known.exactly_one, *known.at_most_one) for path in group),
        *([known.name.property] if known.name else []),
    }  # fmt: skip

    assert sorted(path for path in paths if not _exists(_arguments(type), path.split("."))) == []


@pytest.mark.parametrize("type", sorted(rules()))
def test_facts_name_their_source_and_what_is_lost(type: str) -> None:
    known = rules()[type]

    assert known.source
    assert bool(known.loses) == known.stateful


def test_what_google_would_refuse_is_found(default: Made) -> None:
    wrong: Mapping[str, Mapping[str, object]] = {
        "storage-data": {"name": "churn-google-data"},
        "identity-pipeline": {"accountId": "churn"},
        "network-vpc": {"name": "Churn"},
        "foundation-logs": {"retentionDays": 0},
        "workspace-metadata-store": {"name": "Default"},
        "access-role-deployer": {"roleId": "mlops-deployer"},
    }
    found = {
        name: [".".join(map(str, one.path)) for one in facts.findings(rules()[made.type], made.properties)]
        for name, made in ((name, replace(default[name], properties={**default[name].properties, **inputs}))
                           for name, inputs in wrong.items())
    }  # fmt: skip

    assert found == {name: list(inputs) for name, inputs in wrong.items()}


def _arguments(type: str) -> type[Any]:
    _, path, name = type.split(":")
    resource = getattr(importlib.import_module(f"pulumi_gcp.{path.partition('/')[0]}"), name)
    found = provider_types.arguments_of(resource)
    assert found is not None
    return found


def _exists(arguments: type, parts: list[str]) -> bool:
    """Whether a path leads to a property of these arguments, through lists too."""
    one = provider_types.properties(arguments).get(parts[0])
    if one is None:
        return False
    kinds = [provider_types.elements(form) for form in one.forms]
    inner = [entry for form in (*one.forms, *(of for _, of in kinds)) for entry in provider_types.forms_of(form)]
    return (
        len(parts) == 1
        or any(kind == "mapping" and len(parts) == 2 for kind, _ in kinds)
        or any(_exists(form, parts[1:]) for form in inner if provider_types.is_arguments(form))
    )
