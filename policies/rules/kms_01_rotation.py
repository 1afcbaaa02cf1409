"""A key is renewed at least every 90 days.

What: ``rotationPeriod`` of a key that encrypts and decrypts is between a day and ``max_days`` days. Google never
renews a key that has none.

Why: the less is encrypted with one version, the less is lost with it.

Fix: set ``encryption.rotation`` in groundplan.yaml, or such as ``rotationPeriod: 7776000s``.

Decided: Google cannot renew keys that sign, that are asymmetric or that are only imported; those are not judged. Some
published rules fail them.
"""

from ..conditions import all_of, differs, equals, number, satisfies, when
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example

KEY = "gcp:kms/cryptoKey:CryptoKey"
DAY = 86_400


def _period(resource: Resource, facts: Facts) -> Said:
    days = facts.number("max_days")
    expected = f"from {DAY}s to {days * DAY:.0f}s ({days:g} days)"
    return satisfies("rotationPeriod", lambda found: DAY <= _seconds(found) <= days * DAY, expected)(resource, facts)


def _seconds(period: object) -> float:
    return number(str(period).removesuffix("s"))


RULE = ResourceRule(
    id="KMS-01",
    title="Key renewed within 90 days",
    severity=Severity.MEDIUM,
    types=(KEY,),
    check=when(
        all_of(
            equals("purpose", "ENCRYPT_DECRYPT", absent="ENCRYPT_DECRYPT"),
            differs("importOnly", True, absent=False),
        ),
        _period,
        "Google cannot renew this kind of key",
    ),
    covers=("CKV_GCP_43", "GCP-0065", "custom.cloudkmsAllowedRotationPeriod", "kms_key_rotation_max_90_days"),
    packs=("baseline", "hardened"),
    options={"max_days": Option(default=90, help="the longest time between two versions, in days")},
    remedy="encryption: {rotation: 90d}",
    failing=(
        example("Google's default", KEY, {"name": "platform"}),
        example("a year", KEY, {"rotationPeriod": "31536000s"}),
        example("beyond a shorter limit", KEY, {"rotationPeriod": "7776000s"}, settings={"max_days": 30}),
        example("no period", KEY, {"rotationPeriod": "often"}),
    ),
    passing=(
        example("90 days", KEY, {"rotationPeriod": "7776000s"}),
        example("a day", KEY, {"rotationPeriod": "86400s", "purpose": "ENCRYPT_DECRYPT"}),
    ),
)
