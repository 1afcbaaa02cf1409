"""Text to tree: YAML 1.2 without its traps, within limits, every complaint with its place."""

from __future__ import annotations

import codecs
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from ...core.errors import ConfigError, Problem
from .problems import syntax_problem
from .tree import Content, Node, Scalar, Source, Span

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_NODES = 10_000
MAX_TEXT = 10_000
MAX_INTEGER = 2**53

_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_AMBIGUOUS = re.compile(r"[-+]?(0[0-9_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+|[0-9]+(_[0-9]+)+)(\.[0-9_]*)?")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_MARKS = ((codecs.BOM_UTF32_LE, "UTF-32"), (codecs.BOM_UTF16_LE, "UTF-16"), (codecs.BOM_UTF16_BE, "UTF-16"))


def load_file(path: FilePath, name: str) -> Node:
    """The tree of a config file; ``name`` stands in messages. Raises ConfigError with all that is wrong."""
    return load_text(Source(name=name, text=text_of(path, name)))


def text_of(path: FilePath, name: str) -> str:
    """The file's text without a byte order mark, line ends as they are. Raises ConfigError."""
    content = _bytes_of(path, name)
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            raise _unreadable(f"{name} is written in {encoding}", name, "Save it as UTF-8.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        where = f"{name}:{before.count(bytes([10])) + 1}:{column}"
        raise _unreadable(f"{name} is not UTF-8 text", where, "Save it as UTF-8.") from error
    found = _UNPRINTABLE.search(text)
    if found is not None:
        line, column = _line_and_column(text, found.start())
        raise _unreadable(
            f"{name} holds the unprintable character U+{ord(found[0]):04X}", f"{name}:{line}:{column}", "Remove it."
        )
    return text


def load_text(source: Source) -> Node:
    """The tree of a YAML text. Raises ConfigError with all that is wrong."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    builder = _Builder(source)
    yaml: Any = YAML(typ="rt", pure=True)
    try:
        root = builder.document(iter(yaml.parse(source.text)))
    except MarkedYAMLError as error:
        raise ConfigError.of([*builder.problems, _parser_problem(source, error)]) from error
    except (YAMLError, ReaderError, RecursionError, ValueError) as error:
        raise ConfigError.of([syntax_problem(source, Span(), str(error))]) from error
    if builder.problems:
        raise ConfigError.of(builder.problems)
    return root


def _parser_problem(source: Source, error: Any) -> Problem:
    unclosed = "end of stream" in (error.problem or "") or "expected ',' or" in (error.problem or "")
    mark = (error.context_mark if unclosed else None) or error.problem_mark or error.context_mark
    span = _span(mark, mark) if mark is not None else Span()
    return syntax_problem(source, span, error.problem or "")


def _bytes_of(path: FilePath, name: str) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _unreadable(f"{name} is not a file", name, "Put a plain text file there.")
        if status.st_size > MAX_BYTES:
            size = f"{status.st_size / 1e6:.1f} MB"
            raise _unreadable(f"{name} has {size}; a config has at most 1 MB", f"{name}:1:1", "Keep data out of it.")
        return path.read_bytes()
    except OSError as error:
        hint = "Give yourself the right to read it." if isinstance(error, PermissionError) else ""
        raise _unreadable(f"cannot read {name}: {error.strerror or error}", name, hint) from error


def _unreadable(message: str, where: str, hint: str) -> ConfigError:
    return ConfigError(message, where=where, hint=hint)


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1


class _Builder:
    """Builds the tree from the parser's events, so that a limit stops it before memory or time is spent."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node] = {}
        self.nodes = 0

    def document(self, events: Iterator[Any]) -> Node:
        """The one mapping or scalar of the one document."""
        root: Node | None = None
        for event in events:
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                if root is not None:
                    self.stop(event, "a second document starts here; a config is one document", "Remove the '---'.")
                root = self.node(next(events), events, 0)
        return root if root is not None else Node(content=None, kind=self.source.kind, source=self.source)

    def node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        """The node that starts with this event."""
        kind = type(event).__name__
        node = self.alias(event) if kind == "AliasEvent" else self.value(kind, event, events, depth)
        self.nodes += node.size if kind == "AliasEvent" else 1
        if self.nodes > MAX_NODES:
            self.stop(event, f"the config has more than {MAX_NODES:,} values, aliases counted as often as used",
                      "Keep data out of the config; give lists a file of their own.")  # fmt: skip
        anchor = None if kind == "AliasEvent" else event.anchor
        if anchor is not None:
            self.anchors[str(anchor)] = node
        return node

    def value(self, kind: str, event: Any, events: Iterator[Any], depth: int) -> Node:
        """A scalar, list or mapping."""
        if depth > MAX_DEPTH:
            self.stop(event, f"the config is nested more than {MAX_DEPTH} levels deep", "Flatten it.")
        if kind == "ScalarEvent" and len(event.value) > MAX_TEXT:
            self.stop(event, f"a text of more than {MAX_TEXT:,} characters", "Keep data out of the config.")
        if event.tag is not None:
            self.complain(
                event, f"the tag {_tag(event)} is not allowed; a config holds plain values only", "Remove it."
            )
        if kind == "MappingStartEvent":
            return self.mapping(event, events, depth)
        if kind == "SequenceStartEvent":
            return self.sequence(event, events, depth)
        return self.made(event, event, self.scalar(event), style=event.style or "")

    def mapping(self, start: Any, events: Iterator[Any], depth: int) -> Node:
        """A mapping; keys are text, each stands once."""
        content: dict[str, Node] = {}
        while type(event := next(events)).__name__ != "MappingEndEvent":
            name = self.key(event, events, depth)
            key = _span(event.start_mark, event.end_mark)
            if name in content:
                first = content[name].key or key
                self.complain(event, f"the key '{name}' stands twice; first on line {first.line + 1}", "Keep one.")
            content[name] = replace(self.node(next(events), events, depth + 1), key=key)
        return self.made(start, event, content, size=1 + sum(node.size for node in content.values()))

    def key(self, event: Any, events: Iterator[Any], depth: int) -> str:
        """The key as text."""
        kind = type(event).__name__
        if kind != "ScalarEvent":
            self.node(event, events, depth + 1)
            self.complain(event, "a key is a plain word", "Write 'name: value'.")
            return f"\0{self.nodes}"
        if event.tag is not None:
            self.complain(event, f"the tag {_tag(event)} is not allowed", "Remove it.")
        if event.value == "<<":
            self.complain(event, "merge keys ('<<') are not supported",
                          "Write the values out; environments override only what differs.")  # fmt: skip
        return str(event.value)

    def sequence(self, start: Any, events: Iterator[Any], depth: int) -> Node:
        """A list."""
        content: list[Node] = []
        while type(event := next(events)).__name__ != "SequenceEndEvent":
            content.append(self.node(event, events, depth + 1))
        return self.made(start, event, content, size=1 + sum(node.size for node in content))

    def made(self, start: Any, end: Any, content: Content, *, style: str = "", size: int = 1) -> Node:
        """The node between two events."""
        return Node(
            content=content,
            kind=self.source.kind,
            source=self.source,
            span=_span(start.start_mark, end.end_mark),
            flow=bool(getattr(start, "flow_style", False)),
            style=style,
            size=size,
        )

    def alias(self, event: Any) -> Node:
        """The node that an alias repeats, at the alias's place."""
        name = str(event.anchor)
        if name not in self.anchors:
            self.stop(event, f"the alias *{name} names no anchor before it", f"Put &{name} at the value it repeats.")
        return replace(self.anchors[name], span=_span(event.start_mark, event.end_mark), flow=True)

    def scalar(self, event: Any) -> Scalar:
        """The value of a scalar: what is quoted is text, what is ambiguous is a problem."""
        text: str = event.value
        if event.style:
            # ruamel marks the folds of a folded scalar with BEL, which YAML itself does not allow there.
            return text.replace("\a", "") if event.style == ">" else text
        if text in _NULLS:
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _INTEGER.fullmatch(text):
            return self.integer(event, text)
        if _FLOAT.fullmatch(text):
            return self.number(event, text)
        if _NOT_A_NUMBER.fullmatch(text):
            self.complain(
                event, f"{text} is not a number that a config can hold", f"Quote it if text is meant: '{text}'."
            )
        elif _AMBIGUOUS.fullmatch(text):
            self.complain(event, f"{text} is read as different numbers by different programs",
                          f"Write a plain decimal number, or quote it if text is meant: '{text}'.")  # fmt: skip
        return text

    def integer(self, event: Any, text: str) -> int:
        """A whole number that survives JSON."""
        if len(text) > 17 or abs(int(text)) > MAX_INTEGER:
            self.complain(event, "this number is too large to be kept exactly", "Quote it if text is meant.")
            return 0
        return int(text)

    def number(self, event: Any, text: str) -> float:
        """A finite number."""
        value = float(text)
        if value in (float("inf"), float("-inf")):
            self.complain(event, "this number is too large", "Quote it if text is meant.")
            return 0.0
        return value

    def complain(self, event: Any, message: str, hint: str) -> None:
        """Note a problem and go on."""
        span = _span(event.start_mark, event.end_mark)
        self.problems.append(syntax_problem(self.source, span, message, hint=hint))

    def stop(self, event: Any, message: str, hint: str) -> None:
        """Note a problem and give up."""
        self.complain(event, message, hint)
        raise ConfigError.of(self.problems)


def _tag(event: Any) -> str:
    return str(event.tag).replace("tag:yaml.org,2002:", "!!")


def _span(start: Any, end: Any) -> Span:
    return Span(
        line=start.line, column=start.column, index=start.index,
        end_line=end.line, end_column=end.column, end_index=end.index,
    )  # fmt: skip
