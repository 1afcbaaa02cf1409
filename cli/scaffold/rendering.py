"""Renders a template's files in Jinja2's sandbox, from a small part of its language, to paths that stay inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from ...core.errors import GroundplanError
from .quoting import FILTERS

MAX_FILE = 2_000_000
"""The most characters that a file may have, before or after rendering."""

MAX_LOOPS = 2
"""How deep loops may be nested: with the cap on answers it bounds the time that rendering takes."""

_LANGUAGE = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.For, nodes.Name, nodes.Const, nodes.Tuple,
    nodes.List, nodes.Getattr, nodes.Getitem, nodes.Filter, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.CondExpr,
)  # fmt: skip
"""What templates may use. Calls, macros, assignments, includes and arithmetic are left out: nothing needs them,
and without them a template cannot run code, read files or grow without bound."""

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


class TemplateFaultError(GroundplanError):
    """A template that cannot be rendered, or would write outside the project."""

    code = "TEMPLATE"


def render(text: str, answers: Mapping[str, object], *, where: str) -> str:
    """The text with the answers filled in; an undefined name is an error. Raises TemplateFaultError."""
    try:
        environment = _environment()
        if len(text) > MAX_FILE:
            raise _fault(f"is longer than {MAX_FILE} characters", where)
        _check(environment.parse(text), where)
        rendered = ""
        for part in environment.from_string(text).generate(dict(answers)):
            rendered += part
            if len(rendered) > MAX_FILE:
                raise _fault(f"renders to more than {MAX_FILE} characters", where)
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        raise _fault(error.message or type(error).__name__, f"{where}:{line}" if line else where) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise _fault(str(error), where) from error
    return rendered


def safe_path(path: str) -> PurePosixPath:
    """A rendered path that stays inside the project on every operating system. Raises TemplateFaultError."""
    parts = path.split("/")
    if any(
        part in {"", ".", ".."}
        or any(character in '\\:*?"<>|%' or not character.isprintable() for character in part)
        or part[-1] in ". "
        or part.lower() == ".git"
        or _RESERVED.fullmatch(part)
        for part in parts
    ):
        raise _fault(f"would write to {path!r}, which is not a plain path inside the project", path)
    return PurePosixPath(*parts)


def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.globals.clear()
    environment.filters.clear()
    environment.filters.update(FILTERS)
    return environment


def _check(node: nodes.Node, where: str, loops: int = 0) -> None:
    if not isinstance(node, _LANGUAGE):
        raise _fault(f"uses {type(node).__name__}, which templates may not", f"{where}:{node.lineno}")
    loops += isinstance(node, nodes.For)
    if loops > MAX_LOOPS:
        raise _fault(f"nests loops deeper than {MAX_LOOPS}", f"{where}:{node.lineno}")
    for child in node.iter_child_nodes():
        _check(child, where, loops)


def _fault(what: str, where: str) -> TemplateFaultError:
    return TemplateFaultError(f"the template {what}", where=where, hint="This is a fault of the template.")
