"""Writes the generated parts of docs/: every module beside this one that has ``pages()`` contributes its pages."""

from __future__ import annotations

import sys

from . import ROOT, generated


def main() -> int:
    """Write every generated page; with --check only tell which are out of date."""
    outdated = [path for path, text in generated().items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in sys.argv:
        for path in outdated:
            print(f"out of date: {path.relative_to(ROOT)}; run make docs")
        return 1 if outdated else 0
    texts = generated()
    for path in outdated:
        path.write_text(texts[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
