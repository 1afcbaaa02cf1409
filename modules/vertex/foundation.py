"""The foundation at Google Cloud: the project's services and their agents, audit logs, and where logs are kept.

What belongs to the whole Google project (services, agents, audit logs) may serve other stacks too: it stays when this
stack goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi
from pulumi_gcp import logging, projects

from ..contract.component import Component
from ..contract.context import Context
from ..contract.foundation import FoundationArguments, FoundationOutputs
from . import agents, names

SERVICES: Final = (
    "accesscontextmanager", "aiplatform", "artifactregistry", "bigquery", "billingbudgets", "cloudbilling", "cloudkms",
    "cloudresourcemanager", "cloudscheduler", "compute", "dns", "iam", "iamcredentials", "logging", "monitoring",
    "notebooks", "servicenetworking", "serviceusage", "storage", "sts",
)  # fmt: skip
"""The services that a stack uses, all of them switched on before anything else is made."""

AUDITED: Final = ("aiplatform", "cloudkms", "iam", "storage", "sts")
"""The services whose reads and writes of data are logged. Google always logs BigQuery's, and every change."""


class Foundation(Component):
    """Switches on what the stack needs and keeps its logs for as long as asked."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: FoundationArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        services = {service: self._service(service) for service in SERVICES}
        identities = {service: self._identity(service, services[service]) for service in agents.MADE_ON_REQUEST}
        for service in AUDITED:
            self._audit(service, services[service])
        bucket = self._logs(arguments, services)
        self.outputs = FoundationOutputs(
            group=context.account.project,
            group_id=names.project_path(context),
            logs_id=f"{names.location_path(context)}/buckets/{names.log_bucket(context)}",
            agents=agents.members(context, identities["aiplatform"].email),
            ready=(*services.values(), *identities.values(), bucket),
        )
        self.done({"group": self.outputs.group, "logs_id": self.outputs.logs_id})

    def _service(self, service: str) -> projects.Service:
        """A service stays on: other stacks of the project may use it, and switching off deletes what it holds."""
        return projects.Service(
            f"{self.name}-{service}",
            project=self.context.account.project,
            service=agents.api(service),
            disable_on_destroy=False,
            disable_dependent_services=False,
            opts=self.child(),
        )

    def _identity(self, service: str, switched_on: projects.Service) -> projects.ServiceIdentity:
        return projects.ServiceIdentity(
            f"{self.name}-{service}-agent",
            project=self.context.account.project,
            service=agents.api(service),
            opts=self.child(depends_on=[switched_on]),
        )

    def _audit(self, service: str, switched_on: projects.Service) -> None:
        projects.IAMAuditConfig(
            f"{self.name}-{service}-audit",
            project=self.context.account.project,
            service=agents.api(service),
            audit_log_configs=[{"log_type": kind} for kind in ("ADMIN_READ", "DATA_READ", "DATA_WRITE")],
            opts=self.child(depends_on=[switched_on], retain_on_delete=True),
        )

    def _logs(self, arguments: FoundationArguments, services: Mapping[str, projects.Service]) -> pulumi.Resource:
        """A bucket in the stack's region, and the sink that fills it; Google's own bucket keeps 30 days, anywhere."""
        name, switched_on = names.log_bucket(self.context), services["logging"]
        bucket = logging.ProjectBucketConfig(
            f"{self.name}-logs",
            project=self.context.account.project,
            location=self.context.region,
            bucket_id=name,
            description=f"Audit logs and logs of the platform: {self.context.project} {self.context.environment}",
            retention_days=arguments.log_retention_days,
            enable_analytics=True,
            opts=self.child(stateful=True, depends_on=[switched_on]),
        )
        return logging.ProjectSink(
            f"{self.name}-sink",
            project=self.context.account.project,
            name=name,
            description="Fills the log bucket of the same name",
            destination=f"logging.googleapis.com/{names.location_path(self.context)}/buckets/{name}",
            filter=_FILTER,
            unique_writer_identity=True,
            opts=self.child(depends_on=[bucket]),
        )


_FILTER: Final = (
    'log_id("cloudaudit.googleapis.com/activity") OR '
    'log_id("cloudaudit.googleapis.com/data_access") OR '
    'log_id("cloudaudit.googleapis.com/policy") OR '
    'resource.type:"aiplatform.googleapis.com/" OR '
    'resource.type="ml_job"'
)
"""Who did what, and what Vertex AI's own resources say."""
