"""What a kind of work asks a cloud's permission for: by this roles are made, documented and checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Need:
    """The permissions of one kind of work, as the cloud names them, and what they are asked ``on``.

    ``data`` are those that Azure keeps apart as data actions. ``section`` is what the config must have for
    such work to be done, "" for what every project does.
    """

    work: str
    on: str
    permissions: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    section: Literal["", "features", "features.online", "monitoring.managed"] = ""
