"""Which actions Azure's lists of permissions allow: wildcards, and what each list takes away again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from ..contract.account import Asked


def lacking(asked: Iterable[Asked], lists: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Those that none of the lists allows; each role that is held makes one list."""
    return tuple(one.name for one in asked if not any(_allows(list, one) for list in lists))


def _allows(list: Mapping[str, Any], asked: Asked) -> bool:
    allowed, taken = ("dataActions", "notDataActions") if asked.data else ("actions", "notActions")
    return _matches(asked.name, list.get(allowed)) and not _matches(asked.name, list.get(taken))


def _matches(name: str, patterns: object) -> bool:
    return any(_pattern(one).fullmatch(name) for one in cast("Sequence[str]", patterns or ()))


@cache
def _pattern(text: str) -> re.Pattern[str]:
    """An asterisk stands for any text, slashes too; Azure does not tell capitals from small letters."""
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.IGNORECASE)
