"""What a resource's id says: in which workspace it is, and what it is called there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_ENDPOINT = re.compile(
    r"(?P<workspace>/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)/providers"
    r"/Microsoft\.MachineLearningServices/workspaces/(?P<name>[^/]+))"
    r"(?:/(?P<kind>online|batch)Endpoints/(?P<endpoint>[^/]+))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A workspace of Azure ML; ``id`` is its resource id."""

    id: str
    subscription: str
    group: str
    name: str

    @classmethod
    def of(cls, resource: str) -> Self:
        """The workspace with this id, or that an endpoint with this id is in. Raises ValueError for anything else."""
        found = _ENDPOINT.fullmatch(resource)
        if found is None:
            raise ValueError(f"neither a workspace nor an endpoint of Azure ML: {resource}")
        return cls(id=found["workspace"], subscription=found["subscription"], group=found["group"], name=found["name"])


def is_endpoint(resource: str) -> bool:
    """Whether this is the id of an online endpoint."""
    found = _ENDPOINT.fullmatch(resource)
    return found is not None and str(found["kind"]).lower() == "online"


def last(resource: str) -> str:
    """The name of a resource."""
    return resource.rpartition("/")[2]
