"""CI signs in with its own token, for one repository and one branch or environment; no key is kept.

What: a federated credential of Azure has an issuer of the setting ``issuers``, a subject without a wildcard that names
a repository and its branch, tag or environment (or one service connection of Azure DevOps), and an audience. A
provider of a workload identity pool has an issuer of that setting and a condition that compares the repository and the
ref, the environment or the subject. A key of a service account and a password of an Entra application are refused.

Why: a stored key works for whoever copies it; a token with a loose subject works for every pull request, or for every
repository of the CI system.

Fix: write ``identity.federation`` in groundplan.yaml; it has no way to store a key.

Decided: a credential for a pod of Kubernetes is a workload's and not CI's, and is not judged; nor are providers for
AWS and SAML. An absent audience of a provider is the provider itself, which is as narrow as can be.
"""

import re
from collections.abc import Mapping

from ..conditions import all_of, judged
from ..outcome import failed, not_applicable
from ..resource import Resource
from ..rule import Check, Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT

CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
PROVIDER = "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider"
KEYS = (
    "gcp:serviceaccount/key:Key",
    "azuread:index/applicationPassword:ApplicationPassword",
    "azuread:index/servicePrincipalPassword:ServicePrincipalPassword",
)
_ISSUERS = (
    "https://token.actions.githubusercontent.com",
    "https://gitlab.com",
    "https://vstoken.dev.azure.com",
    "https://login.microsoftonline.com",
)
_SUBJECT = re.compile(
    r"repo:[^:*]+/[^:*]+:(environment|ref):[^*]+"
    r"|project_path:[^:*]+/[^:*]+:ref_type:(branch|tag):ref:[^*]+"
    r"|sc://[^/*]+/[^/*]+/[^/*]+"
    r"|/eid1/[^*]+"
)
_REPOSITORY = re.compile(r"(assertion|attribute)\.(repository|repository_id|project_path|project_id|sub)\b")
_PINNED = re.compile(r"(assertion|attribute)\.(ref|ref_protected|environment|sub)\b|google\.subject\b")


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type in KEYS:
        return failed("", "a stored key", "identity.federation instead")
    if resource.type == PROVIDER:
        return not_applicable("it is no OIDC") if resource.get("oidc") is ABSENT else _provider(resource, facts)
    if str(resource.get("subject")).startswith("system:serviceaccount:"):
        return not_applicable("it is for a pod")
    return _credential(resource, facts)


def _issued(path: str) -> Check:
    def check(resource: Resource, facts: Facts) -> Said:
        issuers = facts.texts("issuers")
        return judged(path, resource.get(path), lambda found: _is_of(str(found), issuers), " or ".join(issuers))

    return check


def _is_of(issuer: str, allowed: tuple[str, ...]) -> bool:
    return any(issuer.rstrip("/") == one or issuer.startswith(f"{one}/") for one in allowed)


def _subject(resource: Resource, _facts: Facts) -> Said:
    expected = "one repository and its branch, tag or environment"
    return judged("subject", resource.get("subject"), lambda text: bool(_SUBJECT.fullmatch(str(text))), expected)


def _audience(resource: Resource, _facts: Facts) -> Said:
    return judged("audiences", resource.get("audiences"), lambda found: found not in ([], ""), "an audience")


def _condition(resource: Resource, _facts: Facts) -> Said:
    path, expected = "attributeCondition", "a condition on the repository and on its ref, environment or subject"
    return judged(path, resource.get(path), lambda text: _is_narrow(str(text)), expected)


def _is_narrow(condition: str) -> bool:
    return bool(_REPOSITORY.search(condition) and _PINNED.search(condition)) and "startsWith" not in condition


_credential = all_of(_issued("issuer"), _subject, _audience)
_provider = all_of(_issued("oidc.issuerUri"), _condition)

_GITHUB = "https://token.actions.githubusercontent.com"


def _azure(subject: str, **more: object) -> Mapping[str, object]:
    return {"issuer": _GITHUB, "subject": subject, "audiences": ["api://AzureADTokenExchange"], **more}


def _google(condition: str) -> Mapping[str, object]:
    return {"oidc": {"issuerUri": _GITHUB}, "attributeCondition": condition}


RULE = ResourceRule(
    id="MLG-063",
    title="CI deploys by workload identity federation with a pinned subject",
    severity=Severity.HIGH,
    types=(CREDENTIAL, PROVIDER, *KEYS),
    check=_check,
    relates_to=("NIST-800-53r5 IA-5", "SLSA L2"),
    packs=("governance",),
    remedy="identity: {federation: {provider: github, repository: acme/churn}}",
    options={"issuers": Option(default=_ISSUERS, help="whose tokens are taken; what follows a slash does not matter")},
    failing=(
        example(
            "an issuer that nobody named", CREDENTIAL, _azure("repo:acme/churn:environment:prod", issuer="https://x")
        ),
        example("every pull request", CREDENTIAL, _azure("repo:acme/churn:pull_request")),
        example("every branch", CREDENTIAL, _azure("repo:acme/churn:ref:refs/heads/*")),
        example("no condition", PROVIDER, {"oidc": {"issuerUri": _GITHUB}}),
        example("every repository of an owner", PROVIDER, _google('assertion.repository_owner == "acme"')),
        example("every branch of a repository", PROVIDER, _google('assertion.repository == "acme/churn"')),
        example("a key", "gcp:serviceaccount/key:Key", {"serviceAccountId": "ci"}),
    ),
    passing=(
        example("an environment", CREDENTIAL, _azure("repo:acme/churn:environment:prod")),
        example(
            "a branch of GitLab",
            CREDENTIAL,
            _azure("project_path:acme/churn:ref_type:branch:ref:main", issuer="https://gitlab.com"),
        ),
        example(
            "a service connection",
            CREDENTIAL,
            _azure("sc://acme/churn/deploy-prod", issuer="https://vstoken.dev.azure.com/3f0c"),
        ),
        example(
            "a repository and a branch",
            PROVIDER,
            _google('assertion.repository == "acme/churn" && assertion.ref == "refs/heads/main"'),
        ),
    ),
)
