"""Partial golden plans: which resources a config makes, and of each only the attributes that the golden lists.

``pytest --update-plans`` rewrites them: the values of what is listed, and new resources with what matters most.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from groundplan.modules.contract.planned import PlannedResource, Secret, Unknown
from groundplan.stacks.planning import rules
from groundplan.stacks.planning.plan import Plan
from ruamel.yaml import YAML

Golden = dict[str, dict[str, dict[str, Any]]]
"""Stack → resource's logical name → attribute path → value."""

NOTABLE = frozenset(
    {
        "adminUserEnabled", "allowBlobPublicAccess", "allowSharedKeyAccess", "attributeCondition", "authMode",
        "cron", "disableLocalAuth", "disablePublicIp", "enableNodePublicIp", "enablePurgeProtection",
        "enableRbacAuthorization", "expression", "idleTimeBeforeShutdown", "isolationMode", "kmsKeyName", "location",
        "minNodeCount", "minimumTlsVersion", "principalId", "principalType", "privateIpGoogleAccess",
        "publicAccessPrevention", "publicNetworkAccess", "role", "roleDefinitionId", "scope", "subject",
        "systemDatastoresAuthMode", "uniformBucketLevelAccess", "vmSize",
    }
)  # fmt: skip
"""Attributes that a new entry lists by itself: what makes a resource private, keyless, small, or somebody's."""


def of_plans(plans: Sequence[Plan], listed: Golden | None = None) -> Golden:
    """The golden of these plans; for resources that ``listed`` has, with the attributes listed there."""
    return {
        plan.stack: {
            one.name: _entry(one, plan.platform, (listed or {}).get(plan.stack, {}).get(one.name)) for one in plan.made
        }
        for plan in plans
    }  # fmt: skip


def read(path: Path) -> Golden:
    """A golden file; an empty one where there is none."""
    yaml: Any = YAML(typ="safe")
    return cast("Golden", yaml.load(path)) if path.exists() else {}


def write(path: Path, golden: Golden) -> None:
    """Write a golden file, one line for each resource."""
    yaml: Any = YAML()
    yaml.width = 10_000
    yaml.default_flow_style = None
    text = io.StringIO()
    yaml.dump(golden, text)
    path.write_text(text.getvalue())


def _entry(one: PlannedResource, platform: str, listed: Mapping[str, Any] | None) -> dict[str, Any]:
    values = dict(_leaves(one.properties))
    everything: dict[str, Any] = {"resource": one.type, "protected": one.protect, **values}
    if listed is not None:
        return {path: everything.get(path) for path in listed}
    notable = {path: value for path, value in values.items() if path.rpartition(".")[2] in NOTABLE}
    rule = rules.of_platform(platform).get(one.type)
    name = rule.name.property if rule is not None and rule.name is not None else "name"
    named = {name: values[name]} if name in values else {}
    protected = {"protected": True} if one.protect else {}
    return {"resource": one.type, **protected, **named, **notable}


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Unknown):
        yield path, "(known after up)"
    elif isinstance(value, Secret):
        yield path, "(secret)"
    elif isinstance(value, Mapping):
        for key, entry in cast("Mapping[str, object]", value).items():
            yield from _leaves(entry, f"{path}.{key}" if path else key)
    elif isinstance(value, list | tuple):
        for index, entry in enumerate(cast("Sequence[object]", value)):
            yield from _leaves(entry, f"{path}.{index}")
    else:
        yield path, value
