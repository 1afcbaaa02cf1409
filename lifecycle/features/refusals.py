"""Many things that are wrong with data, told at once."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.errors import DataError, Problem

MOST = 20
"""So many are told one by one."""


def refuse(problems: Sequence[Problem], *, hint: str = "") -> None:
    """Raises DataError for these, if there are any; of very many the first ones, and how many more there are."""
    if not problems:
        return
    told = list(problems[:MOST])
    if len(problems) > MOST:
        told.append(Problem(message=f"{len(problems) - MOST} more of this kind", hint=hint))
    raise DataError(told[0].message, where=told[0].where, hint=told[0].hint, problems=told)
