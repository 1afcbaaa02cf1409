"""The commands that put things right at a cloud, as its own command line takes them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Protocol

from ....lifecycle.contract.account import Caller
from ....stacks.config.config import Account
from ....stacks.config.resolved import Resolved

WHO = "WHO"
"""Stands in a command for somebody whose name the sign-in does not tell."""


class Remedies(Protocol):
    """What to type at one cloud."""

    def login(self) -> str:
        """Sign in."""
        ...

    def switch_on(self, services: Sequence[str]) -> str:
        """Switch services on."""
        ...

    def grant(self, role: str, scope: str, caller: Caller) -> str:
        """Give the caller a role on a place."""
        ...

    def permissions(self, scope: str) -> str:
        """See what one may do on a place."""
        ...

    def reservations(self) -> str:
        """See conditions, denials and policies."""
        ...

    def quota(self, region: str) -> str:
        """See quotas and ask for more."""
        ...


def remedies(config: Resolved) -> Remedies:
    """Those of the cloud that the config names."""
    account = config.config.account
    assert account is not None  # noqa: S101 a config of a cloud has one
    return AzureRemedies(account) if config.config.platform == "azureml" else GoogleRemedies(account)


class AzureRemedies:
    """What to type at Azure."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def login(self) -> str:
        """Sign in."""
        account = self._account
        return f"az login --tenant {account.tenant} && az account set --subscription {account.subscription}"

    def switch_on(self, services: Sequence[str]) -> str:
        """Register resource providers."""
        command = f"az provider register --subscription {self._account.subscription} --namespace"
        if len(services) == 1:
            return f"{command} {services[0]}"
        return f"for one in {' '.join(services)}; do {command} $one; done"

    def grant(self, role: str, scope: str, caller: Caller) -> str:
        """Assign a role."""
        return f"az role assignment create --assignee {caller.id or WHO} --role {shlex.quote(role)} --scope {scope}"

    def permissions(self, scope: str) -> str:
        """List role assignments."""
        return f"az role assignment list --assignee {WHO} --include-inherited --include-groups --scope {scope}"

    def reservations(self) -> str:
        """List them; Azure has no command for deny assignments."""
        scope = f"/subscriptions/{self._account.subscription}"
        return (
            f'az role assignment list --all --query "[?condition]" and az policy assignment list --scope {scope} show '
            "them; deny assignments are in the portal: Access control (IAM), Deny assignments"
        )

    def quota(self, region: str) -> str:
        """Azure has a command to see the quotas of Azure ML, and a page to ask for more."""
        subscription = self._account.subscription
        return (
            f"az ml compute list-usage --location {region} --subscription {subscription} shows it; more is asked for "
            "in Azure ML Studio: Quota, Request quota"
        )


class GoogleRemedies:
    """What to type at Google Cloud."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def login(self) -> str:
        """Sign in."""
        return f"gcloud auth application-default login --project {self._account.project}"

    def switch_on(self, services: Sequence[str]) -> str:
        """Enable services."""
        return f"gcloud services enable {' '.join(services)} --project={self._account.project}"

    def grant(self, role: str, scope: str, caller: Caller) -> str:
        """Add a member to a role."""
        kind = "serviceAccount" if caller.name.endswith(".gserviceaccount.com") else "user"
        member = f"{kind}:{caller.name}" if caller.name else WHO
        return f"gcloud {_kept(scope)} --member={member} --role={role.partition(' ')[0]}"

    def permissions(self, scope: str) -> str:
        """See who has which role."""
        return f"gcloud {_kept(scope).replace('add-iam-policy-binding', 'get-iam-policy')}"

    def reservations(self) -> str:
        """The policy with its conditions; a simulation is what tells of one request."""
        project = self._account.project
        return f"gcloud projects get-iam-policy {project} --format=json shows them"

    def quota(self, region: str) -> str:
        """Google's page of quotas shows them and takes wishes for more."""
        return f"https://console.cloud.google.com/iam-admin/quotas?project={self._account.project} (region {region})"


def _kept(scope: str) -> str:
    """The words of gcloud that add a member to a role on a place."""
    add, name = "add-iam-policy-binding", scope.rpartition("/")[2]
    if scope.startswith("gs://"):
        return f"storage buckets {add} {scope}"
    if "/serviceAccounts/" in scope:
        return f"iam service-accounts {add} {name}"
    kinds = {"accessPolicies": "access-context-manager policies", "billingAccounts": "billing accounts"}
    return f"{kinds.get(scope.partition('/')[0], 'projects')} {add} {name}"
