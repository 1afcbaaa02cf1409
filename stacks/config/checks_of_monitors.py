"""What types cannot say of the cloud's own monitors: that there are none, or that they would see nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ..support import support
from .config import Config
from .problems import Place, problem_at
from .tree import Node, Path

_MANAGED: Path = ("monitoring", "managed")


def monitor_places(tree: Node, config: Config) -> Iterator[Place]:
    """Monitors of the cloud that are asked for, and would be lost, or billed without anything to watch."""
    if not config.monitoring.managed:
        return
    found = support(config.platform, "monitor.managed")
    if found.level == "unsupported":
        yield problem_at(
            tree, _MANAGED, f"monitoring.managed would be lost on {config.platform}: {found.reason}",
            hint="Leave it out for this platform: groundplan's own statistics are the same on every one.",
        )  # fmt: skip
    elif not config.monitoring.enabled:
        yield problem_at(
            tree, _MANAGED, "monitoring.managed is on, and nobody would look at what it finds: monitoring is off",
            hint="Add 'enabled: true' to monitoring.",
        )  # fmt: skip
    elif config.endpoints and not any(endpoint.log_sample for endpoint in config.endpoints.values()):
        yield problem_at(
            tree, _MANAGED, "monitoring.managed would be billed and see nothing: no endpoint logs its requests",
            hint="Set endpoints.NAME.log_sample to the share of requests that is logged, such as 0.1.",
        )  # fmt: skip
