"""The model versions that rules about evidence judge: those of an action under way, else those that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from . import paths
from .config import Action, ProjectConfig
from .outcome import Outcome, Verdict
from .values import ABSENT


@dataclass(frozen=True, kw_only=True)
class Version:
    """A model version in the config's environment, or on its way there.

    ``known`` holds the keys that ProjectConfig describes; ``acting`` says that an action is under way.
    """

    model: str
    known: Mapping[str, object]
    acting: bool = False

    def get(self, path: str) -> object:
        """What is known at a dotted path; ABSENT where nothing is."""
        return paths.get(self.known, path)

    def text(self, path: str) -> str:
        """A text at a dotted path; "" where there is none."""
        found = self.get(path)
        return "" if found is ABSENT else str(found)

    def texts(self, path: str) -> tuple[str, ...]:
        """A list of texts at a dotted path."""
        found = self.get(path)
        if isinstance(found, Sequence) and not isinstance(found, str):
            return tuple(str(one) for one in cast("Sequence[object]", found))
        return ()

    @property
    def name(self) -> str:
        """What a report calls it: ``churn 3``."""
        return f"{self.model} {self.text('version')}".strip()


def versions(config: ProjectConfig) -> list[Version] | None:
    """The versions to judge; None where nothing can be known, such as without a registry.

    A retraining has no version of its own yet; it is judged by what is there.
    """
    if config.action is not None and config.action.kind != "retrain":
        return [_of_action(config.action)]
    if config.evidence is None:
        return None
    return [Version(model=model, known=known) for model, known in config.evidence.items()]


def not_at_hand(expected: str) -> Outcome:
    """The outcome where no registry tells which versions there are."""
    return Outcome(verdict=Verdict.UNKNOWN, path="models", found="no registry is at hand", expected=expected)


def age_in_days(when: str, today: str) -> float:
    """How many days lie between a moment (RFC 3339, or a day) and a day; NaN where one of them is none."""
    try:
        return float((date.fromisoformat(today[:10]) - date.fromisoformat(when[:10])).days)
    except ValueError:
        return float("nan")


def _of_action(action: Action) -> Version:
    known: dict[str, object] = {
        "version": action.version,
        "digest": action.digest,
        "created": action.created,
        "author": action.author,
        "approvals": action.approvals,
        "replaces": action.replaces,
        "overridden": action.overridden,
        "evidence": action.evidence,
        "verdict": action.verdict,
        "lineage": action.lineage,
        "card": action.card,
    }
    return Version(model=action.model, known=known, acting=True)
