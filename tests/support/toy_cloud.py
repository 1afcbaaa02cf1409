"""A project whose stacks hold two kinds of resources, for tests of the engine and of the commands that drive it.

``python -m toy_cloud WORDS…`` is the command line with that program in the place of the one that the config makes.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

from groundplan.cli.provisioning.cloud import Cloud
from groundplan.core.layout import Layout
from groundplan.modules.contract.context import AfterUp
from groundplan.modules.contract.planned import PlannedResource
from groundplan.modules.contract.rules import NameRule, TypeRules
from groundplan.stacks.engine import installation
from groundplan.stacks.engine.command import Limits
from groundplan.stacks.engine.operations import Driver
from groundplan.stacks.engine.workspace import Project
from groundplan.stacks.planning.plan import Plan

SUBSCRIPTION = "00000000-0000-4000-8000-000000000000"
CONFIG = f"""\
project: toy
platform: azureml
region: westeurope
account:
  subscription: {SUBSCRIPTION}
  tenant: 00000000-0000-4000-8000-000000000001
environments:
  dev: {{}}
  prod: {{}}
policies:
  packs: []
"""
ACCOUNT = "azure-native:storage:StorageAccount"
SCALE = "azure-native:monitor:AutoscaleSetting"
RULES = {
    ACCOUNT: TypeRules(
        source="made up for tests",
        name=NameRule(property="accountName", pattern="[a-z0-9]+", minimum=3, maximum=24),
        stateful=True,
        loses="every blob in it",
        soft_delete_days=7,
        purge="az storage purge {name} --group {group}",
    ),
    SCALE: TypeRules(source="made up for tests", machines=frozenset({"profiles.capacity.maximum"})),
}


def make(root: Path, **settings: object) -> Path:
    """The project in a new folder; ``settings`` as ``change`` takes them."""
    root.mkdir(parents=True)
    (root / "groundplan.yaml").write_text(CONFIG)
    change(root, **settings)
    return root


def change(root: Path, **settings: object) -> None:
    """Change what the program makes: accounts (names), sku, location, protect, endpoint, schedule (in the endpoint's
    workspace), machines (how many scale), error; or let it hang."""
    path = root / "toy.json"
    before: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({"accounts": ["one"], "sku": "Standard_LRS", "location": "westeurope", "protect": False,
                                "endpoint": False, "schedule": False, "machines": 0, "error": "", "hangs": False,
                                **before, **settings}))  # fmt: skip


def program(root: Path, stack: str) -> Callable[[], None]:
    """A resource group; in an environment the accounts too, and a reference to the shared stack."""

    def run() -> None:
        import pulumi
        import pulumi_azure_native as azure

        settings: dict[str, Any] = json.loads((root / "toy.json").read_text())
        if settings["error"]:
            raise ValueError(settings["error"])
        if settings["hangs"]:
            threading.Event().wait()
        options = pulumi.ResourceOptions(
            provider=azure.Provider("azure", subscription_id=SUBSCRIPTION), protect=settings["protect"]
        )
        group = azure.resources.ResourceGroup(
            "group", resource_group_name=f"rg-{stack}", location="westeurope", opts=options
        )
        names: list[str] = settings["accounts"] if stack != "shared" else []
        for name in names:
            account = azure.storage.StorageAccount(
                name, account_name=f"toy{stack}{name}", resource_group_name=group.name, kind="StorageV2",
                location=settings["location"], sku={"name": settings["sku"]}, opts=options,
            )  # fmt: skip
            pulumi.export(f"{name}_id", account.id)
        if settings["endpoint"] and stack != "shared":
            workspace = endpoint(stack, group, options)
            if settings["schedule"]:
                schedule(workspace, group, options)
        if settings["machines"] and stack != "shared":
            scale(stack, group, settings["machines"], options)
        pulumi.export("group", group.name)
        pulumi.export("key", pulumi.Output.secret("CANARY-of-an-output"))

    return run


def scale(stack: str, group: Any, most: int, options: Any) -> None:
    """What scales between one and ``most`` machines."""
    import pulumi_azure_native as azure

    azure.monitor.AutoscaleSetting(
        "scale", autoscale_setting_name=f"scale-{stack}", resource_group_name=group.name, location="westeurope",
        target_resource_uri=group.id, opts=options,
        profiles=[
            {"name": "load", "capacity": {"default": "1", "minimum": "1", "maximum": str(most)}, "rules": []}
        ],
    )  # fmt: skip


def endpoint(stack: str, group: Any, options: Any) -> Any:
    """A workspace with an online endpoint; the workspace."""
    import pulumi_azure_native as azure

    workspace = azure.machinelearningservices.Workspace(
        "workspace", workspace_name=f"mlw-{stack}", resource_group_name=group.name, location="westeurope",
        identity={"type": "SystemAssigned"}, opts=options,
    )  # fmt: skip
    azure.machinelearningservices.OnlineEndpoint(
        "churn", endpoint_name=f"churn-{stack}", workspace_name=workspace.name, resource_group_name=group.name,
        location="westeurope", kind="Managed", identity={"type": "SystemAssigned"},
        properties={"auth_mode": "AADToken"}, opts=options,
    )  # fmt: skip
    return workspace


def schedule(workspace: Any, group: Any, options: Any) -> None:
    """A schedule of jobs in the workspace, which is on."""
    import pulumi_azure_native as azure

    azure.machinelearningservices.Schedule(
        "nightly", name="nightly", workspace_name=workspace.name, resource_group_name=group.name,
        properties=azure.machinelearningservices.SchedulePropertiesArgs(
            trigger=azure.machinelearningservices.CronTriggerArgs(trigger_type="Cron", expression="0 3 * * *"),
            is_enabled=True,
            action=azure.machinelearningservices.JobScheduleActionArgs(
                action_type="CreateJob",
                job_definition=azure.machinelearningservices.PipelineJobArgs(job_type="Pipeline"),
            ),
        ),
        opts=options,
    )  # fmt: skip


def urn(stack: str, name: str, type: str = ACCOUNT) -> str:
    """The URN of a resource of the toy."""
    return f"urn:pulumi:{stack}::toy::{type}::{name}"


def driver(root: Path, **options: Any) -> Driver:
    """The engine on this project, as the environment of this process says."""
    project = Project(layout=Layout(root), name="toy", platform="azureml", engine=installation.find(None))
    return Driver(project=project, limits=Limits(tell=lambda _: None), **options)


def plan(root: Path, stack: str) -> Plan:
    """What an offline plan would say of who asks for the accounts, and for what scales."""
    settings: dict[str, Any] = json.loads((root / "toy.json").read_text())
    asked = [(name, ACCOUNT, "region", "groundplan.yaml:3:1") for name in settings["accounts"]]
    if settings["machines"]:
        asked.append(("scale", SCALE, "environments.dev", "groundplan.yaml:8:3"))
    return Plan(
        project="toy",
        stack=stack,
        platform="azureml",
        resources=tuple(
            PlannedResource(urn=urn(stack, name, type), type=type, name=name, cause=cause, where=where)
            for name, type, cause, where in asked
        ),
        steps=(AfterUp(title="upload data", reason="no resource does it", command="groundplan data upload"),),
    )


def patched() -> Any:
    """The commands with the toy's program, plans and rules."""

    def plans(cloud: Cloud, stacks: Sequence[str]) -> Mapping[str, Plan]:
        return {stack: plan(cloud.configs["shared"].root, stack) for stack in stacks}

    def own_program(cloud: Cloud, stack: str) -> Callable[[], None]:
        return program(cloud.configs["shared"].root, stack)

    return mock.patch.multiple(Cloud, program=own_program, plans=plans, rules=RULES)


def main() -> None:
    """The command line."""
    from groundplan.cli.main import main as groundplan

    with patched():
        groundplan()


if __name__ == "__main__":
    os.environ.setdefault("GROUNDPLAN_USER", "tester")
    main()
