"""Takes the models off the endpoints of a cloud before their stacks are destroyed: what is there, told and done."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core import clock
from ...core.errors import GroundplanError
from ...lifecycle import undeployment
from ...lifecycle.contract.serving import DeployedModel, ServingEndpoints, Stage
from .cloud import Cloud

if TYPE_CHECKING:
    from ...stacks.engine.state import StackState

SKIPPED = (
    "what is deployed was not looked for (--no-undeploy): the cloud may refuse to delete an endpoint, or a pool of "
    "machines, that has models"
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """The models that are deployed, by stack; ``skipped`` when nobody looked."""

    models: Mapping[str, tuple[DeployedModel, ...]]
    skipped: bool = False

    def sentences(self, state: StackState) -> list[str]:
        """One for each model of a stack: which, where, and how much of the traffic it gets."""
        names = {_last(one.id): one.name for one in state.resources if one.id}
        return [_sentence(one, names) for one in self.models.get(state.stack, ())]

    def data(self, gone: Iterable[tuple[str, str]]) -> list[dict[str, object]]:
        """The models as JSON carries them, each with whether it is gone."""
        undeployed = set(gone)
        return [
            {
                "stack": stack,
                "endpoint": one.endpoint,
                "deployment": one.id,
                "model": one.model,
                "version": one.version,
                "traffic": one.traffic,
                "pool": one.pool,
                "undeployed": one.key in undeployed,
            }
            for stack, models in self.models.items()
            for one in models
        ]


def find(cloud: Cloud, states: Mapping[str, StackState], *, skip: bool) -> Found:
    """What is deployed on the endpoints of these stacks. Raises what the cloud's SDK meets; nothing is removed then."""
    if skip:
        return Found(models={}, skipped=True)
    endpoints = _endpoints(cloud)
    try:
        found = {name: undeployment.deployed(endpoints, _ids(state)) for name, state in states.items()}
    except GroundplanError as error:
        raise type(error)(
            f"{error.message}; nothing was removed",
            where=error.problems[0].where,
            hint=f"{error.problems[0].hint} Where nothing is deployed: groundplan destroy --no-undeploy",
        ) from error
    return Found(models=found)


def undeploy(cloud: Cloud, state: StackState, found: Found, gone: set[tuple[str, str]]) -> None:
    """Take the models of a stack that were shown off its endpoints, and put each that is gone into ``gone``."""
    shown = found.models.get(state.stack, ())
    if not found.skipped:
        undeployment.undeploy(
            _endpoints(cloud),
            _ids(state),
            shown=shown,
            seconds=cloud.driver.limits.seconds or undeployment.LIMIT_SECONDS,
            watcher=_Teller(cloud, gone),
        )


class _Teller:
    """Says which model goes, how long it took, and remembers it."""

    def __init__(self, cloud: Cloud, gone: set[tuple[str, str]]) -> None:
        self._cloud = cloud
        self._gone = gone
        self._began = time.monotonic()

    def __call__(self, model: DeployedModel, stage: Stage) -> None:
        what = f"{stage} {model.model} version {model.version} ({model.id}) from {_last(model.endpoint)}"
        if stage == "undeploying":
            self._began = time.monotonic()
            self._cloud.tell(what, "dim")
        else:
            self._gone.add(model.key)
            self._cloud.tell(f"{what}: done ({clock.duration(time.monotonic() - self._began)})")


def _endpoints(cloud: Cloud) -> ServingEndpoints:
    if cloud.platform == "azureml":
        from ...lifecycle.azureml.endpoints import AzureMLEndpoints

        return AzureMLEndpoints()
    from ...lifecycle.vertex.endpoints import VertexEndpoints

    return VertexEndpoints()


def _ids(state: StackState) -> list[str]:
    return [one.id for one in state.resources if one.id]


def _sentence(model: DeployedModel, names: Mapping[str, str]) -> str:
    there = _last(model.endpoint)
    pool = f" on the machines of {names.get(_last(model.pool), _last(model.pool))}" if model.pool else ""
    share = f"{model.traffic} % of its traffic" if model.traffic else "no traffic"
    where = f"{names[there]} ({there})" if there in names else f"{there}, which is not of this stack"
    return f"{model.model} version {model.version} ({model.id}) is deployed to {where}{pool} with {share}"


def _last(id: str) -> str:
    return id.rpartition("/")[2]
