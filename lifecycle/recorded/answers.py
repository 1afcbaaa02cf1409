"""What an endpoint of a cloud answered, in the words of the laptop's endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from ..contract.deployment import Deployment
from ..predicted import apart


def told(answer: Mapping[str, object], deployment: Deployment) -> Mapping[str, object]:
    """The answer with ``predictions``, ``probabilities`` where each row has them, and ``model``: who answered.

    Vertex AI says which version that was; elsewhere it is None while several versions answer.
    """
    rows = answer.get("predictions")
    found: dict[str, object] = {"model": {"name": deployment.served.name, "version": _version(answer, deployment)}}
    if not isinstance(rows, list):
        return {**answer, **found}
    found["predictions"], probabilities = apart(cast("Sequence[object]", rows))
    if probabilities is not None:
        found["probabilities"] = probabilities
    return {**answer, **found}


def _version(answer: Mapping[str, object], deployment: Deployment) -> int | None:
    said = str(answer.get("modelVersionId", ""))
    if said.isdecimal():
        return int(said)
    answering = [version for version, share in deployment.split.shares.items() if share]
    return answering[0] if len(answering) == 1 else None
