"""Computes on Vertex AI: persistent resources for clusters that keep nodes, Workbench instances for workstations."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_gcp import colab, vertex, workbench

from ..contract.component import Component
from ..contract.compute import ComputeArguments, ComputeOutputs
from ..contract.context import AfterUp, Context
from . import chosen_names, connections, machines
from .labels import labels

_DISK_GB = 100
_UPGRADES = "00 19 * * MON"
_SHORTEST_IDLE_SECONDS = 600
_FIRST_ZONES = {"europe-west1": "b", "us-east1": "b"}
"""The first zone of the regions that have no zone ``a``."""


class Compute(Component):
    """One compute of the config. A cluster that scales to zero is no resource: each job asks for its own machines."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: ComputeArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        self._type = machines.machine_type(arguments.size, arguments.kind)
        self._machine = machines.machine(self._type, arguments.kind)
        self._gpus = 0 if self._machine is None else self._machine.gpus
        self._name = chosen_names.hyphenated(context, arguments.compute)
        self.steps = tuple(self._remarks())
        self.outputs = ComputeOutputs(name=self._name, id=self._made(), machine=self._machine)
        self.done({"name": self.outputs.name, "id": self.outputs.id})

    def _made(self) -> pulumi.Input[str]:
        if self._arguments.type == "workstation":
            self._template()
            return self._workstation().id
        return self._persistent().id if self._arguments.min_nodes else ""

    def _persistent(self) -> vertex.AiPersistentResource:
        """Machines that wait for jobs, so that a job need not wait for machines."""
        arguments = self._arguments
        pool: Any = {
            "machine_spec": self._spec(),
            "disk_spec": {"boot_disk_type": "pd-ssd", "boot_disk_size_gb": _DISK_GB},
            **self._replicas(),
        }
        return vertex.AiPersistentResource(
            f"{self.name}-persistent-resource",
            project=self.context.account.project,
            location=self.context.region,
            name=self._name,
            display_name=self._name,
            resource_pools=[pool],
            resource_runtime_spec={"service_account_spec": {"enable_custom_service_account": True}},
            network=connections.peered(self.context, arguments.foundation, arguments.network),
            psc_interface_config=connections.interface(arguments.network),
            encryption_spec=_key(arguments),
            labels=labels(self.context, compute=arguments.compute),
            opts=self.child(depends_on=self._ready()),
        )

    def _replicas(self) -> dict[str, Any]:
        least, most = self._arguments.min_nodes, max(self._arguments.min_nodes, self._arguments.max_nodes)
        if least == most:
            return {"replica_count": str(least)}
        return {"autoscaling_spec": {"min_replica_count": str(least), "max_replica_count": str(most)}}

    def _workstation(self) -> workbench.Instance:
        arguments = self._arguments
        return workbench.Instance(
            f"{self.name}-workbench",
            project=self.context.account.project,
            location=f"{self.context.region}-{_FIRST_ZONES.get(self.context.region, 'a')}",
            name=self._name,
            instance_owners=[arguments.owner.id] if arguments.owner is not None else None,
            gce_setup=self._setup(),
            labels=labels(self.context, compute=arguments.compute),
            # It stops when idle and is started by its owner: neither is a change of the config.
            opts=self.child(stateful=True, ignore_changes=["desiredState"], depends_on=self._ready()),
        )

    def _setup(self) -> Any:
        arguments, gpus = self._arguments, self._gpus
        network, subnet = arguments.network.network_id, arguments.network.subnet_id
        account = arguments.identity.workspace
        setup: dict[str, Any] = {
            "machine_type": self._type,
            "disable_public_ip": True,
            "enable_ip_forwarding": False,
            "boot_disk": _disk(arguments, _DISK_GB + 50),
            "data_disks": _disk(arguments, _DISK_GB),
            "metadata": _metadata(arguments.idle_seconds),
            "shielded_instance_config": {
                # Google's images load the driver of a GPU unsigned, which a secure boot refuses.
                "enable_secure_boot": not gpus,
                "enable_vtpm": True,
                "enable_integrity_monitoring": True,
            },
        }
        if account is not None:
            setup["service_accounts"] = [{"email": account.id}]
        if network is not None and subnet is not None:
            setup["network_interfaces"] = [{"network": network, "subnet": subnet}]
        if self._machine is not None and gpus:
            setup["accelerator_configs"] = [{"type": self._machine.accelerator, "core_count": str(gpus)}]
        return setup

    def _template(self) -> colab.RuntimeTemplate:
        """The same machine for notebooks in the browser, which end when idle and keep nothing."""
        arguments, private = self._arguments, self._arguments.network.access == "private"
        spec: Any = {"enable_internet_access": not private}
        if arguments.network.network_id is not None and arguments.network.subnet_id is not None:
            spec |= {"network": arguments.network.network_id, "subnetwork": arguments.network.subnet_id}
        return colab.RuntimeTemplate(
            f"{self.name}-runtime-template",
            project=self.context.account.project,
            location=self.context.region,
            name=self._name,
            display_name=self._name,
            description=f"Notebooks on the machine of compute {arguments.compute}",
            machine_spec=self._spec(),
            network_spec=spec,
            idle_shutdown_config={"idle_timeout": f"{max(arguments.idle_seconds, _SHORTEST_IDLE_SECONDS)}s"},
            shielded_vm_config={"enable_secure_boot": not self._gpus},
            euc_config={"euc_disabled": False},
            encryption_spec=_key(arguments),
            labels=labels(self.context, compute=arguments.compute),
            opts=self.child(depends_on=self._ready()),
        )

    def _spec(self) -> Any:
        return machines.spec(self._type, self._machine)

    def _ready(self) -> list[pulumi.Resource]:
        arguments = self._arguments
        return [*arguments.workspace.ready, *arguments.identity.ready, *arguments.network.ready]

    def _remarks(self) -> list[AfterUp]:
        arguments, found = self._arguments, list[AfterUp]()
        if arguments.type == "cluster" and not arguments.min_nodes:
            found.append(
                AfterUp(
                    title=f"Compute {arguments.compute} is no resource",
                    reason=f"Vertex AI gives each job its own machines ({self._type}) and takes them back after it; "
                    "only machines that are kept (min_nodes) are provisioned",
                )
            )
        if arguments.spot:
            found.append(
                AfterUp(
                    title=f"Compute {arguments.compute} does not run on spare capacity",
                    reason="Vertex AI has it neither for machines that are kept, nor for steps of pipelines, nor for "
                    "workstations",
                )
            )
        return found


def _key(arguments: ComputeArguments) -> Any:
    return None if arguments.encryption is None else {"kms_key_name": arguments.encryption.key_id}


def _disk(arguments: ComputeArguments, gigabytes: int) -> dict[str, Any]:
    disk: dict[str, Any] = {"disk_size_gb": str(gigabytes), "disk_type": "PD_BALANCED"}
    if arguments.encryption is None:
        return {**disk, "disk_encryption": "GMEK"}
    return {**disk, "disk_encryption": "CMEK", "kms_key": arguments.encryption.key_id}


def _metadata(idle_seconds: int) -> dict[str, str]:
    """What a notebook can read stays there, what is done stands in notebooks, and the system is renewed every week."""
    return {
        "idle-timeout-seconds": str(max(idle_seconds, _SHORTEST_IDLE_SECONDS)),
        "notebook-disable-root": "true",
        "notebook-disable-downloads": "true",
        "notebook-disable-terminal": "true",
        "notebook-upgrade-schedule": _UPGRADES,
        "enable-oslogin": "TRUE",
        "block-project-ssh-keys": "TRUE",
        "serial-port-enable": "FALSE",
    }
