"""Names at Azure: of resources, from project, environment and region; and the ids that follow from them."""

from __future__ import annotations

import hashlib
import uuid

from ..contract.context import Context

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "groundplan.azureml")
_TOKEN_LENGTH = 8


def group(context: Context) -> str:
    """The name of the stack's resource group."""
    return within(context, "rg", 90, context.region)


def within(context: Context, prefix: str, maximum: int, *parts: str) -> str:
    """A name that is taken once in its resource group: ``prefix-project-environment[-part…]``.

    Longer than ``maximum`` characters, it ends in a hash of what was cut off.
    """
    whole = "-".join((prefix, context.project, context.environment, *parts))
    return whole if len(whole) <= maximum else _ending(whole, "-" + token(context, whole), maximum)


def unique(context: Context, prefix: str, maximum: int, separator: str = "-") -> str:
    """A name that is taken once in all of Azure; it ends in a hash of subscription, stack and region."""
    stem = separator.join((prefix, *_plain(context, separator)))
    return _ending(stem, separator + token(context, prefix), maximum)


def token(context: Context, *parts: str) -> str:
    """Eight characters that tell one subscription, project, environment and region from another."""
    whole = (context.account.subscription, context.project, context.environment, context.region, *parts)
    return hashlib.sha256("\n".join(whole).encode()).hexdigest()[:_TOKEN_LENGTH]


def guid(context: Context, *parts: str) -> str:
    """A GUID that stays the same as long as the subscription, the stack and ``parts`` do."""
    whole = (context.account.subscription, context.project, context.environment, *parts)
    return str(uuid.uuid5(_NAMESPACE, "\n".join(whole)))


def subscription_id(context: Context) -> str:
    """The resource id of the subscription, as a scope."""
    return f"/subscriptions/{context.account.subscription}"


def group_id(context: Context) -> str:
    """The resource id of the stack's resource group, as a scope."""
    return f"{subscription_id(context)}/resourceGroups/{group(context)}"


def resource_id(context: Context, type: str, *names: str) -> str:
    """The resource id of a resource in the stack's group; a nested type takes the names from the outside in.

    ``resource_id(context, "Microsoft.Storage/storageAccounts", "stchurn")``
    """
    provider, *kinds = type.split("/")
    path = "/".join(f"{kind}/{name}" for kind, name in zip(kinds, names, strict=True))
    return f"{group_id(context)}/providers/{provider}/{path}"


def _plain(context: Context, separator: str) -> tuple[str, str]:
    """Project and environment without hyphens where the name may have none."""
    if separator:
        return context.project, context.environment
    return context.project.replace("-", ""), context.environment.replace("-", "")


def _ending(stem: str, ending: str, maximum: int) -> str:
    return stem[: maximum - len(ending)].rstrip("-") + ending
