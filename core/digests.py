"""SHA-256 digests of bytes, files, folders and plain values, written ``sha256:<64 hex digits>``."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path

from .errors import GroundplanError, StoreCorruptedError


def of_bytes(content: bytes) -> str:
    """The digest of these bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def of_value(value: object) -> str:
    """The digest of a JSON-like value; key order does not matter."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return of_bytes(text.encode())


def of_file(path: Path) -> str:
    """The digest of a file's content."""
    with path.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def of_path(path: Path) -> str:
    """The digest of a file, or of a folder: its files' relative names and contents, sorted.

    Links inside a folder are refused: what they point at could change behind the digest.
    """
    if not path.is_dir():
        return of_file(path)
    return of_value([[name, of_file(path / name)] for name in names_below(path)])


def demand(path: Path, digest: str, *, what: str, hint: str) -> None:
    """Raises StoreCorruptedError, with both digests, for a file or folder that is missing or not the one expected."""
    if not path.exists():
        raise StoreCorruptedError(f"{what} is gone; expected {digest}", where=str(path), hint=hint)
    found = of_path(path)
    if found != digest:
        raise StoreCorruptedError(f"{what} was changed: expected {digest}, found {found}", where=str(path), hint=hint)


def names_below(folder: Path, *, leave_out: Iterable[str] = ()) -> list[str]:
    """Relative POSIX names of all files below a folder, sorted; folders named in ``leave_out`` are skipped."""
    skipped = frozenset(leave_out)
    names: list[str] = []
    for top, folders, files in os.walk(folder):
        root = Path(top)
        folders[:] = sorted(name for name in folders if name not in skipped)
        for name in (*folders, *files):
            if (root / name).is_symlink():
                raise GroundplanError(
                    f"a link where files are expected: {root / name}", hint="Put the file itself there."
                )
        names.extend((root / name).relative_to(folder).as_posix() for name in files)
    return sorted(names)
