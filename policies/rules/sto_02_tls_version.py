"""A storage account refuses connections older than TLS 1.2.

What: ``minimumTlsVersion`` is TLS1_2 or TLS1_3. Where the property is absent the API takes TLS 1.0.

Why: TLS 1.0 and 1.1 have known weaknesses, and a client that can be talked down to them gives its data away.

Fix: set ``minimumTlsVersion: TLS1_2``; groundplan always does.

Decided: Azure Storage gave up TLS 1.0 and 1.1 on 3 February 2026, whatever an account says. The API still names TLS
1.0 as its default, and published rules look at it, so an absent property fails.
"""

from ..conditions import equals
from ..rule import Remediation, ResourceRule, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


RULE = ResourceRule(
    id="STO-02",
    title="Storage account asks for TLS 1.2 or later",
    severity=Severity.HIGH,
    types=(ACCOUNT,),
    check=equals("minimumTlsVersion", "TLS1_2", "TLS1_3", absent="TLS1_0"),
    covers=(
        "CKV_AZURE_44",
        "azp:StorageAccountMinimumTLSVersion_Audit",
        "Azure.Storage.MinTLS",
        "AZU-0011",
        "storage_ensure_minimum_tls_version_12",
    ),
    packs=("baseline", "hardened"),
    remediation=Remediation(properties={"minimumTlsVersion": "TLS1_2"}),
    failing=(
        example("an old version", ACCOUNT, {"minimumTlsVersion": "TLS1_1"}),
        example("Azure's default", ACCOUNT, {}),
    ),
    passing=(
        example("1.2", ACCOUNT, {"minimumTlsVersion": "TLS1_2"}),
        example("1.3", ACCOUNT, {"minimumTlsVersion": "TLS1_3"}),
    ),
)
