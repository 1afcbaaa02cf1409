"""Writes the generated parts of docs/: every module beside this one that has ``pages()`` contributes its pages."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path

from . import ROOT, generated


def main() -> int:
    """Write every generated page; with --check only tell what is out of date."""
    outdated = {path: text for path, text in generated().items() if _written(path) != text}
    if "--check" in sys.argv:
        for path, text in outdated.items():
            print(f"out of date: {path.relative_to(ROOT)}; run make docs")
            print("".join(difflib.unified_diff(_written(path).splitlines(True), text.splitlines(True), n=0)))
        return 1 if outdated else 0
    for path, text in outdated.items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


def _written(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
