"""Where the lifecycle finds what a stack has: ids and names that follow from the config; nothing is looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Places:
    """The places of one environment, as its cloud names them.

    ``workspace`` is the id of the workspace (Vertex AI: of the project's location), ``storage`` that of the account or
    the bucket of artifacts, ``registry`` the name of the registry of models ("" where the project is it), ``key`` the
    id of the key by which models are encrypted there, "" for the cloud's own. ``endpoints`` are the ids of the online
    ones by their names in the config.
    """

    workspace: str
    storage: str
    registry: str = ""
    key: str = ""
    endpoints: Mapping[str, str] = field(default_factory=dict[str, str])
