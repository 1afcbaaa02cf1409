"""What Google Cloud asks of custom roles and of who is given which role."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_POLICY = "cloud.google.com/iam/docs/reference/rest/v1/Policy"
_ROLE = r"roles/[A-Za-z0-9_.]+|(projects|organizations)/[^/]+/roles/[A-Za-z0-9_.]{3,64}"
_MEMBER = r"(user|group|serviceAccount|domain):[^\s:]+|principal(Set)?://\S.*"
_PATTERNS = {"role": _ROLE, "member": _MEMBER}

RULES = {
    "gcp:projects/iAMCustomRole:IAMCustomRole": TypeRules(
        source="cloud.google.com/iam/docs/reference/rest/v1/projects.roles",
        name=NameRule(property="roleId", pattern=r"[A-Za-z0-9_.]+", minimum=3, maximum=64, unique="account"),
        replaced_by=frozenset({"project", "roleId"}),
        patterns={"title": r"(?s).{1,100}", "description": r"(?s).{0,300}"},
        choices={"stage": frozenset({"ALPHA", "BETA", "GA", "DEPRECATED", "DISABLED", "EAP"})},
    ),
    "gcp:projects/iAMMember:IAMMember": TypeRules(
        source=_POLICY,
        replaced_by=frozenset({"project", "role", "member", "condition"}),
        patterns={**_PATTERNS, "condition.title": r"(?s).{1,100}", "condition.expression": r"(?s).{1,10000}"},
    ),
    "gcp:vertex/aiEndpointIamMember:AiEndpointIamMember": TypeRules(
        source=_POLICY,
        replaced_by=frozenset({"project", "location", "endpoint", "role", "member", "condition"}),
        patterns=_PATTERNS,
    ),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": TypeRules(
        source=_POLICY,
        replaced_by=frozenset({"project", "location", "repository", "role", "member", "condition"}),
        patterns=_PATTERNS,
    ),
}
"""By type token. A deleted custom role comes back when it is made again."""
