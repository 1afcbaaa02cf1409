"""What the laptop can do of a model's life: all of it, since that is where it was built first."""

from __future__ import annotations

from collections.abc import Mapping

from ..contract.support import Support

LIFECYCLE: Mapping[str, Support] = {}
MOST_MIRRORED = 100
"""The largest share of the requests that a version can get a copy of, in percent."""
