"""A cloud's own monitors in memory: strict as the contract is; what their runs find is told."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from groundplan.core.errors import AuthenticationError
from groundplan.lifecycle.contract.managed_monitors import ManagedFindings, ManagedWatch
from groundplan.lifecycle.contract.monitoring import MonitorCheck, Window

SOURCE = "memory"


@dataclass
class MemoryMonitors:
    """Monitors by endpoint and version, 0 for the one that ``up`` makes of a pinned model.

    Each compares numbers alone, and forgets what it found with its end.

    ``asked`` is what was asked of the cloud; ``refused`` are the calls for which a permission lacks.
    """

    burn: Callable[[Callable[[], None]], None]
    there: dict[tuple[str, int], ManagedWatch] = field(default_factory=dict[tuple[str, int], ManagedWatch])
    runs: dict[tuple[str, int], list[tuple[str, MonitorCheck]]] = field(
        default_factory=dict[tuple[str, int], list[tuple[str, MonitorCheck]]]
    )
    asked: list[str] = field(default_factory=list[str])
    refused: set[str] = field(default_factory=set[str])

    def ensure(self, watch: ManagedWatch) -> tuple[str, ...]:
        self._ask("ensure", watch.version)
        if self.there.get((watch.endpoint, watch.version)) != watch:
            self.burn(lambda: self.there.update({(watch.endpoint, watch.version): watch}))
        return tuple(f"{one.name} holds no numbers" for one in watch.baseline.features if one.kind != "numeric")

    def remove(self, endpoint: str, keep: Collection[int]) -> tuple[int, ...]:
        self._ask("remove")
        going = sorted(version for name, version in self.there if name == endpoint and version not in (0, *keep))
        for version in going:
            self.burn(lambda version=version: self._forget(endpoint, version))
        return tuple(going)

    def findings(self, watch: ManagedWatch, window: Window) -> ManagedFindings:
        self._ask("findings", watch.version)
        return ManagedFindings(checks=self._newest(watch.endpoint, watch.version, window))

    def pinned(self, endpoint: str, window: Window, *, min_rows: int) -> ManagedFindings:
        self._ask("pinned")
        return ManagedFindings(checks=self._newest(endpoint, 0, window))

    def ran(self, endpoint: str, version: int, ended: str, value: float) -> None:
        """A run of the monitor ended, and found that each number drifted by so much."""
        watch = self.there[endpoint, version]
        for one in watch.baseline.features:
            if one.kind == "numeric":
                check = MonitorCheck(
                    area="drift", subject=one.name, statistic="psi", value=value, threshold=watch.plan.threshold,
                    verdict="alert" if value >= watch.plan.threshold else "ok", source=SOURCE,
                )  # fmt: skip
                self.runs.setdefault((endpoint, version), []).append((ended, check))

    def told(self, endpoint: str, version: int, **changes: str) -> None:
        """Somebody changes a monitor by hand."""
        self.there[endpoint, version] = replace(self.there[endpoint, version], **changes)

    def _newest(self, endpoint: str, version: int, window: Window) -> tuple[MonitorCheck, ...]:
        """What the newest run found that ended within the window."""
        runs = self.runs.get((endpoint, version), [])
        ended = sorted({when for when, _ in runs if window.start <= when < window.end})
        return tuple(check for when, check in runs if ended and when == ended[-1])

    def _forget(self, endpoint: str, version: int) -> None:
        del self.there[endpoint, version]
        self.runs.pop((endpoint, version), None)

    def _ask(self, call: str, version: int | None = None) -> None:
        self.asked.append(call if version is None else f"{call} {version}")
        if call in self.refused:
            raise AuthenticationError(
                f"you may not {call} monitors", hint="Ask for Monitor Editor on project churn; its Owner can grant it."
            )
