"""Opens what somebody wants checked, whatever its encoding; packed files of a backend too."""

from __future__ import annotations

import gzip
import io
import json
import sys
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ...core.errors import DataError, NotFoundError, UsageError

STANDARD_INPUT = "-"

_PACKED = b"\x1f\x8b"
_BINARY = {
    b"PK\x03\x04": "a ZIP archive, such as a saved Terraform plan",
    b"\x89PNG": "a picture",
    b"%PDF": "a PDF",
    b"\x7fELF": "a program",
}


@contextmanager
def opened(path: str) -> Generator[io.TextIOBase]:
    """The text of a file, or of standard input for ``-``. Raises NotFoundError, UsageError, DataError."""
    raw = _standard_input() if path == STANDARD_INPUT else _file(path)
    try:
        yield _text(raw, path)
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError("the packed file is damaged", where=path, hint="Copy it again.") from error
    except EOFError as error:
        raise DataError("the packed file is cut off", where=path, hint="Copy it again.") from error
    except UnicodeError as error:
        raise DataError(
            f"it is no text in {getattr(error, 'encoding', 'UTF-8')}", where=path, hint="Save it as UTF-8."
        ) from error
    except OSError as error:
        raise _unreadable(path, error) from error
    finally:
        if path != STANDARD_INPUT:
            raw.close()


def _file(path: str) -> io.BufferedReader:
    try:
        return Path(path).open("rb")
    except FileNotFoundError as error:
        raise NotFoundError(
            f"there is no file {path}", hint="pulumi preview --json > preview.json makes one."
        ) from error
    except IsADirectoryError as error:
        raise UsageError(f"{path} is a folder", hint="Give a file, such as preview.json.") from error
    except ValueError as error:
        raise UsageError(f"{path!r} is no path", hint="Give a file, such as preview.json.") from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _standard_input() -> io.BufferedReader:
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError(
            "nothing comes in on standard input", hint="pulumi preview --json | groundplan check --input -"
        )
    return cast("io.BufferedReader", sys.stdin.buffer)


def _text(raw: io.BufferedReader, path: str) -> io.TextIOBase:
    if raw.peek(2)[:2] == _PACKED:
        raw = io.BufferedReader(gzip.GzipFile(fileobj=cast("BinaryIO", raw)))
    head = raw.peek(4)[:4]
    for magic, what in _BINARY.items():
        if head.startswith(magic):
            raise DataError(f"it is {what}, not text", where=path, hint="Give the output of pulumi preview --json.")
    return io.TextIOWrapper(raw, encoding=json.detect_encoding(head))


def _unreadable(path: str, error: OSError) -> DataError:
    hint = "Give yourself permission to read it." if isinstance(error, PermissionError) else ""
    return DataError(f"cannot read {path}: {error.strerror or error}", where=path, hint=hint)
