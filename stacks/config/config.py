"""The whole config, resolved for one environment, and what an environment may say itself."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .data import Data
from .endpoints import Endpoint
from .evaluation import Evaluation, Model
from .governance import Governance, State, Tier
from .operations import Budget, Monitoring, Policies, Retraining
from .pipelines import Pipeline
from .platforms import Account, Compute, Encryption, Features, Identity, Network, Region, Registry
from .section import Name, ProjectName, Section, Text
from .team import Approval, Team

API_VERSION = "groundplan/v1"

Platform = Literal["local", "azureml", "vertex"]
Maturity = Literal["foundation", "automation", "optimization"]


class Config(Section):
    """groundplan.yaml for one environment: the file, its defaults and that environment's overrides in one."""

    api_version: Literal["groundplan/v1"] = Field(default=API_VERSION, alias="apiVersion")
    """The version of this format."""

    project: ProjectName
    """The product's name: lower-case letters, digits and single hyphens; 2 to 32 characters."""

    platform: Platform
    """Where it runs: ``local``, ``azureml`` or ``vertex``."""

    region: Region | None = None
    """The cloud's region."""

    account: Account | None = None
    """The cloud's account."""

    owner: Text | None = None
    """Who answers for the product: a team or an e-mail address."""

    maturity: Maturity = "foundation"
    """How far the product is; picks the defaults, each of which can be overridden. docs/maturity.md lists them."""

    team: Team = {}
    """The principals of the seven roles."""

    data: Data = Data()
    """The data the product learns from."""

    pipelines: dict[Name, Pipeline] = {}
    """Pipelines by name; without any, a packaged baseline named ``train``."""

    evaluation: Evaluation = Evaluation()
    """The rubric of all models that have none of their own."""

    models: dict[Name, Model] = {}
    """Models by name; without any, one with the project's name."""

    endpoints: dict[Name, Endpoint] = {}
    """Endpoints by name; without any, one for each model."""

    network: Network = Network()
    """How private the platform is."""

    identity: Identity = Identity()
    """Who the product acts as."""

    encryption: Encryption | None = None
    """A key of your own."""

    compute: dict[Name, Compute] = {"default": Compute()}
    """Computes by name."""

    registry: Registry = Registry()
    """The model and image registry."""

    features: Features = Features()
    """The feature store."""

    monitoring: Monitoring = Monitoring()
    """What is watched."""

    retraining: Retraining = Retraining()
    """When a model is trained again."""

    budget: Budget | None = None
    """What an environment may cost."""

    policies: Policies = Policies()
    """The policy rules in force."""

    governance: Governance = Governance()
    """What every resource says of itself, as tags or labels."""

    state: State = State()
    """Where the state of what was provisioned is kept."""

    overrides: dict[Text, dict[Text, Any]] = {}
    """On the clouds: properties of single resources, by their names in the plan and the provider's words."""


class EnvironmentSettings(Section):
    """What belongs to an environment itself; every other key of an environment overrides the config's."""

    description: str = ""
    """What the environment is for."""

    tier: Tier | None = None
    """How much depends on it; without it, told from its name, else from its place: first, between, last."""

    approval: Approval | None = None
    """Whose yes a promotion into this environment needs; without it, nobody's."""


NOT_OVERRIDABLE = frozenset({"apiVersion", "project", "environments"})
"""Keys that nothing overrides."""

SAME_EVERYWHERE = NOT_OVERRIDABLE | {"platform"}
"""Keys that no environment has of its own: what environments share, such as the registry, is on one platform."""
