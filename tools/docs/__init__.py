"""Generators of the documentation's generated pages, one module per page, each with ``pages() -> {name: text}``."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"


def generated() -> dict[Path, str]:
    """Every generated page and its text."""
    pages: dict[Path, str] = {}
    for module in sorted(name for _, name, _ in pkgutil.iter_modules(__path__) if name != "__main__"):
        made: dict[str, str] = importlib.import_module(f"{__name__}.{module}").pages()
        pages.update({DOCS / name: text for name, text in made.items()})
    return pages
