"""What Vertex AI keeps has labels.

What: ``labels`` is not empty, on every type of Vertex AI that takes labels.

Why: without labels nobody can tell whose a resource is, what it costs whom, and what may be done with it.

Fix: groundplan labels everything it makes; elsewhere write ``labels``. Which labels there must be is another rule's
matter.

Decided: the published rule asks data sets only. Metadata stores, corpora, deployment pools and grants take no labels
and are not asked.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

LABELLED = tuple(
    f"gcp:vertex/ai{name}:Ai{name}"
    for name in (
        "Dataset",
        "Endpoint",
        "EvaluationMetric",
        "FeatureGroup",
        "FeatureGroupFeature",
        "FeatureOnlineStore",
        "FeatureOnlineStoreFeatureview",
        "FeatureStore",
        "FeatureStoreEntityType",
        "FeatureStoreEntityTypeFeature",
        "Index",
        "IndexEndpoint",
        "PersistentResource",
        "ReasoningEngine",
        "Tensorboard",
        "TensorboardExperiment",
        "TensorboardRun",
    )
)
"""The types of the module vertex that take labels, as the provider describes them."""

DATASET = LABELLED[0]

RULE = ResourceRule(
    id="VTX-23",
    title="Labels on Vertex AI's resources",
    severity=Severity.LOW,
    types=LABELLED,
    check=is_set("labels", "labels"),
    covers=("vertexai/vertexAIDatasetLabels",),
    packs=("baseline", "hardened"),
    failing=(
        *(example(f"none: {one}", one, {}) for one in LABELLED),
        example("an empty mapping", DATASET, {"labels": {}}),
    ),
    passing=(example("an owner", DATASET, {"labels": {"owner": "ml-platform"}}),),
)
