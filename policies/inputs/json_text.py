"""Reads JSON part by part, so that a file of any size costs no more memory than its largest part."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Generator, Iterator

from ...core.errors import DataError

LARGEST_FILE = 1 << 30
"""The most characters that are read."""

LARGEST_PART = 64 << 20
"""The most characters of one resource, or of anything else that is read at once."""

_CHUNK = 1 << 18
_LONGEST_TOKEN = 16
_TOKENS = ("true", "false", "null", "NaN", "-Infinity")
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class JsonText:
    """A JSON text that is read forwards. ``name`` is the file's in errors."""

    def __init__(self, stream: io.TextIOBase, name: str) -> None:
        self._stream = stream
        self._name = name
        self._buffer = ""
        self._at = 0
        self._read = 0
        self._ended = False
        self._line = 1
        self._column = 1

    def peek(self) -> str:
        """The next character that is no space, not taken; "" at the end."""
        while True:
            self._at = _SPACE.match(self._buffer, self._at).end()  # pyright: ignore[reportOptionalMemberAccess] matches ""
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if self._ended:
                return ""
            self._more()

    def value(self) -> object:
        """The next value, whole. Raises DataError where there is none."""
        self.peek()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                if self._ended or not self._is_cut(error):
                    raise self._wrong(error.msg, error.pos) from error
            except RecursionError as error:
                raise self._error("a value nests too deeply", self._at, "No resource does.") from error
            else:
                if end < len(self._buffer) or self._ended:
                    self._at = end
                    return found
            self._more()

    def keys(self) -> Generator[str]:
        """The keys of an object; whoever asks takes each one's value before the next key."""
        self._take("{")
        if self.peek() != "}":
            yield self._key()
            while self.peek() == ",":
                self._at += 1
                yield self._key()
        self._take("}")

    def elements(self) -> Iterator[object]:
        """The elements of a list."""
        self._take("[")
        if self.peek() != "]":
            yield self.value()
            while self.peek() == ",":
                self._at += 1
                yield self.value()
        self._take("]")

    def rest(self, most: int) -> str:
        """All that is left, at most so many characters and one."""
        left = self._buffer[self._at :]
        return left + self._stream.read(max(0, most + 1 - len(left)))

    def _key(self) -> str:
        self.peek()
        start, key = self._at, self.value()
        if not isinstance(key, str):
            raise self._wrong("a key in quotes is expected", min(start, self._at))
        self._take(":")
        return key

    def _take(self, expected: str) -> None:
        if self.peek() != expected:
            raise self._wrong(f"{expected} is expected", self._at)
        self._at += 1

    def _is_cut(self, error: json.JSONDecodeError) -> bool:
        """Whether more text may make a value of it."""
        return error.msg.startswith("Unterminated string") or error.pos >= len(self._buffer) - _LONGEST_TOKEN

    def _more(self) -> None:
        """Let go of what was taken, and read on: as much again as is kept, so that a long value is not tried often."""
        done = self._buffer[: self._at]
        lines = done.count("\n")
        self._column = len(done) - done.rfind("\n") if lines else self._column + len(done)
        self._line += lines
        kept = self._buffer[self._at :]
        if len(kept) > LARGEST_PART:
            raise self._error(f"one value is larger than {LARGEST_PART >> 20} MB", 0, "No resource is that large.")
        chunk = self._stream.read(max(_CHUNK, len(kept)))
        self._read += len(chunk)
        if self._read > LARGEST_FILE:
            raise DataError(
                f"it is larger than {LARGEST_FILE >> 20} MB, the most that is read",
                where=self._name,
                hint="Check each stack on its own.",
            )
        self._buffer, self._at, self._ended = kept + chunk, 0, not chunk

    def _wrong(self, what: str, at: int) -> DataError:
        left = self._buffer[at:].strip()
        if self._ended and any(token.startswith(left) for token in _TOKENS):
            return self._error("the JSON ends too early: it was cut off", at, "Write the file again, and all of it.")
        if what.startswith("Unterminated string") and self._ended:
            return self._error(
                "the JSON ends within a text: it was cut off", at, "Write the file again, and all of it."
            )
        return self._error(f"it is no JSON: {what[0].lower()}{what[1:]}", at, "Write the file again.")

    def _error(self, message: str, at: int, hint: str) -> DataError:
        before = self._buffer[:at]
        lines = before.count("\n")
        column = len(before) - before.rfind("\n") if lines else self._column + at
        return DataError(message, where=f"{self._name}:{self._line + lines}:{column}", hint=hint)
