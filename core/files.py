"""Writes that are whole or not there: temporary file, fsync, rename; and paths that stay inside a folder."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from .errors import GroundplanError, StoreCorruptedError, UsageError


def write_text(path: Path, text: str) -> None:
    """Replace a file's content at once, keeping its mode; a reader sees the old or the new, never half."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """As ``write_text``, for bytes."""
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else None
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(mode if mode is not None else 0o666 & ~_umask())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_json(path: Path, value: object) -> None:
    """Replace a file by this value as indented JSON with sorted keys."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file that groundplan wrote.

    Raises FileNotFoundError, and StoreCorruptedError for a file that holds anything else.
    """
    try:
        value: object = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise _corrupted(path, "it holds no JSON object") from error
    except (IsADirectoryError, PermissionError) as error:
        raise _corrupted(path, f"it cannot be read ({error.strerror})") from error
    if not isinstance(value, dict):
        raise _corrupted(path, "it holds no JSON object")
    return cast("dict[str, Any]", value)


def append_line(path: Path, line: str) -> None:
    """Append one line and make it last through a power cut."""
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            stream.write(line.encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())


def tail(path: Path, lines: int = 10) -> list[str]:
    """The last lines of a file, as text that a terminal can show."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - 8192))
        text = stream.read().decode(errors="replace")
    found = [_printable(line) for line in text.splitlines() if line.strip()]
    return found[-lines:]


def private_folder(path: Path) -> None:
    """Make a folder for this user alone, whose content git does not see."""
    with explained(path):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        ignore = path / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")


def remove(path: Path) -> None:
    """Take away whatever has this name, a folder with all it holds; a link goes, what it points at stays."""
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)


def inside(root: Path, relative: str) -> Path:
    """The path below ``root`` that ``relative`` names. Raises UsageError when it would leave ``root``."""
    candidate = root / relative
    if Path(relative).is_absolute() or not candidate.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"the path {relative!r} leaves {root}", hint="Give a path inside the project.")
    return candidate


@contextmanager
def explained(path: Path) -> Generator[None]:
    """Map the operating system's refusals around ``path`` to errors that say what to do."""
    try:
        yield
    except PermissionError as error:
        raise GroundplanError(
            f"no permission to write {path}", hint="Make the folder writable, or work in another one with -C DIR."
        ) from error
    except OSError as error:
        hints = {
            28: "The disk is full: free some space and run the command again; nothing was half-written.",
            30: "The file system is read-only: work in another folder with -C DIR.",
        }
        raise GroundplanError(
            f"cannot write {path}: {error.strerror or error}", hint=hints.get(error.errno or 0, "")
        ) from error


def _corrupted(path: Path, what: str) -> StoreCorruptedError:
    return StoreCorruptedError(
        f"{path} is damaged: {what}",
        where=str(path),
        hint="Put a backup of it back; without one: groundplan destroy, then groundplan up and run.",
    )


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _printable(line: str) -> str:
    return "".join(one if one.isprintable() or one == "\t" else "?" for one in line)[:500]
