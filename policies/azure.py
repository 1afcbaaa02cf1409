"""What several rules about Azure ask for."""

from __future__ import annotations

from collections.abc import Sequence

from . import paths
from .conditions import all_of, any_of, folded, is_set, referenced, some
from .graph import Graph
from .outcome import PASS, Outcome, failed, unknown
from .resource import Resource
from .rule import Check, Facts, Said
from .values import ABSENT, SECRET, Unknown

DIAGNOSTICS = "azure-native:monitor:DiagnosticSetting"
ENDPOINT = "azure-native:network:PrivateEndpoint"
_ABOVE = ("azure-native:subscription:", "azure-native:management:")


def logged(*categories: str) -> Check:
    """A diagnostic setting sends logs of this resource somewhere; one of metrics alone is not enough.

    With ``categories``, which are ones of Azure's group ``audit``, logs of each of them.
    """
    wanted = f"{' and '.join(categories)} logs" if categories else "logs"
    return referenced(
        DIAGNOSTICS,
        "resourceUri",
        f"a diagnostic setting that sends {wanted} to a workspace, a storage account or an event hub",
        by=delivers(*categories),
    )


def delivers(*categories: str) -> Check:
    """A diagnostic setting sends logs, those of each of the ``categories`` if there are any, and says where to."""
    sinks = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
    some_logs = some("logs[].enabled", lambda on: folded(on) == "true", "a category of logs that is enabled")
    return all_of(
        *([_sends(one) for one in categories] or [some_logs]),
        any_of(*(is_set(sink, sink) for sink in sinks)),
    )


def _sends(category: str) -> Check:
    """Logs of a category are enabled by its name or by a group that holds it."""
    names = (category.lower(), "alllogs", "audit")
    expected = f"{category} logs, by name or in a group"

    def check(setting: Resource, _facts: Facts) -> Said:
        logs = [_enables(log, names) for _, log in setting.each("logs[]")]
        if True in logs:
            return PASS
        return unknown("logs", expected) if None in logs else _missing(setting, expected)

    return check


def _enables(log: object, names: Sequence[str]) -> bool | None:
    """Whether an entry enables one of these categories or groups; None where it cannot be told."""
    said = [paths.get(log, key) for key in ("enabled", "category", "categoryGroup")]
    if folded(said[0]) == "false" or said[0] is ABSENT:
        return False
    if any(isinstance(one, Unknown) or one is SECRET for one in said):
        return None
    return folded(said[0]) == "true" and any(folded(one) in names for one in said[1:])


def _missing(setting: Resource, expected: str) -> Outcome:
    given = [paths.get(log, key) for _, log in setting.each("logs[]") for key in ("category", "categoryGroup")]
    named = ", ".join(str(one) for one in given if one is not ABSENT)
    return failed("logs", named or ABSENT, expected)


def privately_linked(group: str) -> Check:
    """A private endpoint with this group leads to this resource."""
    return referenced(
        ENDPOINT,
        "privateLinkServiceConnections[].privateLinkServiceId",
        f"a private endpoint with the group {group}",
        by=some(
            "privateLinkServiceConnections[].groupIds[]",
            lambda found: folded(found) == group.lower(),
            f"the group {group}",
        ),
    )


def is_wide(scope: object, graph: Graph) -> bool | None:
    """Whether a scope is a subscription or lies above one; None where that cannot be told.

    A scope that other resources of the program determine is theirs, unless one of them is such a scope itself.
    """
    if isinstance(scope, Unknown):
        owners = [graph.by_urn.get(urn) for urn in scope.of]
        known = bool(owners) and all(one and one.type.startswith("azure-native:") for one in owners)
        return False if known and not any(one and one.type.startswith(_ABOVE) for one in owners) else None
    if not isinstance(scope, str):
        return None
    pieces = [piece for piece in scope.lower().split("/") if piece]
    return "managementgroups" in pieces or len(pieces) < 3
