"""Values of a plan in a line of text: unknown ones say what will determine them, secrets say nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import cast

from ....modules.contract.planned import Secret, Unknown
from ..shown import shown

LONGEST = 160


def text_of(value: object, *, limit: int = LONGEST) -> str:
    """One line, cut to fit; nothing in it is invisible or moves the cursor."""
    if value is None:
        return "-"
    if isinstance(value, Unknown):
        return f"known after up{_determined(value)}"
    if isinstance(value, Secret):
        return "secret"
    if isinstance(value, str):
        return shown(value, limit) if value else '""'
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    return shown(json.dumps(_plain(value), ensure_ascii=False), limit)


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value below with its dotted path; an empty mapping or list is a value itself."""
    if isinstance(value, Mapping) and value:
        for name, entry in cast("Mapping[str, object]", value).items():
            yield from leaves(entry, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for position, entry in enumerate(cast("list[object]", value)):
            yield from leaves(entry, f"{path}.{position}")
    else:
        yield path, value


def name_in(urn: str) -> str:
    """The logical name at the end of a URN."""
    return urn.rpartition("::")[2]


def _determined(value: Unknown) -> str:
    names = [name_in(urn) for urn in value.of]
    if not names:
        return ""
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f" ({value.property} of {listed})" if value.property else f" (by {listed})"


def _plain(value: object) -> object:
    if isinstance(value, Unknown | Secret):
        return text_of(value)
    if isinstance(value, Mapping):
        return {name: _plain(entry) for name, entry in cast("Mapping[str, object]", value).items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in cast("list[object]", value)]
    return value
