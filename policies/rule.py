"""A rule: what it is for, what it looks at, what it says, and examples that prove it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeVar, cast

from .config import Action, ProjectConfig
from .graph import Graph
from .outcome import Outcome
from .resource import Resource

T = TypeVar("T")


class Severity(StrEnum):
    """How bad it is when the rule is not met; the gravest first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


Scope = Literal["resource", "graph", "config", "evidence", "action"]
"""What decides: one resource; it and others; the config; the evidence of a model; what is about to be done."""

Setting = bool | int | float | str | tuple[str, ...]
"""A rule's setting. A list is a tuple of texts."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """A setting of a rule: what it means and the value that holds when nobody sets one."""

    default: Setting
    help: str


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a check may look at besides its target.

    ``settings`` are the rule's own for the target's environment. ``config`` is None where no groundplan config belongs
    to the target. ``today`` is an ISO date.
    """

    graph: Graph
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    config: ProjectConfig | None = None
    today: str = ""
    _known: dict[Hashable, object] = field(
        default_factory=dict[Hashable, object], init=False, compare=False, repr=False
    )

    def once(self, key: Hashable, work: Callable[[], T]) -> T:
        """What ``work`` gives, done once for a key however many targets are judged with these facts."""
        if key not in self._known:
            self._known[key] = work()
        return cast("T", self._known[key])

    def number(self, name: str) -> float:
        """A setting that is a number."""
        value = self.settings[name]
        assert isinstance(value, (int, float))  # noqa: S101 settings are checked against their defaults
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A setting that is a list of texts."""
        value = self.settings[name]
        assert isinstance(value, tuple)  # noqa: S101 settings are checked against their defaults
        return value

    def text(self, name: str) -> str:
        """A setting that is a text."""
        return str(self.settings[name])

    def on(self, name: str) -> bool:
        """A setting that is true or false."""
        return bool(self.settings[name])


Said = Outcome | Iterable[Outcome]
"""One outcome or several, such as one for each of a firewall's rules."""

Check = Callable[[Resource, Facts], Said]
"""Judges one resource; with scope ``graph`` it looks at others too."""

ConfigCheck = Callable[[ProjectConfig, Facts], Said]
"""Judges the config of one environment, with what is known of its models."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """Data on which a rule must speak.

    ``resources`` are ``{type, name, properties}``; ``${NAME.id}`` in a value refers to the resource NAME, and the
    engine's own sign stands for a value that is not known. ``about`` names the resource that the verdict is of; without
    it the first one of the rule's types. ``config``, ``files``, ``evidence`` and ``action`` are what ProjectConfig
    holds; every key of ``config`` counts as written by a person but those below ``defaults``.
    """

    name: str
    resources: Sequence[Mapping[str, object]] = ()
    about: str = ""
    environment: str = "prod"
    environments: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    config: Mapping[str, object] | None = None
    defaults: Sequence[str] = ()
    files: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    evidence: Mapping[str, Mapping[str, object]] | None = None
    action: Action | None = None
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    today: str = "2026-11-28"


def example(name: str, type: str, properties: Mapping[str, object], **more: Any) -> Example:
    """An example with one resource."""
    return Example(name=name, resources=[{"type": type, "name": "example", "properties": properties}], **more)


@dataclass(frozen=True, kw_only=True)
class Remediation:
    """A change that is certain and safe: the properties (by path) to set on the resource, with their values."""

    properties: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What every rule says of itself.

    ``covers`` are the published rules that it answers, by their own ids. ``relates_to`` are parts of frameworks such as
    ``EU-AI-Act 15(5)``; none of them is a claim to comply. ``packs`` are the packs it belongs to besides its
    frameworks'. ``remedy`` is the change to make in groundplan.yaml. ``manual`` is its page, taken from the file's
    docstring: a summary, then paragraphs that begin with ``What:``, ``Why:``, ``Fix:`` and, where published rules are
    wrong or contradict each other, ``Decided:``. ``origin`` is "groundplan", the folder or the package that it comes
    from.
    """

    id: str
    title: str
    severity: Severity
    scope: Scope
    failing: Sequence[Example]
    passing: Sequence[Example]
    covers: tuple[str, ...] = ()
    relates_to: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    remedy: str = ""
    manual: str = ""
    origin: str = "groundplan"

    @property
    def defaults(self) -> dict[str, Setting]:
        """The settings that hold when nobody sets any."""
        return {name: option.default for name, option in self.options.items()}


@dataclass(frozen=True, kw_only=True)
class ResourceRule(Rule):
    """A rule about resources of ``types``, in which ``*`` stands for anything."""

    types: tuple[str, ...]
    check: Check
    scope: Literal["resource", "graph"] = "resource"
    remediation: Remediation | None = None


@dataclass(frozen=True, kw_only=True)
class ConfigRule(Rule):
    """A rule about a config, the evidence of its models, or an action on one of them."""

    check: ConfigCheck
    scope: Literal["config", "evidence", "action"] = "config"
