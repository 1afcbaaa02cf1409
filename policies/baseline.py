"""A baseline: what a check found on the day a team began, so that a report shows only what is new since."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from ..core import files
from ..core.errors import DataError, NotFoundError
from .finding import Finding
from .outcome import Verdict

FORMAT = 1


def write(path: Path, findings: Sequence[Finding]) -> int:
    """Write the open findings and those that were known; how many. Whole or not at all."""
    kept = [one for one in findings if one.status != "exempted" and one.verdict is Verdict.FAIL]
    entries = {
        one.fingerprint: {
            "fingerprint": one.fingerprint,
            "rule": one.rule.id,
            "resource": one.urn or one.name,
            "path": one.path,
            "found": one.found,
        }
        for one in kept
    }
    document = {"format": FORMAT, "findings": [entries[key] for key in sorted(entries)]}
    files.write_text(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return len(entries)


def read(path: Path) -> frozenset[str]:
    """The fingerprints of a baseline. Raises NotFoundError, and DataError for anything that is none."""
    try:
        value: object = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise NotFoundError(
            f"there is no file {path}", hint=f"groundplan check --write-baseline {path} makes one."
        ) from error
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}", where=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise _foreign(path) from error
    try:
        document = cast("dict[str, Any]", value)
        if document["format"] != FORMAT:
            raise _foreign(path)
        return frozenset(str(one["fingerprint"]) for one in document["findings"])
    except (KeyError, TypeError) as error:
        raise _foreign(path) from error


def _foreign(path: Path) -> DataError:
    return DataError(
        f"{path} is no baseline", where=str(path), hint=f"groundplan check --write-baseline {path} makes one."
    )
