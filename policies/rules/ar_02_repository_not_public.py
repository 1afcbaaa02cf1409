"""A repository of Artifact Registry is given to nobody in general.

What: no member of a grant on a repository is ``allUsers`` or ``allAuthenticatedUsers``.

Why: images hold code, models and now and then secrets; whoever may also write replaces what production runs.

Fix: name the people, groups and service accounts that need it.
"""

from .. import principals
from ..rule import ResourceRule, Severity

GRANTS = principals.types("gcp:artifactregistry:RepositoryIam")
ON = {"repository": "images"}

RULE = ResourceRule(
    id="AR-02",
    title="Artifact Registry not public",
    severity=Severity.CRITICAL,
    types=GRANTS,
    check=principals.private,
    covers=("CKV_GCP_101",),
    packs=("baseline", "hardened"),
    failing=principals.open_grants(GRANTS, ON),
    passing=principals.closed_grants(GRANTS, ON),
)
