"""Google's service agents: the accounts by which a service reads, writes and decrypts for a project."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import pulumi

from ..contract.context import Context
from ..contract.foundation import FoundationOutputs

MADE_ON_REQUEST: Final = ("aiplatform", "artifactregistry", "notebooks")
"""The services whose agent is made only when asked for; the other agents come with their service."""

_ADDRESSES: Final = {
    "aiplatform": "service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com",
    "artifactregistry": "service-{number}@gcp-sa-artifactregistry.iam.gserviceaccount.com",
    "bigquery": "bq-{number}@bigquery-encryption.iam.gserviceaccount.com",
    "compute": "service-{number}@compute-system.iam.gserviceaccount.com",
    "notebooks": "service-{number}@gcp-sa-notebooks.iam.gserviceaccount.com",
    "storage": "service-{number}@gs-project-accounts.iam.gserviceaccount.com",
}
"""The agents' addresses (https://cloud.google.com/iam/docs/service-agents)."""


def api(service: str) -> str:
    """The name of a service's API."""
    return f"{service}.googleapis.com"


def members(context: Context, vertex_agent: pulumi.Output[str]) -> Mapping[str, pulumi.Input[str]]:
    """The agents by service, each as a member to whom a role can be given.

    The project's number says them all; a config that lacks it has it read from the address of Vertex AI's agent.
    """
    number = context.account.number
    if number:
        return {service: _member(service, number) for service in _ADDRESSES}
    found = vertex_agent.apply(_number)
    return {service: found.apply(partial(_member, service)) for service in _ADDRESSES}


def project_number(context: Context, foundation: FoundationOutputs) -> str | pulumi.Output[str]:
    """The project's number, from the config or else from the address of Vertex AI's agent."""
    if context.account.number:
        return context.account.number
    return pulumi.Output.from_input(foundation.agents["aiplatform"]).apply(_number)


def _number(agent: str) -> str:
    return agent.partition("@")[0].rpartition("-")[2]


def _member(service: str, number: str) -> str:
    return f"serviceAccount:{_ADDRESSES[service].format(number=number)}"
