"""A topic of Pub/Sub is encrypted with a key of your own and given to nobody in general.

What: a topic's ``kmsKeyName`` names a key; no member of a grant on a topic or a subscription is ``allUsers`` or
``allAuthenticatedUsers``.

Why: messages carry what the systems around a model tell each other; an open topic lets anybody read them, or send
what a pipeline then believes.

Fix: set ``kmsKeyName``, and name who needs the topic.
"""

from .. import principals
from ..conditions import is_set
from ..resource import Resource
from ..rule import Facts, ResourceRule, Said, Severity, example

TOPIC = "gcp:pubsub/topic:Topic"
MEMBER, BINDING, *_ = GRANTS = principals.types("gcp:pubsub:TopicIAM", "gcp:pubsub:SubscriptionIAM")
_KEY = is_set("kmsKeyName", "a key of Cloud KMS")


def _check(resource: Resource, facts: Facts) -> Said:
    return _KEY(resource, facts) if resource.type == TOPIC else principals.private(resource, facts)


RULE = ResourceRule(
    id="PS-01",
    title="Pub/Sub with a key of your own and not public",
    severity=Severity.LOW,
    types=(TOPIC, *GRANTS),
    check=_check,
    covers=("CKV_GCP_83", "CKV_GCP_99"),
    packs=("hardened",),
    failing=(
        example("Google's own key", TOPIC, {"name": "events"}),
        example("everybody", MEMBER, {"topic": "events", "role": "roles/pubsub.publisher", "member": "allUsers"}),
        example("everybody, among others", BINDING, {"members": ["user:a@b.c", "allAuthenticatedUsers"]}),
    ),
    passing=(
        example("a key", TOPIC, {"kmsKeyName": "projects/p/locations/europe-west4/keyRings/r/cryptoKeys/k"}),
        example("a group", MEMBER, {"role": "roles/pubsub.publisher", "member": "group:ml@example.com"}),
    ),
)
