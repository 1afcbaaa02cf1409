"""What Google Cloud asks of service accounts and of the pools by which CI gets in."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_API = "cloud.google.com/iam/docs/reference/rest/v1"
_POOL = r"(?!gcp-)[a-z0-9-]+"
_SUBJECT = r"principal://.+/subject/.{1,127}"

RULES = {
    "gcp:serviceaccount/account:Account": TypeRules(
        source=f"{_API}/projects.serviceAccounts/create",
        name=NameRule(
            property="accountId", pattern=r"[a-z]([-a-z0-9]*[a-z0-9])", minimum=6, maximum=30, unique="account"
        ),
        stateful=True,
        loses="its unique id, and with it every role that it was given anywhere",
        replaced_by=frozenset({"project", "accountId"}),
        patterns={"description": r"(?s).{0,256}", "displayName": r"(?s).{0,100}"},
    ),
    "gcp:serviceaccount/iAMMember:IAMMember": TypeRules(
        source="cloud.google.com/iam/docs/workload-identity-federation",
        replaced_by=frozenset({"serviceAccountId", "role", "member", "condition"}),
        patterns={"member": rf"{_SUBJECT}|(?!principal://).+"},
    ),
    "gcp:iam/workloadIdentityPool:WorkloadIdentityPool": TypeRules(
        source=f"{_API}/projects.locations.workloadIdentityPools",
        name=NameRule(property="workloadIdentityPoolId", pattern=_POOL, minimum=4, maximum=32, unique="account"),
        replaced_by=frozenset({"project", "workloadIdentityPoolId"}),
        patterns={"description": r"(?s).{0,256}"},
        soft_delete_days=30,
        purge="gcloud iam workload-identity-pools undelete {name} --location=global --project={group}",
    ),
    "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": TypeRules(
        source=f"{_API}/projects.locations.workloadIdentityPools.providers",
        name=NameRule(property="workloadIdentityPoolProviderId", pattern=_POOL, minimum=4, maximum=32, unique="parent"),
        replaced_by=frozenset({"project", "workloadIdentityPoolId", "workloadIdentityPoolProviderId"}),
        exactly_one=(frozenset({"oidc", "aws", "saml", "x509"}),),
        required=frozenset({"attributeCondition", "attributeMapping"}),
        patterns={
            "attributeCondition": r"(?s).{1,4096}",
            "oidc.issuerUri": r"https://[^\s*]+",
            "description": r"(?s).{0,256}",
        },
        soft_delete_days=30,
    ),
}
"""By type token. A pool that was deleted comes back with its providers; its name is not free before it is gone."""
