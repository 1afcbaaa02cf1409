"""Identities: who pipelines, endpoints and the workspace act as, and how CI gets in without a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pulumi

    from .foundation import FoundationOutputs


@dataclass(frozen=True, kw_only=True)
class FederationArguments:
    """The repository whose CI may act; ``environments`` are the stacks, each an environment of the CI system."""

    provider: Literal["github", "gitlab", "azure-devops"]
    repository: str
    branch: str
    environments: tuple[str, ...]
    repository_id: str = ""
    organization_id: str = ""
    service_connection: str = ""


@dataclass(frozen=True, kw_only=True)
class Principal:
    """A person, group or service: ``id`` is an object id (Azure) or an e-mail address (Google Cloud)."""

    kind: Literal["user", "group", "service"]
    id: str


@dataclass(frozen=True, kw_only=True)
class WorkloadIdentity:
    """An identity without a key. ``id`` is the resource id (Azure) or the e-mail (Google Cloud); ``principal`` is
    what roles are given to (Azure: object id; Google Cloud: ``serviceAccount:…``)."""

    name: str
    id: pulumi.Input[str]
    principal: pulumi.Input[str]
    client_id: pulumi.Input[str] = ""


@dataclass(frozen=True, kw_only=True)
class IdentityArguments:
    """In an environment: the workloads' identities. In the shared stack: CI's, with its federation."""

    foundation: FoundationOutputs
    federation: FederationArguments | None = None


@dataclass(frozen=True, kw_only=True)
class IdentityOutputs:
    """``workspace``, ``pipeline`` and ``endpoint`` in an environment; in the shared stack ``ci``: one identity for each
    stack by its name, so that what may deploy to one environment can do nothing to another.
    """

    workspace: WorkloadIdentity | None = None
    pipeline: WorkloadIdentity | None = None
    endpoint: WorkloadIdentity | None = None
    ci: Mapping[str, WorkloadIdentity] = field(default_factory=dict[str, WorkloadIdentity])
    ready: tuple[pulumi.Resource, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Workloads:
    """The identities of an environment, all there."""

    workspace: WorkloadIdentity
    pipeline: WorkloadIdentity
    endpoint: WorkloadIdentity


def workloads(outputs: IdentityOutputs) -> Workloads:
    """The identities that an environment has and the shared stack has not: asking there is a mistake of the program."""
    if outputs.workspace is None or outputs.pipeline is None or outputs.endpoint is None:
        raise ValueError("only an environment has identities of workloads")
    return Workloads(workspace=outputs.workspace, pipeline=outputs.pipeline, endpoint=outputs.endpoint)
