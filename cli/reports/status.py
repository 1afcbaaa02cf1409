"""The status as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

COLUMNS = (
    "environment", "model", "version", "last gate", "endpoint", "requests", "traffic", "drift", "last retraining",
    "exemptions",
)  # fmt: skip

_TEMPLATE = Path(__file__).with_name("status.html")


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A text, and how it is shown: "", "good", "warn" or "bad"."""

    text: str
    style: str = ""


def render(*, project: str, platform: str, made: str, rows: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    """The page; ``rows`` have a text for each of COLUMNS."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string(_TEMPLATE.read_text(encoding="utf-8"))
    cells = [
        [Cell(text=text, style=_style(name, text)) for name, text in zip(COLUMNS, row, strict=True)] for row in rows
    ]
    return template.render(project=project, platform=platform, made=made, columns=COLUMNS, rows=cells, notes=notes)


def _style(column: str, text: str) -> str:
    if column == "last gate" and text != "-":
        return "good" if text.startswith("passed") and "STALE" not in text else "bad"
    if column == "endpoint" and text != "-":
        return "good" if text.startswith("ready") else "bad"
    if column == "drift" and text != "-":
        return "good" if text == "no alert" else "warn"
    return ""
