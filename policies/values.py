"""Values of a planned resource that are more than data: absent, unknown until deployment, secret."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal


class _Absent(Enum):
    ABSENT = "absent"

    def __repr__(self) -> str:
        return "absent"


ABSENT: Final = _Absent.ABSENT
"""A property that is not given; the cloud's default holds."""

Absent = Literal[_Absent.ABSENT]


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """A value that is known only after deployment; ``of`` are the URNs of the resources that determine it."""

    of: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "known after deployment"


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that is there and is shown to nobody."""

    def __str__(self) -> str:
        return "secret"


SECRET: Final = Secret()


def shown(value: object) -> str:
    """A value as a report shows it, on one line of at most 120 characters."""
    if value is ABSENT:
        return "not set"
    if isinstance(value, str) and len(value) < 120 and value.isalnum():
        return value
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.split())
    return text if len(text) <= 120 else f"{text[:119]}…"
