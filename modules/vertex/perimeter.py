"""The service perimeter: data leaves the Google project for no other one, whoever asks.

A perimeter shuts out at once everybody outside, CI included. It is made in dry-run mode, in which Google logs what
it would refuse; enforcing it is a step for a person who has read those logs.
"""

from __future__ import annotations

from typing import Any, Final

from pulumi_gcp import accesscontextmanager

from ...core.errors import ConfigError
from ..contract.component import Component
from ..contract.context import Account, AfterUp
from ..contract.network import NetworkArguments
from . import agents, names

RESTRICTED: Final = ("aiplatform", "artifactregistry", "bigquery", "cloudkms", "logging", "notebooks", "storage")
"""The services whose data must not leave."""

_OF_SHARED: Final = ("artifactregistry", "cloudkms")
"""What an environment uses in the project of the shared stack: images, templates, its key."""


def enclose(component: Component, arguments: NetworkArguments) -> tuple[AfterUp, ...]:
    """Draw the perimeter around the project; returns the step that enforces it.

    What enforcing changes is left alone by later runs.
    """
    name = names.identifier(component.context, 50)
    policy = arguments.access_policy
    number = agents.project_number(component.context, arguments.foundation)
    accesscontextmanager.ServicePerimeter(
        f"{component.name}-perimeter",
        parent=f"accessPolicies/{policy}",
        name=f"accessPolicies/{policy}/servicePerimeters/{name}",
        title=name,
        description=f"{component.context.project} {component.context.environment}",
        perimeter_type="PERIMETER_TYPE_REGULAR",
        use_explicit_dry_run_spec=True,
        spec=accesscontextmanager.ServicePerimeterSpecArgs(
            resources=[f"projects/{number}" if isinstance(number, str) else number.apply("projects/{}".format)],
            restricted_services=[agents.api(service) for service in RESTRICTED],
            vpc_accessible_services=accesscontextmanager.ServicePerimeterSpecVpcAccessibleServicesArgs(
                enable_restriction=True, allowed_services=["RESTRICTED-SERVICES"]
            ),
            egress_policies=_way_to(arguments.shared, component.context.account),
        ),
        opts=component.child(
            depends_on=list(arguments.foundation.ready), ignore_changes=["spec", "status", "useExplicitDryRunSpec"]
        ),
    )
    return (
        AfterUp(
            title=f"Enforce the service perimeter {name}",
            reason="it only logs what it would refuse; enforced before CI and people are let in, it shuts them out",
            command=f"gcloud access-context-manager perimeters dry-run enforce {name} --policy={policy}",
        ),
    )


def _way_to(shared: Account | None, own: Account) -> list[Any] | None:
    """Lets what is inside use the keys and images of the shared stack, where that is in another project."""
    if shared is None or shared.project == own.project:
        return None
    if not shared.number:
        raise ConfigError(
            f"the perimeter must let {own.project} use what is in {shared.project}, whose number is not written",
            where="network.perimeter",
            hint=f"Write account.number, in quotes: gcloud projects describe {shared.project}",
        )
    operations = [{"service_name": agents.api(one), "method_selectors": [{"method": "*"}]} for one in _OF_SHARED]
    reached = {"resources": [f"projects/{shared.number}"], "operations": operations}
    return [{"egress_from": {"identity_type": "ANY_IDENTITY"}, "egress_to": reached}]
