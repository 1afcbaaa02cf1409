"""Makes any text safe to stand in Markdown, with as few backslashes as that takes."""

from __future__ import annotations

import re

_MARKS = re.compile(r"[`*~|\[\]]")
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~]|$)")
_OUTER_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w+;|$)")
_TAG = re.compile(r"<(?![\s\d=])")
# What opens a block when it stands first in a line, or underlines the line before; last, what closes a heading.
_FIRST = re.compile(r"^(?=[#>]|[-+](?:\s|$)|[-=:][-=: ]*$)")
_NUMBERED = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))")
_CLOSING = re.compile(r"(?<=\s)(?=#+$)")


def escaped(text: str) -> str:
    """The text as one line of Markdown that shows it as it is, whitespace folded, wherever the line stands.

    It may be a paragraph, a heading, a table's cell or a part of them; in a code span it needs other care.
    """
    line = _BACKSLASH.sub(r"\\\\", " ".join(text.split()))
    line = _MARKS.sub(r"\\\g<0>", line)
    line = _OUTER_UNDERSCORE.sub(r"\\_", line)
    line = _TAG.sub("&lt;", _ENTITY.sub("&amp;", line))
    line = _CLOSING.sub(r"\\", _NUMBERED.sub(r"\1\\", line))
    return _FIRST.sub(r"\\", line)
