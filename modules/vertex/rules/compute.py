"""What Google Cloud asks of persistent resources, Workbench instances and runtime templates."""

from __future__ import annotations

from ...contract.rules import NameRule, TypeRules

_HYPHENATED = r"[a-z]([a-z0-9-]*[a-z0-9])?"
_DISKS = frozenset({"PD_STANDARD", "PD_SSD", "PD_BALANCED", "PD_EXTREME", "HYPERDISK_BALANCED"})

RULES = {
    "gcp:vertex/aiPersistentResource:AiPersistentResource": TypeRules(
        source="aiplatform v1 PersistentResource; terraform-provider-google-beta 7.45",
        name=NameRule(property="name", pattern=_HYPHENATED, minimum=1, maximum=63, unique="region"),
        replaced_by=frozenset(
            {
                "encryptionSpec", "location", "name", "network", "project", "pscInterfaceConfig", "reservedIpRanges",
                "resourcePools.autoscalingSpec", "resourcePools.diskSpec", "resourcePools.machineSpec",
                "resourceRuntimeSpec",
            }
        ),
        at_most_one=(frozenset({"network", "pscInterfaceConfig"}),),
        ranges={"resourcePools.diskSpec.bootDiskSizeGb": (100, 64000)},
        machines=frozenset({"resourcePools.replicaCount", "resourcePools.autoscalingSpec.maxReplicaCount"}),
        choices={"resourcePools.diskSpec.bootDiskType": frozenset({"pd-ssd", "pd-standard", "hyperdisk-balanced"})},
    ),
    "gcp:workbench/instance:Instance": TypeRules(
        source="notebooks v2 Instance; terraform-provider-google-beta 7.45",
        name=NameRule(property="name", pattern=_HYPHENATED, minimum=1, maximum=63, unique="region"),
        stateful=True,
        loses="the files on its disks",
        replaced_by=frozenset(
            {
                "disableProxyAccess", "gceSetup.bootDisk.diskEncryption", "gceSetup.bootDisk.diskType",
                "gceSetup.bootDisk.kmsKey", "gceSetup.confidentialInstanceConfig", "gceSetup.dataDisks.diskEncryption",
                "gceSetup.dataDisks.diskType", "gceSetup.dataDisks.kmsKey", "gceSetup.disablePublicIp",
                "gceSetup.enableIpForwarding", "gceSetup.networkInterfaces", "gceSetup.serviceAccounts",
                "gceSetup.tags", "gceSetup.vmImage", "instanceId", "instanceOwners", "location", "name", "project",
            }
        ),
        at_most_one=(frozenset({"gceSetup.vmImage", "gceSetup.containerImage"}),),
        patterns={
            "location": r"[a-z]+-[a-z]+[0-9]+-[a-z]",
            "gceSetup.metadata.idle-timeout-seconds": r"(6[0-9]{2}|[7-9][0-9]{2}|[0-9]{4,7})",
        },
        choices={
            "gceSetup.bootDisk.diskEncryption": frozenset({"GMEK", "CMEK"}),
            "gceSetup.dataDisks.diskEncryption": frozenset({"GMEK", "CMEK"}),
            "gceSetup.bootDisk.diskType": _DISKS,
            "gceSetup.dataDisks.diskType": _DISKS,
        },
    ),
    "gcp:colab/runtimeTemplate:RuntimeTemplate": TypeRules(
        source="aiplatform v1 NotebookRuntimeTemplate; terraform-provider-google-beta 7.45",
        name=NameRule(property="name", pattern=r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", minimum=1, maximum=128,
                      unique="region"),
        replaced_by=frozenset(
            {
                "dataPersistentDiskSpec", "description", "eucConfig", "idleShutdownConfig", "machineSpec", "name",
                "networkSpec", "networkTags", "project", "shieldedVmConfig",
            }
        ),
        patterns={"idleShutdownConfig.idleTimeout": r"[0-9]+s"},
    ),
}  # fmt: skip
"""By type token."""
