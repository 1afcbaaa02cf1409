"""What the loop asks of a cloud, against what its own SDK asks: a rollout's step, ten thousand versions, waiting.

Real clients over HTTP, stand-in services behind: a request costs what this machine takes for it, no network.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from groundplan.core.extras import load
from groundplan.lifecycle import patience

from . import Row

if TYPE_CHECKING:
    from serving_kit import Rig

_SUPPORT = str(Path(__file__).parents[2] / "tests" / "support")
_VERSIONS = 10_000
_ROUNDS = 3
_OPERATION_SECONDS = 600


def main() -> list[Row]:
    """The rows of the table."""
    if _SUPPORT not in sys.path:
        sys.path.append(_SUPPORT)
    rows = [_of_platform(platform, _step) for platform in ("azureml", "vertex")]
    return [*rows, *_of_platform("vertex", _list), _waiting()]


def _of_platform(platform: str, measure: Callable[[Rig, Path], Any]) -> Any:
    import serving_kit

    with tempfile.TemporaryDirectory() as name, serving_kit.rig(platform, Path(name) / "cloud") as started:
        return measure(started, Path(name))


def _step(started: Rig, folder: Path) -> Row:
    """The requests of one step of a rollout, and of the SDK alone for the same shares."""
    import cloud_calls
    from conformance_on_clouds import CloudRig
    from stand_in import serving

    rig = CloudRig(folder, started)
    cloud_calls.at_half(rig)
    before = started.service.memory()
    ours = cloud_calls.step(rig)
    before()
    newest = max(serving.traffic(started.service.store.resources[started.endpoint]))
    theirs = cloud_calls.bare_step(started, {newest: 100})
    stored = ours["records read"] + ours["records written"]
    note = f"no bound: {ours.total()} requests, {stored} of them records and log, against {theirs.total()}"
    return f"a step of a rollout on {started.platform} / its bare SDK, requests", ours.total() / theirs.total(), note


def _list(started: Rig, folder: Path) -> list[Row]:
    """The newest of many versions as ``models list`` shows them, against the SDK's own list of all."""
    import many_versions
    from conformance_on_clouds import CloudRig

    rig = CloudRig(folder, started)
    many_versions.fill(rig.records(), "churn", _VERSIONS)
    many_versions.fill_vertex(started.service, _VERSIONS)
    ours = [_timed(started, lambda: [one.gate for one in rig.platform().models.list("churn")[:20]])
            for _ in range(_ROUNDS)]  # fmt: skip
    theirs = [_timed(started, lambda: many_versions.listed_by_vertex(started.endpoint)) for _ in range(_ROUNDS)]
    mine, other = (statistics.median(seconds for seconds, _ in rounds) for rounds in (ours, theirs))
    compared = f"({mine:.2f} s, {ours[0][1]} requests against {other:.2f} s, {theirs[0][1]} requests)"
    return [
        (f"the newest 20 of {_VERSIONS} versions / the SDK's list of all", mine / other, f"bound: within 1 {compared}"),
        (f"models list of {_VERSIONS} versions, seconds to the first line", mine, "bound: under 2, less start-up"),
    ]


def _timed(started: Rig, act: Callable[[], object]) -> tuple[float, int]:
    started.service.requests.clear()
    began = time.perf_counter()
    act()
    return time.perf_counter() - began, len(started.service.requests)


def _waiting() -> Row:
    """How often an operation of ten minutes is looked at, by groundplan's pace and by Google's own."""
    ours, theirs = _looks_of_ours(), _looks_of_google()
    note = f"no bound: {ours} looks against {theirs} of Google's own waiting; Azure's answers say when to look again"
    return "an operation of 10 minutes, looks / the SDK's own", ours / theirs, note


def _looks_of_ours() -> int:
    clock, looks = _Clock(), 0

    def done() -> bool:
        nonlocal looks
        looks += 1
        return clock.now >= _OPERATION_SECONDS

    with mock.patch.object(patience, "time", clock):
        patience.Patience(seconds=3600, began=0.0).until(done, doing="wait")
    return looks


def _looks_of_google() -> int:
    """As ``operation.result()`` waits, without the dice that it throws for each pause."""
    polling: Any = load("google.api_core.future.polling").DEFAULT_POLLING
    retry: Any = load("google.api_core.retry")
    clock, looks = _Clock(), 0
    pauses = retry.exponential_sleep_generator(polling._initial, polling._maximum, polling._multiplier)  # noqa: SLF001
    with mock.patch("random.uniform", _longest):
        while clock.now < _OPERATION_SECONDS:
            looks += 1
            clock.sleep(next(pauses))
    return looks + 1


def _longest(_: float, high: float) -> float:
    return high


class _Clock:
    """A clock on which sleeping takes no time."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
