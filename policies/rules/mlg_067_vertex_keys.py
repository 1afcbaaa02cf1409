"""What Vertex AI keeps is encrypted with a key of one's own, which lies beside it and is renewed.

What: indexes and their endpoints, online feature stores, persistent resources, reasoning engines, RAG corpora and
Colab's runtime templates have ``encryptionSpec.kmsKeyName``; the key lies in the region of the resource, and where the
plan makes it, ``rotationPeriod`` is at most the setting ``rotation_days``.

Why: data behind the cloud's own key cannot be shut off; a key in another region takes the data there with each use.

Fix: write ``encryption: {rotation: 90d}`` in groundplan.yaml.

Decided: how often a key that is there already is renewed no plan shows, and it is not judged.
"""

from collections.abc import Iterator, Mapping

from ..conditions import is_set, outcomes_of
from ..durations import days
from ..keys import KEY, RING, Key, key_of, region_of
from ..outcome import Outcome, Verdict, failed, passed, unknown, worst
from ..project import is_hidden
from ..resource import Resource
from ..rule import Example, Facts, Option, ResourceRule, Said, Severity, example
from ..values import ABSENT

INDEX = "gcp:vertex/aiIndex:AiIndex"
PATH = "encryptionSpec.kmsKeyName"
TYPES = (
    INDEX,
    "gcp:vertex/aiIndexEndpoint:AiIndexEndpoint",
    "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore",
    "gcp:vertex/aiPersistentResource:AiPersistentResource",
    "gcp:vertex/aiReasoningEngine:AiReasoningEngine",
    "gcp:vertex/aiRagCorpus:AiRagCorpus",
    "gcp:colab/runtimeTemplate:RuntimeTemplate",
)

_named = is_set(PATH, "a customer-managed key")


def _check(resource: Resource, facts: Facts) -> Said:
    named = worst(outcomes_of(_named(resource, facts)))
    if named.verdict is not Verdict.PASS:
        return named
    key = key_of(resource, PATH, facts.graph)
    if key is None:
        return unknown(PATH, f"a key in {region_of(resource) or 'its region'}")
    return [_region(resource, key), *_rotation(key, facts)]


def _region(resource: Resource, key: Key) -> Outcome:
    here = region_of(resource)
    if not here or not key.region:
        return unknown(PATH, "a key in the region of the resource")
    return (
        passed(PATH, key.region) if key.region == here else failed(PATH, f"a key in {key.region}", f"a key in {here}")
    )


def _rotation(key: Key, facts: Facts) -> Iterator[Outcome]:
    if key.planned is None:
        return
    period, most = key.planned.get("rotationPeriod"), facts.number("rotation_days")
    expected = f"renewed every {most:g} days"
    if is_hidden(period):
        yield unknown(PATH, expected)
    elif period is not ABSENT and days(period) <= most:
        yield passed(PATH, period)
    else:
        yield failed(PATH, f"{key.planned.name}: {'never renewed' if period is ABSENT else period}", expected)


def _planned(name: str, ring: str, key: Mapping[str, object]) -> Example:
    index = {"region": "europe-west4", "encryptionSpec": {"kmsKeyName": "${key.id}"}}
    return Example(
        name=name,
        resources=[
            {"type": INDEX, "name": "index", "properties": index},
            {"type": KEY, "name": "key", "properties": {"keyRing": "${ring.id}", **key}},
            {"type": RING, "name": "ring", "properties": {"location": ring, "project": "acme-keys"}},
        ],
    )


def _by_name(name: str, region: str) -> Example:
    key = f"projects/acme-keys/locations/{region}/keyRings/r/cryptoKeys/k"
    return example(name, INDEX, {"region": "europe-west4", "encryptionSpec": {"kmsKeyName": key}})


RULE = ResourceRule(
    id="MLG-067",
    title="Customer-managed key on every Vertex AI type that takes one",
    severity=Severity.HIGH,
    scope="graph",
    types=TYPES,
    check=_check,
    relates_to=("NIST-800-53r5 SC-12", "NIST-800-53r5 SC-28"),
    packs=("governance",),
    remedy="encryption: {rotation: 90d}",
    options={"rotation_days": Option(default=90, help="the longest that a key may stay the same")},
    failing=(
        example("the cloud's own key", INDEX, {"region": "europe-west4"}),
        _by_name("a key elsewhere", "us-central1"),
        _planned("a planned key elsewhere", "us-central1", {"rotationPeriod": "7776000s"}),
        _planned("never renewed", "europe-west4", {}),
        _planned("renewed once a year", "europe-west4", {"rotationPeriod": "31536000s"}),
    ),
    passing=(
        _by_name("a key beside it", "europe-west4"),
        _planned("a planned key, renewed", "europe-west4", {"rotationPeriod": "7776000s"}),
    ),
)
