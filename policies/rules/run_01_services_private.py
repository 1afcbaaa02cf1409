"""Services of Cloud Run and Cloud Functions are neither open to everybody nor reached from everywhere.

What: no grant on a service, a job or a function is to ``allUsers`` or ``allAuthenticatedUsers``; the check of callers
is not switched off; ingress is internal, or through a load balancer. Where nothing is said Google takes all ingress.
A function of the first generation that answers HTTP does so over TLS only.

Why: such services stand before and behind a model: what they let in reaches the model, the data and the bill.

Fix: grant the invoker's role to the accounts that call, and set ingress to internal, or to internal and load
balancing.

Decided: published rules know parts of this, on some of the types. A switched-off check of callers
(``invokerIamDisabled``) opens a service as a grant to everybody does, so it is asked too.
"""

from collections.abc import Mapping

from .. import principals
from ..conditions import all_of, differs, equals, when
from ..resource import Resource
from ..rule import Check, Facts, ResourceRule, Said, Severity, example

FUNCTION = "gcp:cloudfunctionsv2/function:Function"
OLD_FUNCTION = "gcp:cloudfunctions/function:Function"
SERVICE = "gcp:cloudrunv2/service:Service"
OLD_SERVICE = "gcp:cloudrun/service:Service"
MEMBER, BINDING, *_ = GRANTS = principals.types(
    "gcp:cloudrun:Iam",
    "gcp:cloudrunv2:ServiceIam",
    "gcp:cloudrunv2:JobIam",
    "gcp:cloudfunctions:FunctionIam",
    "gcp:cloudfunctionsv2:FunctionIam",
)

_INSIDE = ("ALLOW_INTERNAL_ONLY", "ALLOW_INTERNAL_AND_GCLB")
_SERVICE_INSIDE = ("INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER")
_ANNOTATION = 'metadata.annotations."run.googleapis.com/ingress"'

_CHECKS: Mapping[str, Check] = {
    FUNCTION: equals("serviceConfig.ingressSettings", *_INSIDE, absent="ALLOW_ALL"),
    OLD_FUNCTION: all_of(
        equals("ingressSettings", *_INSIDE, absent="ALLOW_ALL"),
        when(
            equals("triggerHttp", True, absent=False),
            equals("httpsTriggerSecurityLevel", "SECURE_ALWAYS", absent="SECURE_OPTIONAL"),
        ),
    ),
    SERVICE: all_of(
        equals("ingress", *_SERVICE_INSIDE, absent="INGRESS_TRAFFIC_ALL"),
        differs("invokerIamDisabled", True, absent=False),
    ),
    OLD_SERVICE: equals(_ANNOTATION, "internal", "internal-and-cloud-load-balancing", absent="all"),
}


def _check(resource: Resource, facts: Facts) -> Said:
    return _CHECKS.get(resource.type, principals.private)(resource, facts)


RULE = ResourceRule(
    id="RUN-01",
    title="Cloud Run and Functions not public, ingress restricted",
    severity=Severity.HIGH,
    types=(FUNCTION, OLD_FUNCTION, SERVICE, OLD_SERVICE, *GRANTS),
    check=_check,
    covers=(
        "CKV_GCP_102",
        "CKV_GCP_107",
        "CKV_GCP_124",
        "CKV2_GCP_10",
        "constraints/run.allowedIngress",
        "constraints/cloudfunctions.allowedIngressSettings",
    ),
    packs=("baseline", "hardened"),
    failing=(
        example("a function with Google's default", FUNCTION, {"name": "score"}),
        example("an older function with Google's default", OLD_FUNCTION, {"name": "score"}),
        example(
            "an older function without TLS",
            OLD_FUNCTION,
            {"ingressSettings": "ALLOW_INTERNAL_ONLY", "triggerHttp": True},
        ),
        example("a service with Google's default", SERVICE, {"name": "score"}),
        example(
            "a service that checks nobody",
            SERVICE,
            {"ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY", "invokerIamDisabled": True},
        ),
        example("an older service with Google's default", OLD_SERVICE, {"name": "score"}),
        example("everybody", MEMBER, {"role": "roles/run.invoker", "member": "allUsers"}),
        example("everybody at Google", BINDING, {"role": "roles/run.invoker", "members": ["allAuthenticatedUsers"]}),
    ),
    passing=(
        example("an internal function", FUNCTION, {"serviceConfig": {"ingressSettings": "ALLOW_INTERNAL_ONLY"}}),
        example(
            "an older function behind a load balancer",
            OLD_FUNCTION,
            {
                "ingressSettings": "ALLOW_INTERNAL_AND_GCLB",
                "triggerHttp": True,
                "httpsTriggerSecurityLevel": "SECURE_ALWAYS",
            },
        ),
        example("an internal service", SERVICE, {"ingress": "INGRESS_TRAFFIC_INTERNAL_ONLY"}),
        example(
            "an older internal service",
            OLD_SERVICE,
            {"metadata": {"annotations": {"run.googleapis.com/ingress": "internal"}}},
        ),
        example(
            "an account", MEMBER, {"role": "roles/run.invoker", "member": "serviceAccount:a@p.iam.gserviceaccount.com"}
        ),
    ),
)
