"""What the laptop can do of a model's life: all of it but what only a cloud has, since it was built there first."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.support import Support, lacking

LIFECYCLE: Mapping[str, Support] = {
    "monitor.managed": lacking("this machine has no monitors beside groundplan's own"),
}
MOST_MIRRORED = 100
"""The largest share of the requests that a version can get a copy of, in percent."""
