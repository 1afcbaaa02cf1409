"""Keys in a vault of Azure: whether they renew themselves."""

from __future__ import annotations

from .conditions import folded, some
from .rule import Example, example

KEY = "azure-native:keyvault:Key"

renews = some(
    "properties.rotationPolicy.lifetimeActions[].action.type",
    lambda action: folded(action) == "rotate",
    "a rotation policy that renews the key",
)
"""The key's policy renews it; one that only warns does not."""


def example_of(name: str, action: str) -> Example:
    """An example of a key whose policy takes this action after 90 days."""
    actions = [{"action": {"type": action}, "trigger": {"timeAfterCreate": "P90D"}}]
    return example(name, KEY, {"properties": {"rotationPolicy": {"lifetimeActions": actions}}})
