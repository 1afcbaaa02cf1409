"""What Google Cloud asks of key rings and keys."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_SOURCE = "cloud.google.com/kms/docs/reference/rest/v1/projects.locations.keyRings"
_NAME = r"[A-Za-z0-9_-]+"
_A_DAY_OR_MORE = r"(86[4-9]\d\d|8[7-9]\d{3}|9\d{4}|\d{6,})s"

RULES = {
    "gcp:kms/keyRing:KeyRing": TypeRules(
        source=_SOURCE,
        name=NameRule(property="name", pattern=_NAME, minimum=1, maximum=63, unique="account"),
        stateful=True,
        loses="nothing by itself: a ring is never deleted, and its name is taken for good",
        replaced_by=frozenset({"project", "location", "name"}),
    ),
    "gcp:kms/cryptoKey:CryptoKey": TypeRules(
        source=f"{_SOURCE}.cryptoKeys",
        name=NameRule(property="name", pattern=_NAME, minimum=1, maximum=63, unique="parent"),
        stateful=True,
        loses="everything that was ever encrypted with the key",
        replaced_by=frozenset(
            {
                "keyRing",
                "name",
                "purpose",
                "importOnly",
                "cryptoKeyBackend",
                "destroyScheduledDuration",
                "versionTemplate.protectionLevel",
            }
        ),
        choices={"versionTemplate.protectionLevel": frozenset({"SOFTWARE", "HSM", "EXTERNAL", "EXTERNAL_VPC"})},
        patterns={"rotationPeriod": _A_DAY_OR_MORE, "destroyScheduledDuration": _A_DAY_OR_MORE},
    ),
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": TypeRules(
        source="cloud.google.com/kms/docs/reference/permissions-and-roles",
        replaced_by=frozenset({"cryptoKeyId", "role", "member", "condition"}),
        patterns={"cryptoKeyId": r"(projects/)?[^/]+/(locations/)?[^/]+/(keyRings/)?[^/]+/(cryptoKeys/)?[^/]+"},
    ),
}
"""By type token. A key is renewed once a day at most."""
