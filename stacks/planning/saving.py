"""Saved plans: written by ``plan --out``, read by ``plan --against``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from ...core import files
from ...core.errors import DataError, NotFoundError, UsageError
from .encoding import decoded, encoded
from .plan import Plan

FORMAT = 1


def document(plans: Sequence[Plan]) -> dict[str, object]:
    """Plans as one JSON object; the same plans give the same."""
    return {
        "format": FORMAT,
        "project": plans[0].project,
        "platform": plans[0].platform,
        "stacks": [encoded(plan) for plan in plans],
    }


def write(path: Path, plans: Sequence[Plan]) -> None:
    """Write a saved plan, whole or not at all. Raises UsageError for a folder."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="--out takes the name of a file, such as plan.json.")
    files.write_text(path, json.dumps(document(plans), indent=2, ensure_ascii=False) + "\n")


def read(path: Path) -> tuple[Plan, ...]:
    """The plans of a file that ``write`` wrote, or that ``plan --format json`` printed.

    Raises NotFoundError, and DataError for anything that is no saved plan.
    """
    try:
        value: object = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise NotFoundError(f"there is no file {path}", hint=f"groundplan plan --out {path} saves one.") from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise _foreign(path, "it holds no JSON") from error
    return parsed(value, path)


def parsed(value: object, path: Path) -> tuple[Plan, ...]:
    """The plans that a document holds; ``path`` is named in errors. Raises DataError."""
    if not isinstance(value, dict):
        raise _foreign(path, "it holds no JSON object")
    found = cast("dict[str, Any]", value)
    printed = found.get("data")
    if str(found.get("schema", "")).startswith("groundplan.plan/") and isinstance(printed, Mapping):
        found = cast("dict[str, Any]", printed)
    if isinstance(found.get("format"), int) and found["format"] > FORMAT:
        raise DataError(
            f"{path} was saved by a newer groundplan (format {found['format']})",
            where=str(path),
            hint="Install that version or a newer one, or save the plan again with this one.",
        )
    try:
        project, platform = str(found["project"]), str(found["platform"])
        return tuple(decoded(one, project=project, platform=platform) for one in found["stacks"])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _foreign(path, "it is not what groundplan plan --out writes") from error


def _foreign(path: Path, what: str) -> DataError:
    return DataError(
        f"{path} is no saved plan: {what}", where=str(path), hint="groundplan plan --out plan.json saves one."
    )
