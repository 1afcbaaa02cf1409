"""Writes for people and for machines: results on standard output, everything else on standard error."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TextIO

from ..core.errors import GroundplanError, Problem
from . import json_text

Format = Literal["text", "json"]
Style = Literal["good", "bad", "warn", "dim", "bold", "plain"]

_CODES: dict[Style, str] = {"good": "32", "bad": "31", "warn": "33", "dim": "2", "bold": "1", "plain": ""}


@dataclass(frozen=True, kw_only=True)
class Output:
    """The two streams of the process. ``verbosity`` is -1 quiet, 0 normal, 1 verbose."""

    format: Format = "text"
    verbosity: int = 0
    color: Literal["auto", "always", "never"] = "auto"

    def line(self, text: str = "", style: Style = "plain") -> None:
        """A line of the result."""
        print(self.styled(text, style, sys.stdout), file=sys.stdout)

    def styled(self, text: str, style: Style, stream: TextIO | None = None) -> str:
        """The text with colour where this stream shows colour, in characters that it can show."""
        out = sys.stdout if stream is None else stream
        text = _encodable(text, out)
        if not _CODES[style] or not self.colored(out):
            return text
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m"

    def fields(self, pairs: Iterable[tuple[str, str]]) -> None:
        """A name and a value per line, aligned; on a terminal long values break between words, below themselves."""
        rows = list(pairs)
        width = max((len(name) for name, _ in rows), default=0)
        room = max(_LEAST_WIDTH, shutil.get_terminal_size().columns - width - _GAP)
        for row in rows:
            for name, value in _broken(row, (width, room)) if sys.stdout.isatty() else [row]:
                self.line(f"{name:<{width}}  {value}".rstrip())

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table as wide as its content. On a narrow terminal cells break between words, or each row is a block."""
        if not rows:
            return
        widths = [max(len(text) for text in column) for column in zip(columns, *rows, strict=True)]
        if sys.stdout.isatty():
            fitted = _fitted(widths, [columns, *rows], shutil.get_terminal_size().columns)
            if fitted is None:
                self._blocks(columns, rows)
                return
            widths = fitted
        for index, row in enumerate([columns, *rows]):
            for cells in _broken(row, widths):
                text = "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
                self.line(text, "bold" if index == 0 else "plain")

    def _blocks(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        for index, row in enumerate(rows):
            if index:
                self.line()
            self.fields(zip(columns, row, strict=True))

    def message(self, text: str, style: Style = "plain", *, level: int = 0) -> None:
        """A line for people on standard error, from this verbosity on."""
        if (self.verbosity >= level and self.format == "text") or (self.verbosity >= max(level, 1)):
            _to_stderr(self.styled(text, style, sys.stderr))

    def warning(self, text: str) -> None:
        """A warning on standard error; JSON carries warnings itself."""
        if self.format == "text":
            _to_stderr(self.styled(f"warning: {text}", "warn", sys.stderr))

    @property
    def animated(self) -> bool:
        """Whether progress may be redrawn in place: only on a terminal that can, and never with JSON or quiet."""
        return (
            self.format == "text"
            and self.verbosity >= 0
            and sys.stderr.isatty()
            and os.environ.get("TERM") != "dumb"
            and not os.environ.get("CI")
        )

    def document(self, value: Mapping[str, object] | Iterator[object]) -> None:
        """One JSON document on standard output."""
        sys.stdout.writelines(json_text.pieces(value))
        sys.stdout.write("\n")

    def error(self, error: GroundplanError, *, command: str) -> None:
        """An error, as text on standard error or as JSON on standard output."""
        if self.format == "json":
            errors = [problem_data(error.code, problem) for problem in error.problems]
            self.document(envelope(command, ok=False, errors=errors))
            return
        sys.stdout.flush()
        for index, problem in enumerate(error.problems):
            if index:
                print(file=sys.stderr)
            self._problem(error.code, problem)

    def _problem(self, code: str, problem: Problem) -> None:
        stream = sys.stderr
        print(f"{self.styled(f'error[{code}]', 'bad', stream)}: {_encodable(problem.message, stream)}", file=stream)
        if problem.where:
            print(f"  --> {_encodable(problem.where, stream)}", file=stream)
        for line in problem.excerpt.splitlines():
            print(self.styled(f"  {line}", "dim", stream), file=stream)
        if problem.hint:
            print(f"  {self.styled('fix', 'good', stream)}: {_encodable(problem.hint, stream)}", file=stream)

    def colored(self, stream: TextIO) -> bool:
        """Whether this stream shows colour."""
        if self.color != "auto":
            return self.color == "always"
        if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or os.environ.get("CLICOLOR") == "0":
            return False
        return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def problem_data(code: str, problem: Problem) -> dict[str, object]:
    """A problem as the JSON envelope carries it."""
    file, line, column = place(problem.where)
    return {
        "code": code,
        "message": problem.message,
        "where": problem.where,
        "file": file,
        "line": line,
        "column": column,
        "hint": problem.hint,
    }


def envelope(
    command: str,
    *,
    ok: bool,
    data: Mapping[str, object] | None = None,
    warnings: Sequence[str] = (),
    errors: Sequence[Mapping[str, object]] = (),
    next_commands: Sequence[str] = (),
) -> dict[str, object]:
    """The one form of all JSON output; ``schema`` names the command and the version of its data."""
    return {
        "schema": f"groundplan.{command.replace(' ', '.')}/1",
        "ok": ok,
        "data": data,
        "warnings": list(warnings),
        "errors": list(errors),
        "next": list(next_commands),
    }


def place(where: str) -> tuple[str | None, int | None, int | None]:
    """File, line and column of a ``file:line:column``; three times None for anything else."""
    file, _, rest = where.rpartition(":")
    name, _, line = file.rpartition(":")
    if name and line.isdigit() and rest.isdigit():
        return name, int(line), int(rest)
    return None, None, None


_GAP = 2
_LEAST_WIDTH = 16
"""A column that breaks its cells stays at least so wide; words are never broken."""


def _fitted(widths: Sequence[int], rows: Sequence[Sequence[str]], available: int) -> list[int] | None:
    """The widths, the widest made narrower until the table fits; None when words would have to be broken."""
    fitted = list(widths)
    least = [
        max([min(width, _LEAST_WIDTH), *(len(word) for cell in column for word in cell.split())])
        for width, column in zip(widths, zip(*rows, strict=True), strict=True)
    ]
    for _ in range(sum(widths) + _GAP * (len(widths) - 1) - available):
        spare = [index for index, width in enumerate(fitted) if width > least[index]]
        if not spare:
            return None
        fitted[max(spare, key=fitted.__getitem__)] -= 1
    return fitted


def _broken(row: Sequence[str], widths: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """The lines of a row: its cells broken between words where they are wider than their columns."""
    cells = [
        textwrap.wrap(cell, width, break_long_words=False, break_on_hyphens=False) if len(cell) > width else [cell]
        for cell, width in zip(row, widths, strict=True)
    ]
    return itertools.zip_longest(*cells, fillvalue="")


def _to_stderr(text: str) -> None:
    """After what standard output holds back, so that both streams read in order where they are one."""
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)


_ASCII = str.maketrans({"→": "->", "≥": ">=", "≤": "<=", "✓": "ok", "✗": "x", "·": "-", "…": "...", "–": "-"})


def _encodable(text: str, stream: TextIO) -> str:
    encoding = stream.encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text
