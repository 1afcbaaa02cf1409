"""The corpus of cases that rules are held to: their own examples, and those of tests/policies/cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundplan.policies import catalogue
from groundplan.policies.config import Action
from groundplan.policies.outcome import Verdict
from groundplan.policies.rule import Example, Rule, Setting
from ruamel.yaml import YAML

FOLDER = Path(__file__).parents[1] / "policies" / "cases"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A rule, data, and what the rule must say of it; ``path`` and ``found`` where the case names them."""

    rule: Rule
    example: Example
    verdict: Verdict
    path: str | None = None
    found: str | None = None

    @property
    def id(self) -> str:
        """The case's name in a test run."""
        return f"{self.rule.id}-{self.verdict}-{self.example.name}"


def all_cases() -> Iterator[Case]:
    """Every case of every rule."""
    for rule in catalogue.ours().values():
        yield from examples_of(rule)
        yield from written(rule)


def examples_of(rule: Rule) -> Iterator[Case]:
    """The cases that a rule itself brings."""
    for verdict, examples in ((Verdict.FAIL, rule.failing), (Verdict.PASS, rule.passing)):
        for one in examples:
            yield Case(rule=rule, example=one, verdict=verdict)


def written(rule: Rule) -> Iterator[Case]:
    """The cases of a rule's own file, such as cases/AML-01.yaml; none where there is no file."""
    path = FOLDER / f"{rule.id}.yaml"
    if not path.exists():
        return
    for entry in _loaded(path):
        yield _case(rule, entry)


def _loaded(path: Path) -> list[dict[str, Any]]:
    return YAML(typ="safe").load(path)  # pyright: ignore[reportUnknownMemberType]


def _case(rule: Rule, entry: Mapping[str, Any]) -> Case:
    fields = {key: value for key, value in entry.items() if key not in ("verdict", "path", "found")}
    if "action" in entry:
        given: dict[str, Any] = entry["action"]
        approvals: list[str] = given.pop("approvals", [])
        fields["action"] = Action(**given, approvals=tuple(approvals))
    fields["settings"] = {key: _setting(one) for key, one in entry.get("settings", {}).items()}
    return Case(
        rule=rule,
        example=Example(**fields),
        verdict=Verdict(entry["verdict"]),
        path=entry.get("path"),
        found=entry.get("found"),
    )


def _setting(value: Any) -> Setting:
    return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
