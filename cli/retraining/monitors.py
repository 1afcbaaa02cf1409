"""What monitoring knows of a model that retraining asks for: reports, and rows whose labels came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...core import clock
from ...core.errors import NotFoundError

if TYPE_CHECKING:
    from ...lifecycle.contract.monitoring import MonitorReport
    from ...lifecycle.contract.platform import Platform
    from ...lifecycle.contract.retraining import LabelledRow


def reports(platform: Platform, endpoints: Sequence[str], environment: str) -> Sequence[MonitorReport]:
    """The reports on these endpoints, oldest first."""
    found = [report for name in endpoints for report in platform.monitors.reports(name, environment)]
    return sorted(found, key=lambda report: report.window.end)


def labelled(platform: Platform, endpoints: Sequence[str], environment: str) -> Sequence[LabelledRow] | None:
    """The labelled rows of these endpoints, oldest first; None where no endpoint logs its inputs."""
    logging = [name for name in endpoints if _logs(platform, name, environment)]
    if not logging:
        return None
    now = clock.to_text(clock.now())
    found = [row for name in logging for row in platform.monitors.labelled_rows(name, environment, now=now)]
    return sorted(found, key=lambda row: row.when)


def _logs(platform: Platform, name: str, environment: str) -> bool:
    try:
        return platform.endpoints.deployment(name, environment).settings.log_sample > 0
    except NotFoundError:
        return False
