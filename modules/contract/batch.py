"""What the lifecycle must know of a batch endpoint, as far as the config says it.

``batch_place(context, arguments)`` in a platform's ``batch_places.py`` makes the lifecycle's ``BatchPlace`` of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .submission import SubmittedCompute


@dataclass(frozen=True, kw_only=True)
class BatchArguments:
    """A batch endpoint of the config. ``compute`` is the one that is there already, by its name ``compute_name``.

    ``key`` is the id of the key by which what a job writes is encrypted, "" for the cloud's own.
    """

    endpoint: str
    compute: SubmittedCompute
    compute_name: str = "default"
    size: str | None = None
    least: int = 1
    most: int = 1
    seconds: int = 30
    key: str = ""
