"""Runs every bench and prints one table. Figures are of this machine, now; ratios travel better than seconds."""

from __future__ import annotations

import importlib
import pkgutil
import sys

from . import __path__ as folder


def main(wanted: list[str]) -> int:
    """Run the benches named, or all; prints as they finish."""
    names = sorted(name for _, name, _ in pkgutil.iter_modules(folder) if not name.startswith("_"))
    unknown = [name for name in wanted if name not in names]
    if unknown:
        print(f"no bench {', '.join(unknown)}; there are: {', '.join(names)}")
        return 2
    for name in wanted or names:
        for what, figure, note in importlib.import_module(f"{__package__}.{name}").main():
            print(f"{what:<56} {figure:>7.2f}  {note}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
