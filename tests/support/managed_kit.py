"""A cloud's own monitors in the conformance suite: what happens behind groundplan's back, and the cloud in memory."""

from __future__ import annotations

from datetime import datetime

from groundplan.core import clock

from memory_monitors import SOURCE, MemoryMonitors


class ManagedRig:
    """A cloud's own monitors of the endpoint ``churn`` in dev, as the cloud itself has them; ``source`` is its name."""

    source: str

    def switch_on(self) -> None:
        """Versions that are deployed from now on log what the monitors read, as ``up`` sees to where that is needed."""

    def there(self) -> list[int]:
        """The versions that they watch."""
        raise NotImplementedError

    def ran(self, version: int, ended: datetime, drift: float) -> None:
        """A run of a version's monitor ended, and found that ``age`` drifted by so much."""
        raise NotImplementedError

    def judged(self, version: int, ended: datetime) -> bool:
        """A run held the answers against their labels, as both were told to the cloud; whether it has such runs."""
        return False

    def refuse(self) -> str:
        """From now on the operator may not make monitors; gives the role that the report has to name."""
        raise NotImplementedError


class MemoryManaged(ManagedRig):
    """The monitors of a cloud in memory."""

    source = SOURCE

    def __init__(self, monitors: MemoryMonitors) -> None:
        self._monitors = monitors

    def there(self) -> list[int]:
        return sorted(version for _, version in self._monitors.there)

    def ran(self, version: int, ended: datetime, drift: float) -> None:
        self._monitors.ran("churn-dev", version, clock.to_text(ended), drift)

    def refuse(self) -> str:
        self._monitors.refused = {"ensure"}
        return "Monitor Editor"
