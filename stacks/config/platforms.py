"""Where the product runs, and the sections that clouds fill: network, identity, compute, registry, features."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .section import Cron, Duration, Name, PortName, Section, Text

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
GcpProject = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$")]
Cidr = Annotated[str, StringConstraints(pattern=r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,30}$")]


class Account(Section):
    """The cloud account: ``subscription`` and ``tenant`` for azureml, ``project`` for vertex."""

    subscription: Uuid | None = None
    """Azure: the subscription's id."""

    tenant: Uuid | None = None
    """Azure: the tenant's id."""

    project: GcpProject | None = None
    """Google Cloud: the project's id."""

    number: Annotated[str, StringConstraints(pattern=r"^[0-9]{6,15}$")] | None = None
    """Google Cloud: the project's number, in quotes."""

    billing_account: Annotated[str, StringConstraints(pattern=r"^[0-9A-F]{6}(-[0-9A-F]{6}){2}$")] | None = None
    """Google Cloud: the billing account, for budgets."""

    organization: Annotated[str, StringConstraints(pattern=r"^[0-9]{6,15}$")] | None = None
    """Google Cloud: the organization's number, in quotes."""


class Network(Section):
    """How private the platform is."""

    access: Literal["private", "public"] = "private"
    """Whether workspace, storage and endpoints can be reached from the internet."""

    address_space: Cidr | None = None
    """The address range of an own network; without it the platform manages the network."""

    hub: Cidr | None = None
    """The address range of a hub in the shared stack that the environments' own networks join."""

    connection: Literal["psc", "peering"] = "psc"
    """Google Cloud: how services are reached privately: Private Service Connect, or VPC peering."""

    perimeter: bool = False
    """Google Cloud: whether a service perimeter (VPC Service Controls) encloses the project."""

    access_policy: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,15}$")] | None = None
    """Google Cloud: the number of the organization's access policy, for ``perimeter``, in quotes."""

    allowed_outbound: list[Text] = []
    """Host names that training and serving may reach."""


class Federation(Section):
    """The repository whose CI may act without a stored credential."""

    provider: Literal["github", "gitlab", "azure-devops"]
    """The CI system."""

    repository: Text
    """``owner/name`` of the repository."""

    repository_id: Text | None = None
    """The repository's number, which stays its own when the name is given away, in quotes."""

    organization_id: Text | None = None
    """Azure DevOps: the organization's id."""

    service_connection: Text | None = None
    """Azure DevOps: the service connection, ``project/name``; for Azure ML one a stack, ``project/name-STACK``."""

    branch: Text = "main"
    """The branch whose pipeline may deploy."""


class Identity(Section):
    """Who the product acts as."""

    federation: Federation | None = None
    """CI by federated identity; there is no way to store a key."""


class Encryption(Section):
    """Encryption with a key of your own; ``encryption: {}`` has groundplan make one in the shared stack."""

    key: Text | None = None
    """The id of a key that is there already; without it one is made."""

    vault: Text | None = None
    """Azure: the resource id of the vault that holds ``key``."""

    region: Region | None = None
    """Azure: the region of ``key``, whose id does not say it."""

    rotation: Duration = "90d"
    """How often a key that groundplan makes is renewed."""

    protection: Literal["software", "hsm"] = "software"
    """Whether a key that groundplan makes lives in a hardware module."""


class Compute(Section):
    """A compute that steps name, or that a person works on."""

    type: Literal["cluster", "workstation"] = "cluster"
    """A cluster runs steps; a workstation is one person's, and stops when idle."""

    owner: Text | None = None
    """Whose workstation it is: a principal, as in ``team``."""

    spot: bool = False
    """Whether it runs on spare capacity that can be taken away."""

    size: Text | None = None
    """The cloud's machine type; without it the platform's default for ``kind``."""

    kind: Literal["cpu", "gpu"] = "cpu"
    """Whether it has an accelerator."""

    max_nodes: Annotated[int, Field(ge=1, le=1000)] = 1
    """The most machines at once."""

    min_nodes: Annotated[int, Field(ge=0, le=1000)] = 0
    """The machines kept while idle."""

    idle: Duration = "15m"
    """When idle machines are given back."""


class Registry(Section):
    """The model and image registry."""

    shared: bool = True
    """Whether all environments share one registry."""

    retention: Duration | None = None
    """When images that no environment uses are removed."""


class FeatureSet(Section):
    """Features that training and serving share."""

    source: Text
    """The data source or table that holds them."""

    entity: Name
    """What a row is about, such as a customer."""

    keys: list[PortName]
    """The columns that identify the entity."""

    features: list[PortName] = []
    """The columns that are features; without any, all columns that are neither keys nor the time."""

    timestamp: PortName | None = None
    """The column that says since when a row is true; a set without it has one row for each entity."""


class Features(Section):
    """The feature store."""

    sets: dict[Name, FeatureSet] = {}
    """Feature sets by name."""

    online: bool = False
    """Whether features are served online too."""

    schedule: Cron = "0 3 * * *"
    """When features are computed anew: five cron fields, in UTC."""
