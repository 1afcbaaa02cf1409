"""The quota that plans need: for each stack, and together, since a quota is the account's and not a stack's."""

from __future__ import annotations

from collections.abc import Sequence

from ....stacks.planning.plan import Plan

Need = tuple[str, str, str, str, str]
"""Amount with unit, family, region, stack, and what it is for."""


def needs(plans: Sequence[Plan]) -> list[Need]:
    """A row for each need of each stack; then one for each family that several stacks need in a region."""
    rows: list[Need] = []
    together: dict[tuple[str, str, str], dict[str, float]] = {}
    for plan in plans:
        for need in plan.quota:
            amount = f"{need.amount:g} {need.unit}"
            rows.append((amount, need.family, need.region, plan.stack, ", ".join(need.reasons)))
            by_stack = together.setdefault((need.unit, need.family, need.region), {})
            by_stack[plan.stack] = by_stack.get(plan.stack, 0) + need.amount
    sums = [
        (f"{sum(by_stack.values()):g} {unit}", family, region, "together", f"{', '.join(by_stack)} in one account")
        for (unit, family, region), by_stack in together.items()
        if len(by_stack) > 1
    ]
    return [*rows, *sums]
