"""Reads lists that people write in YAML."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from ...core.errors import DataError
from . import foreign
from .values import DEEPEST

LARGEST = 4 << 20
"""The most characters of YAML that are read; JSON has no such limit and is far quicker."""

MOST_VALUES = 500_000
"""The most values of a document; aliases can make a small file mean more than any memory holds."""


def parsed(text: str, name: str) -> object:
    """The document of a YAML text, as JSON would hold it. Raises DataError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if len(text) > LARGEST:
        raise DataError(
            f"the YAML is larger than {LARGEST >> 20} MB, the most that is read", where=name, hint="Save it as JSON."
        )
    try:
        found: object = cast("Any", YAML(typ="safe", pure=True)).load(text)
    except MarkedYAMLError as error:
        foreign.refuse_text(text, name)
        found_at: Any = error
        mark = found_at.problem_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise DataError(f"it is neither JSON nor YAML: {found_at.problem}", where=place, hint=foreign.KNOWN) from error
    except (YAMLError, ValueError) as error:
        foreign.refuse_text(text, name)
        raise DataError("it is neither JSON nor YAML", where=name, hint=foreign.KNOWN) from error
    except RecursionError as error:
        raise _too_much("a value nests too deeply", name) from error
    return _plain(found, name)


def _plain(document: object, name: str) -> object:
    left = MOST_VALUES

    def plain(value: object, levels: int) -> object:
        nonlocal left
        left -= 1
        if left < 0:
            raise _too_much(f"it means more than {MOST_VALUES} values", name)
        if levels > DEEPEST + 4:
            raise _too_much("a value nests too deeply", name)
        if isinstance(value, Mapping):
            return {str(key): plain(one, levels + 1) for key, one in cast("Mapping[object, object]", value).items()}
        if isinstance(value, list):
            return [plain(one, levels + 1) for one in cast("list[object]", value)]
        return value.isoformat() if isinstance(value, date) else value

    return plain(document, 0)


def _too_much(what: str, name: str) -> DataError:
    return DataError(what, where=name, hint="No list of resources does.")
