"""A strict stand-in for the azure-native and gcp provider plugins, for tests against the real engine.

It refuses what the clouds' published descriptions refuse, remembers what it made, and breaks to order. What it cannot
prove: that the clouds answer so; permissions, policies, quotas and timing are played, not known.
"""

from .faults import Fault
from .kit import PASSPHRASE, StandIn, engine_folder
from .store import Store

__all__ = ["PASSPHRASE", "Fault", "StandIn", "Store", "engine_folder"]
