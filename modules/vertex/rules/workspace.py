"""What Google Cloud asks of the stores of lineage and of training curves."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_API = "cloud.google.com/vertex-ai/docs/reference/rest/v1"

RULES = {
    "gcp:vertex/aiMetadataStore:AiMetadataStore": TypeRules(
        source=f"{_API}/projects.locations.metadataStores/create",
        name=NameRule(property="name", pattern=r"[a-z][a-z0-9-]*", minimum=4, maximum=128, unique="account"),
        stateful=True,
        loses="the lineage of models, data and runs",
        replaced_by=frozenset({"project", "region", "name", "description", "encryptionSpec.kmsKeyName"}),
    ),
    "gcp:vertex/aiTensorboard:AiTensorboard": TypeRules(
        source=f"{_API}/projects.locations.tensorboards",
        name=NameRule(property="displayName", pattern=r"(?s).+", minimum=1, maximum=128, unique="account"),
        stateful=True,
        loses="the training curves of all runs",
        replaced_by=frozenset({"project", "region", "encryptionSpec.kmsKeyName"}),
    ),
}
"""By type token."""
