"""Every resource of the lower half, in every variant, held against Google's own descriptions.

Not proved: that Google takes what its descriptions allow. The second test proves that the oracle speaks up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

import google_oracle
from google_stack import Made

STACKS = ("default", "public", "hardened", "joined", "shared")


@pytest.mark.parametrize("stack", STACKS)
def test_google_would_take_every_resource(stack: str, request: pytest.FixtureRequest) -> None:
    made: Made = request.getfixturevalue(stack)

    assert google_oracle.problems(made.resources) == []


@pytest.mark.parametrize(
    ("name", "wrong", "problem"),
    [
        ("storage-data", {"publicAccess": "none"}, "publicAccess: there is no property 'publicAccess'"),
        ("storage-data", {"location": None}, "location: is missing"),
        ("storage-data", {"forceDestroy": "no"}, "forceDestroy: 'no' is not of Bool"),
        (
            "storage-data",
            {"softDeletePolicy": {"retention": 7}},
            "softDeletePolicy[0].retention: is unknown to the provider",
        ),
        ("storage-data", {"labels": "none"}, "labels: 'none' is not a mapping"),
        ("network-vpc", {"routingMode": "WORLDWIDE"}, "routingMode: 'WORLDWIDE' is none of ['REGIONAL', 'GLOBAL']"),
        ("network-vpc", {"name": "Churn"}, "name: 'Churn' does not pass verify.ValidateGCEName"),
        ("network-computes", {"ipCidrRange": "10.0.0.1/8"}, "ipCidrRange: '10.0.0.1/8' does not pass"),
        ("network-computes", {"stackType": "IPX"}, "stackType: 'IPX' is none of Google's"),
        ("network-attachment", {"subnetworks": "one"}, "subnetworks: 'one' is not a list"),
        (
            "identity-pipeline",
            {"accountId": "churn"},
            "accountId: 'churn' does not pass verify.ValidateRFC1035Name(6, 30)",
        ),
        ("workspace-metadata-store", {"state": {}}, "state: "),
    ],
)
def test_the_oracle_names_what_google_would_refuse(
    default: Made, name: str, wrong: Mapping[str, object], problem: str
) -> None:
    good = default[name]
    inputs = {key: value for key, value in {**good.properties, **wrong}.items() if value is not None}

    found = google_oracle.problems([replace(good, properties=inputs)])

    assert any(one.startswith(f"{name}: {problem}") for one in found), found
