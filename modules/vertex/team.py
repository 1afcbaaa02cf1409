"""What each of the seven roles may do in an environment of each tier: a table, and nothing else.

Towards production people look and CI acts. In production nobody but CI changes anything; DevOps engineers ask for
their rights when they need them, and give them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..contract.context import Tier
from . import roles
from .custom_roles import (
    ACCOUNT_KEEPER,
    DEPLOYER,
    ENDPOINT_INVOKER,
    FEATURE_ENGINEER,
    MODEL_PROMOTER,
    PIPELINE_RUNNER,
)


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What somebody gets: roles on the project, custom roles on the project, and roles on single resources.

    ``features`` and ``requests`` are roles on the dataset of features and of logged requests, ``repositories`` on
    images and templates, ``endpoints`` custom roles on each online endpoint. Who acts as a workload may start what runs
    by that workload's account.
    """

    project: tuple[str, ...] = ()
    custom: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    endpoints: tuple[str, ...] = ()
    acts_as: tuple[str, ...] = ()


_NOTHING: Final = Allowance()

_LOOKS: Final = (roles.AIPLATFORM_VIEWER, roles.NETWORK_VIEWER, roles.MONITORING_VIEWER, roles.SECURITY_REVIEWER)

OPERATES: Final = (
    roles.NETWORK_ADMIN,
    roles.MONITORING_EDITOR,
    roles.LOG_CONFIG_WRITER,
    roles.SERVICE_USAGE_ADMIN,
)
"""What DevOps engineers have in development, and ask for in production; beside it they keep service accounts."""

_WATCHES: Final = Allowance(project=(roles.MONITORING_EDITOR, roles.LOG_VIEWER, *_LOOKS))

TEAM: Final[Mapping[str, Mapping[Tier, Allowance]]] = {
    "business-stakeholder": {
        "development": _NOTHING,
        "staging": Allowance(project=(roles.DASHBOARD_VIEWER,)),
        "production": Allowance(project=(roles.DASHBOARD_VIEWER,)),
    },
    "solution-architect": {
        "development": Allowance(project=_LOOKS),
        "staging": Allowance(project=_LOOKS),
        "production": Allowance(project=_LOOKS),
    },
    "data-scientist": {
        "development": Allowance(
            project=(roles.AIPLATFORM_USER, roles.BIGQUERY_JOB_USER, roles.NOTEBOOK_RUNTIME_USER),
            data=(roles.STORAGE_OBJECT_USER,),
            artifacts=(roles.STORAGE_OBJECT_USER,),
            features=(roles.BIGQUERY_DATA_VIEWER,),
            acts_as=("pipeline",),
        ),
        "staging": Allowance(project=(roles.AIPLATFORM_VIEWER,), features=(roles.BIGQUERY_DATA_VIEWER,)),
        "production": Allowance(project=(roles.AIPLATFORM_VIEWER,)),
    },
    "data-engineer": {
        "development": Allowance(
            project=(roles.BIGQUERY_JOB_USER, roles.DATAFLOW_DEVELOPER),
            custom=(FEATURE_ENGINEER,),
            data=(roles.STORAGE_OBJECT_USER,),
            features=(roles.BIGQUERY_DATA_EDITOR,),
        ),
        "staging": Allowance(custom=(FEATURE_ENGINEER,), features=(roles.BIGQUERY_DATA_EDITOR,)),
        "production": Allowance(project=(roles.FEATURE_RESOURCE_VIEWER,), features=(roles.BIGQUERY_METADATA_VIEWER,)),
    },
    "software-engineer": {
        "development": Allowance(project=(roles.LOG_VIEWER,), endpoints=(ENDPOINT_INVOKER,)),
        "staging": Allowance(endpoints=(ENDPOINT_INVOKER,)),
        "production": _NOTHING,
    },
    "devops-engineer": {
        "development": Allowance(project=OPERATES, custom=(ACCOUNT_KEEPER,), repositories=(roles.ARTIFACT_ADMIN,)),
        "staging": _WATCHES,
        "production": _WATCHES,
    },
    "ml-engineer": {
        "development": Allowance(
            project=(roles.AIPLATFORM_USER, roles.BIGQUERY_JOB_USER, roles.LOG_VIEWER, roles.MONITORING_VIEWER),
            custom=(PIPELINE_RUNNER,),
            data=(roles.STORAGE_OBJECT_USER,),
            artifacts=(roles.STORAGE_OBJECT_USER,),
            features=(roles.BIGQUERY_DATA_VIEWER,),
            requests=(roles.BIGQUERY_DATA_VIEWER,),
            repositories=(roles.ARTIFACT_WRITER,),
            acts_as=("pipeline", "endpoint"),
        ),
        "staging": Allowance(
            project=(roles.BIGQUERY_JOB_USER,),
            custom=(DEPLOYER, PIPELINE_RUNNER),
            artifacts=(roles.STORAGE_OBJECT_USER,),
            requests=(roles.BIGQUERY_DATA_VIEWER,),
            acts_as=("pipeline", "endpoint"),
        ),
        "production": Allowance(
            project=(roles.AIPLATFORM_VIEWER, roles.MONITORING_VIEWER),
            artifacts=(roles.STORAGE_OBJECT_VIEWER,),
            endpoints=(ENDPOINT_INVOKER,),
        ),
    },
}
"""By role of the team and tier of the environment."""

PROMOTING_CI: Final = Allowance(custom=(MODEL_PROMOTER,), artifacts=(roles.STORAGE_OBJECT_USER,))
"""What CI of the later environments may do in the first one, where models are registered and their stages are kept."""

RETRAINING_CI: Final = Allowance(
    project=(roles.AIPLATFORM_VIEWER, roles.BIGQUERY_JOB_USER),
    artifacts=(roles.STORAGE_OBJECT_VIEWER,),
    requests=(roles.BIGQUERY_DATA_VIEWER,),
)
"""What CI of the first environment may do in the later ones: see by what it trains again, change nothing."""
