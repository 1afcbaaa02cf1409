"""Federation lets in only who is meant.

What: a provider of a workload identity pool has an ``attributeCondition`` that looks at what the token claims. For
GitHub it names the repository, whole: by ``repository``, ``repository_id`` or a ``sub`` of that repository. A
provider that is switched off is not judged.

Why: GitHub signs tokens for every repository in the world with one issuer. Without a condition all of them can come
in.

Fix: set ``identity.federation.repository`` in groundplan.yaml, or write a condition such as ``assertion.repository_id
== "123456" && assertion.ref == "refs/heads/main"``.

Decided: one published rule wants the condition to be on ``sub`` and nothing else. The id of a repository says the
same, and holds when a name is given up and taken by somebody else. That of an owner alone lets in every repository of
theirs, and does not pass. The condition is read as text: what stands behind an ``||`` is not weighed.
"""

import re

from ..conditions import differs, judged, when
from ..outcome import Verdict, unknown
from ..resource import Resource
from ..rule import Facts, ResourceRule, Said, Severity, example
from ..values import Secret, Unknown

PROVIDER = "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider"
GITHUB = {"oidc": {"issuerUri": "https://token.actions.githubusercontent.com"}}
_EXPECTED = "a condition that names the repository"

_CLAIM = re.compile(r"\b(?:assertion|attribute|google)\s*(?:\.|\[)")
_REPOSITORY = re.compile(
    r"""(?:assertion|attribute)\.repository(?:_id)?\s*(?:==|in)\s*\[?\s*['"][^'"*]+['"]"""
    r"""|(?:assertion\.sub|google\.subject)\s*(?:==|in|\.startsWith)\s*[\[(]?\s*['"]repo:[^'"*/:]+/[^'"*/:]+:"""
)


def _check(resource: Resource, _facts: Facts) -> Said:
    issuer, path = resource.get("oidc.issuerUri"), "attributeCondition"
    condition = resource.get(path)
    named = judged(path, condition, lambda found: _REPOSITORY.search(str(found)) is not None, _EXPECTED)
    if str(issuer).lower().startswith(GITHUB["oidc"]["issuerUri"]):
        return named
    limited = judged(path, condition, lambda found: _CLAIM.search(str(found)) is not None, "a condition on a claim")
    if limited.verdict is Verdict.PASS and isinstance(issuer, (Unknown, Secret)):
        return named if named.verdict is Verdict.PASS else unknown("oidc.issuerUri", _EXPECTED)
    return limited


RULE = ResourceRule(
    id="IAM-06",
    title="Federation restricted",
    severity=Severity.HIGH,
    types=(PROVIDER,),
    check=when(differs("disabled", True, absent=False), _check, "it is switched off"),
    covers=(
        "CKV_GCP_118",
        "CKV_GCP_125",
        "GCP-0068",
        "iam_workload_identity_pool_provider_attribute_condition",
    ),
    packs=("baseline", "hardened"),
    remedy="identity: {federation: {provider: github, repository: OWNER/NAME}}",
    failing=(
        example("no condition", PROVIDER, GITHUB),
        example("a condition on nothing", PROVIDER, {**GITHUB, "attributeCondition": "true"}),
        example(
            "every repository of an owner",
            PROVIDER,
            {**GITHUB, "attributeCondition": 'assertion.repository_owner == "acme"'},
        ),
        example(
            "every repository by a pattern",
            PROVIDER,
            {**GITHUB, "attributeCondition": 'assertion.sub.startsWith("repo:acme/")'},
        ),
        example("another issuer without a condition", PROVIDER, {"oidc": {"issuerUri": "https://gitlab.com"}}),
        example("another cloud without a condition", PROVIDER, {"aws": {"accountId": "123456789012"}}),
    ),
    passing=(
        example("a repository by its id", PROVIDER, {**GITHUB, "attributeCondition": 'assertion.repository_id == "7"'}),
        example(
            "a repository by its name",
            PROVIDER,
            {**GITHUB, "attributeCondition": "attribute.repository=='acme/churn' && assertion.ref=='refs/heads/main'"},
        ),
        example(
            "a repository by its subject",
            PROVIDER,
            {**GITHUB, "attributeCondition": 'assertion.sub in ["repo:acme/churn:environment:prod"]'},
        ),
        example(
            "another issuer",
            PROVIDER,
            {"oidc": {"issuerUri": "https://gitlab.com"}, "attributeCondition": 'assertion.project_id == "7"'},
        ),
    ),
)
