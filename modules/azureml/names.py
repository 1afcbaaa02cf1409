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

    An underscore becomes a hyphen. A name that loses something, by that or by ``maximum``, ends in a hash of the whole.
    """
    whole = "-".join((prefix, context.project, context.environment, *parts))
    written = whole.replace("_", "-")
    if written == whole and len(whole) <= maximum:
        return whole
    return _ending(written, "-" + token(context, whole), maximum)


def unique(context: Context, prefix: str, maximum: int, separator: str = "-") -> str:
    """A name that is taken once in all of Azure; it ends in a hash of subscription, stack and region."""
    stem = f"{prefix}-{context.project}-{context.environment}".replace("_", "-").replace("-", separator)
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


def account_name(context: Context) -> str:
    """The name of a stack's storage account."""
    return unique(context, "st", 24, separator="")


def models_name(context: Context) -> str:
    """The name of a stack's registry of models."""
    return unique(context, "mlr", 33)


def workspace_name(context: Context) -> str:
    """The name of a stack's workspace."""
    return within(context, "mlw", 33)


def identity_name(context: Context, what: str) -> str:
    """The name of the identity that a kind of work acts as."""
    return within(context, "id", 128, what)


def endpoint_name(context: Context, endpoint: str) -> str:
    """The name of an endpoint, which is taken once in a region of Azure: the config's and a token of the stack's."""
    return f"{endpoint.replace('_', '-')}-{token(context, 'endpoint', endpoint)}"


def _ending(stem: str, ending: str, maximum: int) -> str:
    return stem[: maximum - len(ending)].rstrip("-") + ending
