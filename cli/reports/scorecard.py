"""The data readiness scorecard as one HTML file, from the template beside this file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ...lifecycle.contract.data import ColumnSummary, Finding, Scorecard
from ...lifecycle.scorecard.textual import percent
from .template import template

MAX_LISTED = 20
MAX_COLUMNS = 500
MAX_CLASSES = 20
STATUS_WORDS = {"pass": "passed", "warn": "warning", "fail": "failed", "not-applicable": "not judged"}


def render(scorecard: Scorecard) -> str:
    """The page. The same scorecard gives the same bytes. Every name and value in it is escaped and cut to fit."""
    filters = {"number": number, "percent": percent, "thousands": thousands}
    return template(Path(__file__).with_suffix(".html"), filters).render(
        card=scorecard,
        counts=_counts(scorecard.findings),
        status_words=STATUS_WORDS,
        problems=problems(scorecard),
        classes=_classes(scorecard.classes),
        columns=scorecard.columns[:MAX_COLUMNS],
        measure="R²" if scorecard.task == "regression" else "AUC",
        share=_share,
        heights=heights,
        max_listed=MAX_LISTED,
        max_columns=MAX_COLUMNS,
        max_classes=MAX_CLASSES,
    )


def problems(scorecard: Scorecard) -> list[Finding]:
    """The findings to act on: first those that failed, then the warnings."""
    return [finding for status in ("fail", "warn") for finding in scorecard.findings if finding.status == status]


def number(value: float) -> str:
    """A number of the data for people: six significant digits, no exponent for everyday sizes."""
    if value == round(value) and abs(value) < 1e9:
        return thousands(round(value))
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.6g}"


def thousands(value: int) -> str:
    """A count with its thousands set apart."""
    return f"{value:,}"


def heights(histogram: Sequence[int]) -> list[float]:
    """The bars of a histogram, between 0 and 1; a bin that holds anything can be seen."""
    most = max(histogram, default=0)
    return [max(0.06, round(count / most, 3)) if count else 0.0 for count in histogram]


def _share(column: ColumnSummary, rows: int) -> float:
    return round(column.missing / rows, 4) if rows else 0.0


def _counts(findings: Sequence[Finding]) -> list[tuple[str, int]]:
    totals = [(word, sum(finding.status == status for finding in findings)) for status, word in STATUS_WORDS.items()]
    return [(word, total) for word, total in totals if total]


def _classes(classes: Mapping[str, int]) -> list[tuple[str, int, float, float]]:
    """Each class with its rows, its share of all, and its share of the largest."""
    total, most = sum(classes.values()), max(classes.values(), default=0)
    listed = list(classes.items())[:MAX_CLASSES]
    return [(name, rows, round(rows / total, 4), round(rows / most, 4)) for name, rows in listed]
