"""Whatever else of Vertex AI can have a key of your own has one.

What: ``encryptionSpec.kmsKeyName`` names a key on an index, an index endpoint, a persistent resource, a reasoning
engine, a corpus for retrieval and a template of Colab Enterprise's runtimes.

Why: vectors and corpora are the data in another form; a key on the data set alone protects half of it.

Fix: set ``encryption: {}`` in groundplan.yaml, or ``encryptionSpec.kmsKeyName`` on the resource.
"""

from ..conditions import is_set
from ..rule import ResourceRule, Severity, example

INDEX = "gcp:vertex/aiIndex:AiIndex"
OTHERS = (
    "gcp:vertex/aiIndexEndpoint:AiIndexEndpoint",
    "gcp:vertex/aiPersistentResource:AiPersistentResource",
    "gcp:vertex/aiReasoningEngine:AiReasoningEngine",
    "gcp:vertex/aiRagCorpus:AiRagCorpus",
    "gcp:colab/runtimeTemplate:RuntimeTemplate",
)

KEY = {"encryptionSpec": {"kmsKeyName": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"}}

RULE = ResourceRule(
    id="VTX-08",
    title="The rest of Vertex AI encrypted with a key of your own",
    severity=Severity.MEDIUM,
    types=(
        INDEX,
        *OTHERS,
    ),
    check=is_set("encryptionSpec.kmsKeyName", "a key of Cloud KMS"),
    covers=("constraints/gcp.restrictNonCmekServices",),
    packs=("hardened",),
    remedy="encryption: {}",
    failing=(
        example("Google's own key", INDEX, {}),
        example("an empty name", INDEX, {"encryptionSpec": {"kmsKeyName": ""}}),
        *(example(f"no key: {one}", one, {}) for one in OTHERS),
    ),
    passing=(
        example("a key by its name", INDEX, KEY),
        example("a key of the same program", INDEX, {"encryptionSpec": {"kmsKeyName": "${key.id}"}}),
        *(example(f"a key: {one}", one, KEY) for one in OTHERS),
    ),
)
