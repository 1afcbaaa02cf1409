"""What types cannot say of request logs: columns that must not be in them, on a platform that leaves none out."""

from __future__ import annotations

from collections.abc import Iterator

from ..support import support
from .config import Config
from .problems import Place, problem_at
from .tree import Node, Path


def log_places(tree: Node, config: Config) -> Iterator[Place]:
    """Columns that somebody wants left out of the log, and that would be in it all the same."""
    found = support(config.platform, "logs.redact")
    for name, endpoint in config.endpoints.items():
        if endpoint.redact and endpoint.log_sample and found.level == "unsupported":
            path: Path = ("endpoints", name, "redact")
            yield problem_at(
                tree, path, f"endpoints.{name}.redact would be lost on {config.platform}: {found.reason}", at_key=True,
                hint=f"Set log_sample: 0 for this platform, or leave these columns out of the requests: "
                f"{', '.join(endpoint.redact)}",
            )  # fmt: skip
