"""The changes between two plans as JSON."""

from __future__ import annotations

from collections.abc import Sequence

from ....stacks.planning.comparison import ResourceChange
from ....stacks.planning.encoding import value_encoded


def changes_data(changes: Sequence[ResourceChange]) -> list[dict[str, object]]:
    """One object for each resource that changed."""
    return [_change(change) for change in changes]


def _change(change: ResourceChange) -> dict[str, object]:
    return {
        "kind": change.kind,
        "stack": change.stack,
        "urn": change.urn,
        "type": change.type,
        "name": change.name,
        "properties": [
            {
                "path": one.path,
                "before": value_encoded(one.before),
                "after": value_encoded(one.after),
                "forces_replacement": one.forces,
            }
            for one in change.properties
        ],
        "stateful": change.stateful,
        "loses": change.loses,
        "cause": change.cause,
        "where": change.where,
    }
