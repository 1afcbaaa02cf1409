"""The budget of an environment: who is told when what share of it is spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pulumi

    from .foundation import FoundationOutputs


@dataclass(frozen=True, kw_only=True)
class BudgetArguments:
    """``amount`` a month in ``currency`` (ISO 4217), from ``start`` (``YYYY-MM-01``); ``notify_at`` are shares."""

    foundation: FoundationOutputs
    amount: float
    currency: str
    notify_at: tuple[float, ...]
    contacts: tuple[str, ...]
    start: str = ""


@dataclass(frozen=True, kw_only=True)
class BudgetOutputs:
    """The budget's id."""

    id: pulumi.Input[str]
