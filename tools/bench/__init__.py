"""The benches, one module per promise, each with ``main() -> list[Row]``: a name, a figure, what it is held against."""

from __future__ import annotations

Row = tuple[str, float, str]
"""What was measured, the figure (a ratio unless the note says otherwise), and a note with the bound."""
