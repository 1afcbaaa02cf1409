"""Reads the entries, finds the one that a text speaks of."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ...core.errors import NotFoundError
from ...core.suggestions import closest

_FOLDER = Path(__file__).parent / "entries"
_LONGEST_TEXT = 100_000
_PROGRAMS = frozenset({"az", "export", "gcloud", "groundplan", "pulumi"})


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that goes wrong. ``steps`` are sentences and commands in the order in which they help.

    ``examples`` are recorded messages; ``source`` says where cause and way out were published or measured; ``passes``
    that it is often gone some minutes later, ``machines`` that machines of another kind may be had.
    """

    code: str
    title: str
    patterns: tuple[re.Pattern[str], ...]
    cause: str
    steps: tuple[str, ...]
    platforms: tuple[str, ...]
    examples: tuple[str, ...]
    source: str
    passes: bool = False
    machines: bool = False

    @property
    def commands(self) -> tuple[str, ...]:
        """The steps that are commands to type."""
        return tuple(step for step in self.steps if step.partition(" ")[0] in _PROGRAMS)

    @property
    def fix(self) -> str:
        """The steps in one line."""
        return "; ".join(step.rstrip(".") for step in self.steps)

    def position(self, text: str) -> int | None:
        """Where a text begins to speak of it; None when it does not."""
        found = [match.start() for match in (pattern.search(text) for pattern in self.patterns) if match]
        return min(found, default=None)


@functools.cache
def entries() -> tuple[Entry, ...]:
    """All entries by code. Raises RuntimeError that names a file of a wrong shape."""
    return tuple(sorted((_read(path) for path in _FOLDER.glob("*.yaml")), key=lambda one: one.code))


def entry(code: str) -> Entry:
    """The entry with this code, in capitals or not. Raises NotFoundError with the nearest one."""
    known = {one.code: one for one in entries()}
    found = known.get(code.strip().upper().replace("-", "_"))
    if found is None:
        raise NotFoundError(
            f"there is no entry {code!r}",
            hint=f"Did you mean {near!r}?" if (near := closest(code, known)) else "groundplan explain lists them.",
        )
    return found


def explain(text: str) -> Entry | None:
    """The entry that a message of the engine or of a cloud speaks of first; None for one that nobody wrote down."""
    plain = " ".join(text[:_LONGEST_TEXT].split())
    found = [(position, one) for one in entries() if (position := one.position(plain)) is not None]
    return min(found, key=lambda pair: (pair[0], pair[1].code))[1] if found else None


def _read(path: Path) -> Entry:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    loader: Any = YAML(typ="safe", pure=True)
    try:
        content = cast("Mapping[str, Any]", loader.load(path.read_text(encoding="utf-8")))
        return Entry(
            code=content["code"],
            title=content["title"],
            patterns=tuple(re.compile(pattern) for pattern in content["matches"]),
            cause=content["cause"],
            steps=tuple(content["fix"]),
            platforms=tuple(content["platforms"]),
            examples=tuple(content["examples"]),
            source=content["source"],
            passes=content.get("passes", False),
            machines=content.get("machines", False),
        )
    except (YAMLError, KeyError, TypeError, re.error) as error:
        raise RuntimeError(f"{path}: no entry of the knowledge base: {error}") from error
