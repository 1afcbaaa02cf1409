"""Who gains which permission, read back from the members of a plan: each gives one role on one resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ..contract.planned import Grant, PlannedResource, Unknown
from .roles import WORKLOAD_IDENTITY_USER

_SCOPES: Final = {
    "gcp:projects/iAMMember:IAMMember": "project",
    "gcp:storage/bucketIAMMember:BucketIAMMember": "bucket",
    "gcp:bigquery/datasetIamMember:DatasetIamMember": "datasetId",
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": "cryptoKeyId",
    "gcp:serviceaccount/iAMMember:IAMMember": "serviceAccountId",
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": "repository",
    "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember": "endpoint",
}
"""By type token the property that says on what a role is given."""

_KINDS: Final = {
    "bucket": "buckets",
    "datasetId": "datasets",
    "endpoint": "endpoints",
    "project": "projects",
    "repository": "repositories",
}
"""How a scope that is no path is written as one."""

_ACCOUNT: Final = "gcp:serviceaccount/account:Account"
_AGENT: Final = "gcp:projects/serviceIdentity:ServiceIdentity"
_CUSTOM_ROLE: Final = "gcp:projects/iAMCustomRole:IAMCustomRole"
_OTHER_STACK: Final = "pulumi:pulumi:StackReference"
"""An environment takes from the shared stack CI's principal and the key, of what grants are about."""

_NAMES: Final = ("accountId", "name", "datasetId", "repositoryId")


def grants(resources: Sequence[PlannedResource]) -> tuple[Grant, ...]:
    """The grants of a plan, sorted; names stand for values that are known only after ``up``."""
    by_urn = {one.urn: one for one in resources}
    titles = _titles(resources)
    found = [_grant(one, by_urn, titles) for one in resources if one.type in _SCOPES]
    return tuple(sorted(found, key=lambda grant: (grant.principal, grant.role, grant.scope, grant.resource)))


def _grant(one: PlannedResource, by_urn: Mapping[str, PlannedResource], titles: Mapping[str, str]) -> Grant:
    role = one.properties.get("role")
    condition = " (under a condition)" if one.properties.get("condition") else ""
    known = "a role known after up" if isinstance(role, Unknown) else str(role)
    member = one.properties.get("member")
    # A job of CI is named below the project's number, which the config need not say.
    by_federation = isinstance(member, Unknown) and role == WORKLOAD_IDENTITY_USER
    return Grant(
        principal="CI, by workload identity federation" if by_federation else _who(member, by_urn),
        role=titles.get(known, known) + condition,
        scope=_where(one, by_urn),
        resource=one.name,
    )


def _titles(resources: Sequence[PlannedResource]) -> Mapping[str, str]:
    """The custom roles' titles by what a grant calls them."""
    return {
        f"projects/{one.properties['project']}/roles/{one.properties['roleId']}": str(one.properties["title"])
        for one in resources
        if one.type == _CUSTOM_ROLE
    }


def _who(member: object, by_urn: Mapping[str, PlannedResource]) -> str:
    if not isinstance(member, Unknown):
        return str(member)
    return ", ".join(_determined(urn, by_urn) for urn in member.of) or "known after up"


def _determined(urn: str, by_urn: Mapping[str, PlannedResource]) -> str:
    """The member that a resource determines: a service account, an agent of Google's, or an output of another stack."""
    one = by_urn.get(urn)
    if one is not None and one.type == _ACCOUNT:
        return f"serviceAccount:{one.properties['accountId']}@{one.properties['project']}.iam.gserviceaccount.com"
    if one is not None and one.type == _AGENT:
        return f"a service agent of Google's in {one.properties['project']}"
    if one is not None and one.type == _OTHER_STACK:
        return "CI, by its identity in the shared stack"
    return f"known after up, from {urn.rpartition('::')[2]}"


def _where(one: PlannedResource, by_urn: Mapping[str, PlannedResource]) -> str:
    """The last two segments of what the role is given on, such as ``buckets/churn-dev-data-1a2b3c4d``."""
    key = _SCOPES[one.type]
    scope = one.properties.get(key)
    if isinstance(scope, Unknown):
        return ", ".join(_named(urn, by_urn) for urn in scope.of) or "known after up"
    return f"{_KINDS[key]}/{scope}" if key in _KINDS else "/".join(str(scope).split("/")[-2:])


def _named(urn: str, by_urn: Mapping[str, PlannedResource]) -> str:
    one = by_urn.get(urn)
    if one is not None and one.type == _OTHER_STACK:
        return "the key of the shared stack"
    named = [] if one is None else [value for name in _NAMES if isinstance(value := one.properties.get(name), str)]
    return named[0] if named else urn.rpartition("::")[2]
