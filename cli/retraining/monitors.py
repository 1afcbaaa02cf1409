"""What monitoring knows of a model that retraining asks for: reports, and rows whose labels came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...lifecycle.contract.retraining import LabelledRow

if TYPE_CHECKING:
    from ...lifecycle.contract.monitoring import MonitorReport
    from ...lifecycle.contract.platform import Platform


def reports(platform: Platform, endpoints: Sequence[str], environment: str) -> Sequence[MonitorReport]:
    """The reports on these endpoints, oldest first."""
    return ()


def labelled(platform: Platform, endpoints: Sequence[str], environment: str) -> Sequence[LabelledRow] | None:
    """The labelled rows of these endpoints, oldest first; None where no endpoint logs its inputs."""
    return None
