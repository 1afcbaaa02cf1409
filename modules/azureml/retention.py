"""How long blobs stay: what is in use stays for good, what was replaced or can be computed again goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
from pulumi_azure_native import storage as azure_storage

from ..contract.component import Component

_CACHE_DAYS: Final = 30
_COOL_AFTER_DAYS: Final = 90


def management_policy(
    component: Component,
    account: str,
    *,
    group: str,
    artifact_days: int,
    requests: bool,
    after: pulumi.Resource,
) -> azure_storage.ManagementPolicy:
    """The rules of an account: earlier versions of data and artifacts go after ``artifact_days``, the cache in a month.

    The current version of an artifact is never deleted, since the champion may be older than any term.
    """
    rules = [
        _rule("artifacts", ["artifacts/"], cool=_COOL_AFTER_DAYS, version_days=artifact_days),
        _rule("data", ["data/"], version_days=artifact_days),
        _rule("cache", ["cache/"], delete_days=_CACHE_DAYS, version_days=1),
    ]
    if requests:
        rules.append(_rule("requests", ["requests/"], delete_days=artifact_days, version_days=1))
    return azure_storage.ManagementPolicy(
        f"{component.name}-retention",
        management_policy_name="default",
        account_name=account,
        resource_group_name=group,
        policy=azure_storage.ManagementPolicySchemaArgs(rules=rules),
        opts=component.child(depends_on=[after]),
    )


def _rule(
    name: str, prefixes: Sequence[str], *, version_days: int, cool: int | None = None, delete_days: int | None = None
) -> azure_storage.ManagementPolicyRuleArgs:
    current = azure_storage.ManagementPolicyBaseBlobArgs(
        tier_to_cool=None
        if cool is None
        else azure_storage.DateAfterModificationArgs(days_after_modification_greater_than=cool),
        delete=None
        if delete_days is None
        else azure_storage.DateAfterModificationArgs(days_after_modification_greater_than=delete_days),
    )
    return azure_storage.ManagementPolicyRuleArgs(
        name=name,
        enabled=True,
        type="Lifecycle",
        definition=azure_storage.ManagementPolicyDefinitionArgs(
            filters=azure_storage.ManagementPolicyFilterArgs(blob_types=["blockBlob"], prefix_match=list(prefixes)),
            actions=azure_storage.ManagementPolicyActionArgs(
                base_blob=current if cool is not None or delete_days is not None else None,
                version=azure_storage.ManagementPolicyVersionArgs(
                    delete=azure_storage.DateAfterCreationArgs(days_after_creation_greater_than=version_days)
                ),
            ),
        ),
    )
