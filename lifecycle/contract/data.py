"""Data readiness: the rules, what each check found, and the scorecard that holds it all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .rubric import Task

Status = Literal["pass", "warn", "fail", "not-applicable"]
"""``warn`` is worth a look and does not stop the data from being ready; ``fail`` does."""

Aspect = Literal["volume", "quality", "labels", "diversity"]
"""The four sides of data readiness."""

Kind = Literal["number", "boolean", "text", "date", "empty"]
"""What a column holds, as far as its values show."""


@dataclass(frozen=True, kw_only=True)
class ScorecardRules:
    """The thresholds; shares are between 0 and 1. docs/config.md says what each means."""

    min_rows: int
    max_missing: float
    max_duplicates: float
    min_class_share: float
    max_leakage: float
    max_label_conflicts: float
    max_outliers: float
    allow_constant: bool
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found.

    ``value`` and ``limit`` are the figures behind ``found`` and ``threshold`` where there are any; ``columns`` maps
    each column with a problem to what is wrong with it; ``advice`` says what to do.
    """

    id: str
    aspect: Aspect
    status: Status
    found: str
    threshold: str = ""
    value: float | None = None
    limit: float | None = None
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    advice: str = ""


@dataclass(frozen=True, kw_only=True)
class NumberSummary:
    """The spread of a column's finite numbers; ``histogram`` counts them in bins of equal width."""

    minimum: float
    lower_quartile: float
    median: float
    mean: float
    upper_quartile: float
    maximum: float
    histogram: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ColumnSummary:
    """One column: what it holds, how much is missing, its spread or its most frequent values with their rows.

    ``strength`` is how well the column alone predicts the target, between 0 and 1; None where it was not measured.
    """

    name: str
    kind: Kind
    missing: int
    distinct: int
    numbers: NumberSummary | None = None
    top: tuple[tuple[str, int], ...] = ()
    strength: float | None = None


@dataclass(frozen=True, kw_only=True)
class Scorecard:
    """The readiness of one data set. ``classes`` counts the rows of each label, most frequent first."""

    source: str
    digest: str
    rows: int
    target: str
    task: Task
    findings: tuple[Finding, ...]
    columns: tuple[ColumnSummary, ...]
    classes: Mapping[str, int]
    notes: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether no check failed."""
        return all(finding.status != "fail" for finding in self.findings)
