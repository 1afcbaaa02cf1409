"""A groundplan config as rules see it: plain data for one environment, and what is known of its models and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from . import paths
from .values import ABSENT

Tier = Literal["development", "staging", "production", ""]
"""How much depends on an environment; "" where nothing says it."""

ActionKind = Literal["promote", "deploy", "rollback", "retrain"]


@dataclass(frozen=True, kw_only=True)
class Action:
    """What somebody is about to do to a model.

    ``evidence``, ``verdict``, ``lineage`` and ``card`` are the model version's own, as ProjectConfig describes them,
    None where it has none; ``created`` is when it was registered, RFC 3339. ``approvals`` are the people who said yes,
    ``author`` who started the training run; ``replaces`` is the version that would be replaced, "" when there is none.
    ``overridden`` says that somebody let a failed gate pass for this environment.
    """

    kind: ActionKind
    model: str
    version: str
    environment: str
    digest: str = ""
    created: str = ""
    actor: str = ""
    author: str = ""
    approvals: tuple[str, ...] = ()
    replaces: str = ""
    evidence: Mapping[str, object] | None = None
    verdict: Mapping[str, object] | None = None
    lineage: Mapping[str, object] | None = None
    card: Mapping[str, object] | None = None
    overridden: bool = False


@dataclass(frozen=True, kw_only=True)
class ProjectConfig:
    """The config of one environment.

    ``values`` is the resolved config with every default in it, in the names of groundplan.yaml. ``places`` holds, by
    dotted path, the ``file:line:column`` of what a person wrote: what is not in it is a default. ``environments`` are
    all environments in the order in which a model passes them, each with its ``tier`` and ``approval``. ``files`` holds
    the text of the files that the config names, by path; None for one that is not there. ``evidence`` is what is known
    of the model versions of this environment, by model; None where nothing can be known, such as without a registry. A
    model that has no version there is not in it. Each entry holds:

    - ``version``: its number as text; ``digest``: of the model, ``sha256:…``; ``created``: RFC 3339 in UTC;
    - ``evidence``: the fields of lifecycle.contract.evidence.Evidence as JSON, or None;
    - ``verdict``: the gate's for this environment, ``{"passed": true, "failures": ["roc_auc"]}``, or None;
    - ``lineage``: the fields of lifecycle.contract.model.Lineage as JSON, or None;
    - ``card``: ``{"text": …}``, the model card's markdown, or None;
    - ``author``: who started the training run; ``approvals``: who said yes to its way into this environment;
    - ``replaces``: the version that was there before, "" without one; ``overridden``: as in Action.
    """

    environment: str
    tier: Tier
    values: Mapping[str, object]
    places: Mapping[str, str] = field(default_factory=dict[str, str])
    environments: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, Mapping[str, object]])
    files: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    evidence: Mapping[str, Mapping[str, object]] | None = None
    action: Action | None = None

    def get(self, path: str) -> object:
        """The value at a dotted path; ABSENT where there is none."""
        return paths.get(self.values, path)

    def section(self, path: str) -> Mapping[str, Mapping[str, object]]:
        """Named entries, such as ``models`` or ``endpoints``; empty where there are none."""
        found = self.get(path)
        return found if isinstance(found, Mapping) else {}  # pyright: ignore[reportUnknownVariableType]

    def declared(self, path: str) -> bool:
        """Whether a person wrote this value, or something below it."""
        return any(one == path or one.startswith(f"{path}.") for one in self.places)

    def where(self, path: str) -> str:
        """The place of a path, else of the first thing that somebody wrote below it or below what holds it."""
        while path:
            for one, place in self.places.items():
                if one == path or one.startswith(f"{path}."):
                    return place
            path = path.rpartition(".")[0]
        return next(iter(self.places.values()), "")

    def given(self, path: str) -> object:
        """The value at a path if a person wrote it; ABSENT for a default."""
        return self.get(path) if self.declared(path) else ABSENT
