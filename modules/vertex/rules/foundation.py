"""What Google Cloud asks of services, their agents, audit logs, and where logs are kept."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_SERVICE = r"[a-z][a-z0-9-]*\.googleapis\.com"
_LOG_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_LOG_TYPES = frozenset({"ADMIN_READ", "DATA_READ", "DATA_WRITE"})

RULES = {
    "gcp:projects/service:Service": TypeRules(
        source="cloud.google.com/service-usage/docs/reference/rest/v1/services",
        replaced_by=frozenset({"project", "service"}),
        patterns={"service": _SERVICE},
    ),
    "gcp:projects/serviceIdentity:ServiceIdentity": TypeRules(
        source="cloud.google.com/service-usage/docs/reference/rest/v1beta1/services/generateServiceIdentity",
        replaced_by=frozenset({"project", "service"}),
        patterns={"service": _SERVICE},
    ),
    "gcp:projects/iAMAuditConfig:IAMAuditConfig": TypeRules(
        source="cloud.google.com/resource-manager/reference/rest/Shared.Types/AuditConfig",
        replaced_by=frozenset({"project", "service"}),
        patterns={"service": rf"allServices|{_SERVICE}"},
        choices={"auditLogConfigs.logType": _LOG_TYPES},
    ),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": TypeRules(
        source="cloud.google.com/logging/docs/reference/v2/rest/v2/projects.locations.buckets",
        name=NameRule(property="bucketId", pattern=_LOG_NAME, minimum=1, maximum=100, unique="account"),
        stateful=True,
        loses="audit logs and logs of the platform",
        replaced_by=frozenset({"project", "location", "bucketId", "cmekSettings"}),
        ranges={"retentionDays": (1, 3650)},
        soft_delete_days=7,
        purge="gcloud logging buckets undelete {name} --location={region} --project={group}",
    ),
    "gcp:logging/projectSink:ProjectSink": TypeRules(
        source="cloud.google.com/logging/docs/reference/v2/rest/v2/projects.sinks",
        name=NameRule(property="name", pattern=_LOG_NAME, minimum=1, maximum=100, unique="account"),
        replaced_by=frozenset({"project", "name"}),
        patterns={
            "destination": r"(logging|storage|bigquery|pubsub)\.googleapis\.com/.+",
            "filter": r"(?s).{0,20000}",
        },
    ),
}
"""By type token. A log bucket that was deleted can come back; its name is not free before it is gone for good."""
