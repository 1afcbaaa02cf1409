"""No service account has a key that somebody keeps.

What: no ``gcp.serviceaccount.Key`` exists. An account passes when no key of the same plan is its.

Why: a key is a password that never expires, lies in the state and in whatever file it was copied to, and works from
anywhere.

Fix: let CI come in by federation (``identity.federation`` in groundplan.yaml), and let workloads run as the account.
groundplan makes no keys.
"""

from ..conditions import opposite, referenced
from ..outcome import failed
from ..resource import Resource
from ..rule import Example, Facts, ResourceRule, Said, Severity, example

KEY = "gcp:serviceaccount/key:Key"
ACCOUNT = "gcp:serviceaccount/account:Account"
_WITHOUT_KEY = opposite(referenced(KEY, "serviceAccountId", "a key"), "no key of this account")


def _check(resource: Resource, facts: Facts) -> Said:
    if resource.type == KEY:
        return failed("serviceAccountId", resource.get("serviceAccountId"), "no key at all")
    return _WITHOUT_KEY(resource, facts)


_ACCOUNT = {"type": ACCOUNT, "name": "job", "properties": {"accountId": "job"}}


def _key(account: str) -> dict[str, object]:
    return {"type": KEY, "name": "key", "properties": {"serviceAccountId": account}}


RULE = ResourceRule(
    id="IAM-05",
    title="No keys of service accounts",
    severity=Severity.HIGH,
    scope="graph",
    types=(KEY, ACCOUNT),
    check=_check,
    covers=("CKV2_GCP_3", "constraints/iam.disableServiceAccountKeyCreation", "iam_sa_no_user_managed_keys"),
    packs=("baseline", "hardened"),
    remedy="identity: {federation: {provider: github, repository: OWNER/NAME}}",
    failing=(
        example("a key", KEY, {"serviceAccountId": "job@p.iam.gserviceaccount.com"}),
        example("a key that was made elsewhere", KEY, {"serviceAccountId": "job", "publicKeyData": "MII"}),
        Example(name="an account with a key", resources=[_ACCOUNT, _key("${job.name}")], about="job"),
    ),
    passing=(
        Example(name="an account without a key", resources=[_ACCOUNT]),
        Example(name="another account's key", resources=[_ACCOUNT, _key("other")], about="job"),
    ),
)
