"""A project on each cloud for ``doctor``: the real SDKs' clients before it, a stand-in service behind it, all well."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from groundplan.cli.diagnosis.cloud import asking
from groundplan.cli.diagnosis.cloud.view import View, view
from groundplan.cli.diagnosis.diagnosis import Diagnosis
from groundplan.lifecycle.azureml.account import AzureAccount
from groundplan.lifecycle.contract.need import Need
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.vertex.account import GoogleAccount
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.needs import StackNeeds, needs, works

import cloud_configs
from serving_kit import signed_in
from stand_in import Store
from stand_in.services import AzureMLService, VertexService
from stand_in.services.http import Service
from stand_in.services.subscription import OWNER
from terminal import call

SUBSCRIPTION = "/subscriptions/00000000-0000-4000-8000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-churn-dev-westeurope"
TENANT = "00000000-0000-4000-8000-0000000000aa"
OBJECT = "00000000-0000-4000-8000-0000000000ee"
SERVING, TRAINING = (
    "Custom model serving CPUs for N1/E2 machine types", "Custom model training CPUs for N2 machine types",
)  # fmt: skip
CONFIG = "models: {churn: {}}\nendpoints: {churn: {model: churn}}\ncompute: {default: {max_nodes: 2}}\n"
_ML = "Microsoft.MachineLearningServices/workspaces"
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
WORKS = {
    "azureml": (
        Need(work="keep records", on="artifacts", data=(f"{_BLOBS}/read", f"{_BLOBS}/write")),
        Need(work="predict", on="workspace", permissions=(f"{_ML}/onlineEndpoints/score/action",)),
    ),
    "vertex": (
        Need(work="keep records", on="artifacts", permissions=("storage.objects.create", "storage.objects.get")),
        Need(work="deploy", on="endpoint account", permissions=("iam.serviceAccounts.actAs",)),
        Need(work="predict", on="endpoint", permissions=("aiplatform.endpoints.predict",)),
    ),
}
"""What work on models asks for: few things, so that a test does not change with each call that an adapter makes."""

_PROVIDERS = (
    "Microsoft.Authorization", "Microsoft.Insights", "Microsoft.KeyVault", "Microsoft.MachineLearningServices",
    "Microsoft.ManagedIdentity", "Microsoft.OperationalInsights", "Microsoft.Resources", "Microsoft.Storage",
)  # fmt: skip
PACE = Pace(first_seconds=0.005, longest_seconds=0.02, tries=2)


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project and its cloud; ``asked`` is a view with the plan made, for an account that nobody asked before."""

    platform: str
    root: Path
    service: Service
    planned: View

    @property
    def azure(self) -> AzureMLService:
        """The service, where it is Azure's."""
        assert isinstance(self.service, AzureMLService)
        return self.service

    @property
    def google(self) -> VertexService:
        """The service, where it is Google's."""
        assert isinstance(self.service, VertexService)
        return self.service

    def reset(self) -> None:
        """A cloud in which all is well, and nothing is there yet."""
        service = self.service
        service.meanwhile = None
        for one in (service.requests, service.strikes):
            one.clear()
        with service.store.changing() as content:
            content["resources"].clear()
        if isinstance(service, VertexService):
            service.reset()
            service.token = "canary-of-google"
            service.account.metrics = {
                ("custom_model_training_n2_cpus", TRAINING): {"": 42},
                ("custom_model_training_cpus", "Custom model training CPUs for N1/E2 machine types"): {"": 1},
                ("custom_model_serving_cpus", SERVING): {"": 4, "europe-west4": 42},
            }
            return
        assert isinstance(service, AzureMLService)
        service.token = token()
        subscription = service.subscription
        subscription.state, subscription.tenant, subscription.gone = "Enabled", TENANT, False
        subscription.granted = {SUBSCRIPTION: [OWNER]}
        subscription.registered = set(_PROVIDERS)
        subscription.usages = {"standarddsv2family": (6, 100), "standardDSv3Family": (0, 0), "lowPriorityCores": (0, 1)}
        subscription.groups, subscription.assigned = set(), {}

    def ask(self, *skipped: str, seconds: float = 60, pace: Pace = PACE) -> dict[str, Diagnosis]:
        """What the checks say, by id."""
        one = self.planned
        account = (
            AzureAccount(_workspace(), pace=pace)
            if self.platform == "azureml"
            else GoogleAccount("acme-churn", pace=pace)
        )
        found = asking.ask(replace(one, account=account, seconds=seconds), skipped)
        return {check.id: answer for check, answer in found}

    def states(self, *skipped: str) -> dict[str, str]:
        """The states of all checks, without what their ids begin with."""
        return {id.removeprefix("cloud."): one.state for id, one in self.ask(*skipped).items()}


def _workspace() -> str:
    return f"{GROUP}/providers/Microsoft.MachineLearningServices/workspaces/mlw-churn-dev"


def token(**claims: str) -> str:
    """A token as Entra makes them, signed by nobody."""
    said: Mapping[str, Any] = {"tid": TENANT, "oid": OBJECT, "upn": "ada@example.com", **claims}
    return ".".join(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in ({}, said, {}))


@contextmanager
def project(platform: str, folder: Path) -> Generator[Project]:
    """A project with one endpoint, this process signed in to its cloud."""
    root = folder / "project"
    root.mkdir()
    (root / "groundplan.yaml").write_text(cloud_configs.FIRST_LINES[platform] + CONFIG, encoding="utf-8")
    with signed_in(platform, Store(folder / "cloud"), folder) as service:
        configs = read_stacks(root)
        planned = view(configs, "dev", planned=False, seconds=60)
        plans = {stack: _needs(platform, root, stack) for stack in ("dev", "shared")}
        asked = replace(
            planned, needs=plans["dev"], shared=plans["shared"], works=works(configs, "dev", WORKS[platform])
        )
        yield Project(platform=platform, root=root, service=service, planned=asked)


_NEEDS: dict[tuple[str, str], StackNeeds] = {}
"""What the plans need, by platform and stack: the same for every module of tests."""


def _needs(platform: str, root: Path, stack: str) -> StackNeeds:
    if (platform, stack) not in _NEEDS:
        _NEEDS[platform, stack] = needs(read_stacks(root), stack)
    return _NEEDS[platform, stack]


def doctor(project: Project, *arguments: str, code: int = 0) -> dict[str, Any]:
    """What the command says in JSON of the environment dev."""
    done = call("doctor", "-e", "dev", "--format", "json", *arguments, cwd=project.root)
    assert (done.returncode, done.stderr) == (code, "")
    return json.loads(done.stdout)


def settle() -> None:
    """Wait for the threads of checks whose time was up."""
    for thread in threading.enumerate():
        if thread.name.startswith("cloud."):
            thread.join(60)
            assert not thread.is_alive(), thread.name
