"""The public Azure regions, those with Azure Machine Learning first; as of November 2026.

Source: Microsoft's list of Azure regions (learn.microsoft.com/azure/reliability/regions-list) and its table of
products by region. Sovereign clouds are not part of it: groundplan speaks to the public cloud only.
`az provider show --namespace Microsoft.MachineLearningServices` tells what a subscription can use today.
"""

from __future__ import annotations

AS_OF = "2026-11"

REGIONS: dict[str, str] = {
    "australiaeast": "New South Wales",
    "austriaeast": "Vienna",
    "belgiumcentral": "Brussels",
    "brazilsouth": "São Paulo State",
    "canadacentral": "Toronto",
    "canadaeast": "Quebec",
    "centralindia": "Pune",
    "centralus": "Iowa",
    "chilecentral": "Santiago",
    "eastasia": "Hong Kong",
    "eastus": "Virginia",
    "eastus2": "Virginia",
    "francecentral": "Paris",
    "germanywestcentral": "Frankfurt",
    "indonesiacentral": "Jakarta",
    "israelcentral": "Israel",
    "italynorth": "Milan",
    "japaneast": "Tokyo, Saitama",
    "japanwest": "Osaka",
    "jioindiawest": "Jamnagar",
    "koreacentral": "Seoul",
    "malaysiawest": "Kuala Lumpur",
    "mexicocentral": "Querétaro State",
    "newzealandnorth": "Auckland",
    "northcentralus": "Illinois",
    "northeurope": "Ireland",
    "norwayeast": "Norway",
    "polandcentral": "Warsaw",
    "qatarcentral": "Doha",
    "southafricanorth": "Johannesburg",
    "southcentralus": "Texas",
    "southeastasia": "Singapore",
    "southindia": "Chennai",
    "spaincentral": "Madrid",
    "swedencentral": "Gävle",
    "switzerlandnorth": "Zurich",
    "switzerlandwest": "Geneva",
    "uaenorth": "Dubai",
    "uksouth": "London",
    "ukwest": "Cardiff",
    "westcentralus": "Wyoming",
    "westeurope": "Netherlands",
    "westus": "California",
    "westus2": "Washington",
    "westus3": "Phoenix",
}
"""Where Azure Machine Learning is offered: a region's name, and where it is."""

WITHOUT_MACHINE_LEARNING: dict[str, str] = {
    "australiacentral": "Canberra",
    "australiacentral2": "Canberra",
    "australiasoutheast": "Victoria",
    "brazilsoutheast": "Rio de Janeiro",
    "francesouth": "Marseille",
    "germanynorth": "Berlin",
    "jioindiacentral": "Nagpur",
    "koreasouth": "Busan",
    "norwaywest": "Norway",
    "southafricawest": "Cape Town",
    "uaecentral": "Abu Dhabi",
    "westindia": "Mumbai",
}
"""Public regions in which Azure Machine Learning is not offered, most of them kept for disaster recovery."""

WITHOUT_ZONES = frozenset({
    "canadaeast", "jioindiawest", "northcentralus", "southindia", "switzerlandwest", "ukwest", "westcentralus",
    "westus",
})  # fmt: skip
"""Regions that have no availability zones."""
