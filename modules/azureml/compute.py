"""Computes at Azure ML: clusters that scale to zero, and instances that people work on."""

from __future__ import annotations

import hashlib

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from ...core.errors import UsageError
from ..contract.component import Component
from ..contract.compute import ComputeArguments, ComputeOutputs
from ..contract.context import Context
from . import names
from .catalogue.sizes import SIZES

DEFAULT_SIZES = {"cpu": "Standard_DS3_v2", "gpu": "Standard_NC4as_T4_v3"}
"""The size of a compute that names none, by its kind."""

_LEAST_IDLE_SECONDS, _MOST_IDLE_SECONDS = 900, 259_200


class Compute(Component):
    """A cluster or an instance in the workspace's managed network: no public address, no SSH, no local login.

    A cluster acts as the identity of pipelines, an instance as its owner, whose files lie in the workspace and not on
    the instance. The size is part of the name, as a few characters of a hash: Azure ML does not change a compute's
    size, and one that is made anew under its old name can come back with the old size.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: ComputeArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._size = arguments.size or DEFAULT_SIZES[arguments.kind]
        if arguments.type == "cluster":
            physical = cluster_name(arguments.compute, self._size, spot=arguments.spot)
            compute = self._cluster(physical)
        else:
            physical = workstation_name(context, arguments.compute, self._size)
            compute = self._workstation(physical)
        self.outputs = ComputeOutputs(name=physical, id=compute.id, machine=SIZES.get(self._size))
        self.done({"name": physical, "id": compute.id})

    def _cluster(self, physical: str) -> ml.Compute:
        arguments = self._arguments
        properties = ml.AmlComputePropertiesArgs(
            os_type="Linux",
            vm_size=self._size,
            vm_priority="LowPriority" if arguments.spot else "Dedicated",
            enable_node_public_ip=False,
            remote_login_port_public_access="Disabled",
            scale_settings=ml.ScaleSettingsArgs(
                min_node_count=arguments.min_nodes,
                max_node_count=arguments.max_nodes,
                node_idle_time_before_scale_down=f"PT{arguments.idle_seconds}S",
            ),
        )
        pipeline = arguments.identity.pipeline
        identity = (
            ml.ManagedServiceIdentityArgs(type="SystemAssigned")
            if pipeline is None
            else ml.ManagedServiceIdentityArgs(type="UserAssigned", user_assigned_identities=[pipeline.id])
        )
        return self._compute(
            "cluster",
            physical,
            ml.AmlComputeArgs(compute_type="AmlCompute", disable_local_auth=True, properties=properties),
            identity,
        )

    def _workstation(self, physical: str) -> ml.Compute:
        arguments = self._arguments
        if arguments.owner is None or arguments.owner.kind != "user":
            raise UsageError(
                f"the workstation {arguments.compute!r} needs a person as its owner",
                hint=f"Set compute.{arguments.compute}.owner to user:OBJECT_ID.",
            )
        if not _LEAST_IDLE_SECONDS <= arguments.idle_seconds <= _MOST_IDLE_SECONDS:
            raise UsageError(
                f"the workstation {arguments.compute!r} cannot stop after {arguments.idle_seconds} seconds of idleness",
                hint=f"Set compute.{arguments.compute}.idle to 15m at least, and to 3d at most: Azure's own limits.",
            )
        owner = ml.AssignedUserArgs(object_id=arguments.owner.id, tenant_id=self.context.account.tenant)
        properties = ml.ComputeInstancePropertiesArgs(
            vm_size=self._size,
            application_sharing_policy="Personal",
            compute_instance_authorization_type="personal",
            personal_compute_instance_settings=ml.PersonalComputeInstanceSettingsArgs(assigned_user=owner),
            enable_node_public_ip=False,
            enable_sso=True,
            idle_time_before_shutdown=f"PT{arguments.idle_seconds}S",
            ssh_settings=ml.ComputeInstanceSshSettingsArgs(ssh_public_access="Disabled"),
        )
        return self._compute(
            "workstation",
            physical,
            ml.ComputeInstanceArgs(compute_type="ComputeInstance", disable_local_auth=True, properties=properties),
            None,
        )

    def _compute(
        self,
        what: str,
        name: str,
        properties: ml.AmlComputeArgs | ml.ComputeInstanceArgs,
        identity: ml.ManagedServiceIdentityArgs | None,
    ) -> ml.Compute:
        arguments = self._arguments
        return ml.Compute(
            f"{self.name}-{what}",
            compute_name=name,
            workspace_name=arguments.workspace.name,
            resource_group_name=arguments.foundation.group,
            location=self.context.region,
            properties=properties,
            identity=identity,
            tags=self.context.tags,
            opts=self.child(
                depends_on=[*arguments.workspace.ready, *arguments.identity.ready],
                # An override may change these without the name; and the new one may need the vCPUs of the old one.
                replace_on_changes=[
                    f"properties.properties.{one}" for one in ("vmSize", "vmPriority", "subnet", "enableNodePublicIp")
                ],
                delete_before_replace=True,
            ),
        )


def cluster_name(compute: str, size: str, *, spot: bool) -> str:
    """The name of a cluster in its workspace: the config's, and a token of what Azure ML cannot change."""
    whole = f"{size}\n{'spot' if spot else 'dedicated'}"
    return _name(compute, hashlib.sha256(whole.encode()).hexdigest()[:4])


def workstation_name(context: Context, compute: str, size: str) -> str:
    """The name of an instance, which is taken once in a region of Azure."""
    return _name(compute, names.token(context, compute, size)[:7])


def _name(compute: str, token: str) -> str:
    # The letter before the token: a name that ends in a hyphen and digits is refused.
    return f"{compute.replace('_', '-')}-x{token}"
