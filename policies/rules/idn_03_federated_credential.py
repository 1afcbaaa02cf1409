"""Only a known workload of a known issuer signs in as an identity.

What: ``issuer`` of a federated credential is one of the setting ``issuers``, or an issuer of the same program.
``subject`` has no wildcard; one of GitHub names a repository and an environment, a branch, a tag or a reusable
workflow, and with the setting ``repositories`` one of those.

Why: whoever can get a token with this issuer and this subject is the identity. A whole repository, or its pull
requests, means everybody who can push a branch, whatever its review says.

Fix: write ``identity.federation`` in groundplan.yaml, which makes one credential for each environment. Elsewhere use a
subject such as ``repo:OWNER/NAME:environment:prod``.

Decided: published rules name trusted GitHub owners and issuers and have no default for either. Here the issuers are
those of the usual CI systems and of AKS; owners stay open until named, but a subject for any run of a repository is
refused by itself. Azure DevOps' newer issuer is that of an Entra tenant, so it has to be named with the tenant.
"""

import re
from urllib.parse import urlsplit

from ..conditions import judged
from ..outcome import Outcome, passed
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example
from ..values import Unknown

CREDENTIAL = "azure-native:managedidentity:FederatedIdentityCredential"
GITHUB = "https://token.actions.githubusercontent.com"
_CONTEXT = re.compile(r"(.+:)?(environment:.+|ref:refs/(heads|tags)/.+|job_workflow_ref:.+)")


def _check(credential: Resource, facts: Facts) -> Said:
    return [_issuer(credential, facts), _subject(credential, facts)]


def _issuer(credential: Resource, facts: Facts) -> Outcome:
    issuer = credential.get("issuer")
    if isinstance(issuer, Unknown) and issuer.of:
        return passed("issuer", issuer)
    trusted = facts.texts("issuers")
    return judged(
        "issuer",
        issuer,
        lambda value: any(_comes_from(str(value), one) for one in trusted),
        "an issuer that is trusted",
    )


def _comes_from(issuer: str, trusted: str) -> bool:
    """Whether an issuer is a trusted one or lies below it; ``*.`` before a host stands for its subdomains."""
    found, wanted = urlsplit(issuer.lower()), urlsplit(trusted.lower())
    same_host = found.netloc.endswith(wanted.netloc[1:]) if wanted.netloc[:2] == "*." else found.netloc == wanted.netloc
    path = wanted.path.rstrip("/")
    return found.scheme == "https" and same_host and f"{found.path.rstrip('/')}/".startswith(f"{path}/")


def _subject(credential: Resource, facts: Facts) -> Outcome:
    subject = credential.get("subject")
    of_github = str(credential.get("issuer")).lower().startswith(GITHUB) or str(subject).startswith("repo:")
    repositories = facts.texts("repositories")
    names = f"a repository of {' or '.join(repositories)}" if repositories else "a repository"
    expected = (
        f"{names} and an environment, a branch, a tag or a workflow" if of_github else "one workload, no wildcard"
    )

    def is_pinned(value: object) -> bool:
        text = str(value)
        plain = text != "" and "*" not in text and "?" not in text
        return plain and (not of_github or _is_one_of_github(text, repositories))

    return judged("subject", subject, is_pinned, expected)


def _is_one_of_github(subject: str, repositories: tuple[str, ...]) -> bool:
    kind, _, rest = subject.partition(":")
    repository, _, context = rest.partition(":")
    if not repositories:
        return bool(repository) and _CONTEXT.fullmatch(context) is not None
    owner = repository.partition("/")[0]
    named = {one.lower() for one in repositories} & {repository.lower(), owner.lower()}
    return kind == "repo" and bool(named) and _CONTEXT.fullmatch(context) is not None


def _credential(subject: str, issuer: str = GITHUB) -> dict[str, object]:
    return {"issuer": issuer, "subject": subject, "audiences": ["api://AzureADTokenExchange"]}


_PROD = "repo:acme/churn:environment:prod"
_ACCOUNT = "system:serviceaccount:ml:train"

RULE = ResourceRule(
    id="IDN-03",
    title="Federated credential pinned to an issuer and a subject",
    severity=Severity.HIGH,
    types=(CREDENTIAL,),
    check=_check,
    options={
        "issuers": Option(
            default=(
                GITHUB,
                "https://gitlab.com",
                "https://vstoken.dev.azure.com",
                "https://*.oic.prod-aks.azure.com",
            ),
            help="The issuers that are trusted, and all below them; https://*.HOST stands for subdomains.",
        ),
        "repositories": Option(
            default=(), help="GitHub owners, or OWNER/NAME, whose workflows may sign in; without any, all."
        ),
    },
    covers=(
        "CKV_AZURE_249",
        "azp:fd1a8e20-2c4f-4a6c-9354-b58d786d9a1f",
        "azp:2571b7c3-3056-4a61-b00a-9bc5232234f5",
        "azp:ae62c456-33de-4dc8-b100-7ce9028a7d99",
    ),
    packs=("baseline", "hardened"),
    remedy="identity.federation: {provider: github, repository: <owner>/<name>}",
    failing=(
        example("an issuer that nobody knows", CREDENTIAL, _credential(_PROD, "https://token.example.com")),
        example("an issuer that looks like one", CREDENTIAL, _credential(_PROD, f"{GITHUB}.example.com")),
        example("a whole repository", CREDENTIAL, _credential("repo:acme/churn")),
        example("pull requests", CREDENTIAL, _credential("repo:acme/churn:pull_request")),
        example("any repository", CREDENTIAL, _credential("repo:acme/*:environment:prod")),
        example("no subject", CREDENTIAL, {"issuer": GITHUB}),
        example("another owner", CREDENTIAL, _credential(_PROD), settings={"repositories": ("globex",)}),
    ),
    passing=(
        example("an environment", CREDENTIAL, _credential(_PROD)),
        example("a branch", CREDENTIAL, _credential("repo:acme/churn:ref:refs/heads/main")),
        example("an approved owner", CREDENTIAL, _credential(_PROD), settings={"repositories": ("Acme",)}),
        example(
            "a service connection",
            CREDENTIAL,
            _credential(
                "sc://acme/acme/churn-prod", "https://vstoken.dev.azure.com/33333333-0000-4000-8000-000000000001"
            ),
        ),
        example(
            "a service account of AKS",
            CREDENTIAL,
            _credential(_ACCOUNT, "https://westeurope.oic.prod-aks.azure.com/tenant/cluster/"),
        ),
    ),
)
