"""What production stores survives the loss of a region.

What: in production ``sku.name`` is one of the geo-redundant ones, or of those that the setting ``accepted`` names.
Premium accounts, which Azure never copies to another region, are left alone.

Why: artifacts and training data that are gone cannot be audited, and a model cannot be made again from them.

Fix: set ``overrides`` for ``sku.name`` of the account in groundplan.yaml, such as Standard_GZRS, or accept zone
redundancy by the setting ``accepted`` where data must stay in one region.

Decided: published rules ask it of every account. A copy in another region costs about as much again and may leave the
jurisdiction of the data, so only production is asked, and what will do is a setting.
"""

from __future__ import annotations

from ..conditions import equals
from ..environments import in_production
from ..outcome import not_applicable
from ..resource import Resource
from ..rule import Facts, Option, ResourceRule, Said, Severity, example

ACCOUNT = "azure-native:storage:StorageAccount"


def _check(resource: Resource, facts: Facts) -> Said:
    sku = resource.get("sku.name")
    if not in_production(resource, facts):
        return not_applicable("what is not production may be made again")
    if isinstance(sku, str) and sku.lower().startswith("premium"):
        return not_applicable("Azure copies no premium account to another region")
    return equals("sku.name", *facts.texts("accepted"))(resource, facts)


RULE = ResourceRule(
    id="STO-11",
    title="Storage account of production is kept in a second region",
    severity=Severity.LOW,
    types=(ACCOUNT,),
    check=_check,
    covers=(
        "CKV_AZURE_206",
        "azp:GeoRedundant_StorageAccounts_Audit",
        "Azure.Storage.UseReplication",
        "AZU-0058",
        "storage_geo_redundant_enabled",
    ),
    packs=("hardened",),
    options={
        "accepted": Option(
            default=(
                "Standard_GRS",
                "Standard_RAGRS",
                "Standard_GZRS",
                "Standard_RAGZRS",
                "StandardV2_GRS",
                "StandardV2_GZRS",
            ),
            help="the redundancies that will do",
        )
    },
    failing=(
        example("one data centre", ACCOUNT, {"sku": {"name": "Standard_LRS"}}),
        example("the zones of one region", ACCOUNT, {"sku": {"name": "Standard_ZRS"}}),
    ),
    passing=(
        example("two regions", ACCOUNT, {"sku": {"name": "Standard_GZRS"}}),
        example("readable in both", ACCOUNT, {"sku": {"name": "Standard_RAGRS"}}),
        example(
            "zones are accepted", ACCOUNT, {"sku": {"name": "Standard_ZRS"}}, settings={"accepted": ("Standard_ZRS",)}
        ),
    ),
)
