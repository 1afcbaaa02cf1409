"""What a command gives back: data for machines, text for people, the next command to type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..core.exit_codes import ExitCode
from .output import Output


@dataclass(frozen=True, kw_only=True)
class Result:
    """A command's outcome. ``text`` writes it to standard output for people; ``next`` are commands worth typing now."""

    data: Mapping[str, object]
    text: Callable[[Output], None]
    next: Sequence[str] = ()
    warnings: Sequence[str] = ()
    exit_code: ExitCode = ExitCode.DONE
    errors: Sequence[Mapping[str, object]] = field(default_factory=list[Mapping[str, object]])
