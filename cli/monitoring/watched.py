"""Which endpoint is watched, and how: the config, what is deployed, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...core import clock, files
from ...core.errors import NotFoundError, UsageError
from ...core.layout import Layout
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.model import ModelPlan
    from ...lifecycle.contract.monitor_store import MonitorStore
    from ...lifecycle.contract.monitoring import Attribution, Baseline, MonitorPlan
    from ...lifecycle.contract.platform import Platform
    from ...lifecycle.contract.run import Run
    from ...lifecycle.local.monitoring.looking import Looking
    from ...lifecycle.pinned import PinnedLooking
    from ...stacks.config.resolved import Resolved


@dataclass(frozen=True, kw_only=True)
class Watched:
    """An endpoint that is watched. ``serving`` are the versions that are deployed, ``pinned`` what the config pins.

    ``own_window``: windows are of another length than the config's, which the cloud's own monitors know.
    """

    config: Resolved
    platform: Platform
    plan: MonitorPlan
    serving: tuple[int, ...]
    pinned: str = ""
    own_window: bool = False

    @property
    def store(self) -> MonitorStore:
        """What is kept of it."""
        return self.platform.monitors

    def page(self, of: str = "monitoring") -> Path:
        """Where on this machine its HTML page goes."""
        return Layout(self.config.root).monitoring_page(self.plan.endpoint, self.plan.environment, of=of)

    def keep_metrics(self, text: str) -> None:
        """Keep what was found last for Prometheus; whole or not at all, as its textfile collector wants it."""
        files.write_text(Layout(self.config.root).monitoring_metrics(self.plan.endpoint, self.plan.environment), text)

    @property
    def looking(self) -> Looking | PinnedLooking:
        """What looks at its windows."""
        from ...lifecycle.local.monitoring.looking import Looking
        from ...lifecycle.pinned import PinnedLooking

        if self.pinned:
            return PinnedLooking(store=self.store, plan=self.plan, model=self.pinned)
        return Looking(store=self.store, plan=self.plan, baseline=self._baseline, attribute=self._attribution,
                       with_cloud=not self.own_window)  # fmt: skip

    def _baseline(self, version: int) -> Baseline:
        from .. import nouns

        plan: ModelPlan = nouns.model_plan(self.config, self.plan.model)
        known = self.platform.models.get(self.plan.model, version)
        return self.platform.models.baseline(known, run=self._run(known.lineage.run_id), plan=plan)

    def _attribution(self, version: int, rows: Sequence[Mapping[str, object]]) -> Attribution:
        from .. import nouns

        plan = nouns.model_plan(self.config, self.plan.model)
        return self.platform.models.attribution(self.platform.models.get(self.plan.model, version), rows, plan)

    def _run(self, run_id: str) -> Run | None:
        try:
            return self.platform.runs.get(run_id)
        except (NotFoundError, UsageError):
            return None


def watched(
    session: Session, endpoint: str | None, environment: str | None, window: str | None = None, *,
    platform: Platform | None = None,
) -> Watched:  # fmt: skip
    """The endpoint that is meant; without an environment the furthest one in which it is deployed, or pinned.

    ``platform`` is the one that is open already, with all that it has read. Raises NotFoundError where it is not
    deployed, UsageError for a window that is none.
    """
    from .. import nouns

    resolved = session.config(environment)
    platform = platform or session.platform(resolved)
    name = nouns.endpoint_settings(resolved, endpoint).name
    places = [environment] if environment else [*reversed(resolved.environment_names)]
    one = _deployed(session, platform, name, places) or _pinned(session, platform, name, places)
    if one is None:
        where = f"in {environment}" if environment else "in any environment"
        raise NotFoundError(f"endpoint {name!r} is not deployed {where}", hint=f"groundplan deploy {name}")
    if not window:
        return one
    seconds = _seconds(window)
    other = seconds != one.plan.window_seconds
    return replace(one, plan=replace(one.plan, window_seconds=seconds), own_window=other)


def let_go(session: Session, endpoint: str | None, environment: str | None, *, platform: Platform | None = None
           ) -> list[str]:  # fmt: skip
    """Remove the cloud's own monitors of an endpoint at which nothing is deployed any more; what may be left."""
    from .. import nouns

    resolved = session.config(environment)
    platform = platform or session.platform(resolved)
    name = nouns.endpoint_settings(resolved, endpoint).name
    left: list[str] = []
    for place in [environment] if environment else resolved.environment_names:
        plan = replace(nouns.monitor_plan(session.config(place), name), managed=False)
        look = platform.monitors.managed(plan, (), lambda version: None, now=clock.to_text(clock.now()))
        left += () if look is None else look.notes(0)
    return left


def pinned_places(session: Session, config: Resolved) -> list[tuple[str, str]]:
    """The endpoints for which the config of a cloud pins a model, each with its environment."""
    if config.config.platform == "local":
        return []
    return [
        (name, environment)
        for environment in config.environment_names
        for name, endpoint in session.config(environment).config.endpoints.items()
        if endpoint.pinned is not None and endpoint.kind == "online"
    ]


def _deployed(session: Session, platform: Platform, name: str, places: Sequence[str]) -> Watched | None:
    from .. import nouns

    for place in places:
        try:
            deployment = platform.endpoints.deployment(name, place)
        except NotFoundError:
            continue
        config = session.config(place)
        return Watched(
            config=config,
            platform=platform,
            plan=replace(nouns.monitor_plan(config, name), log_sample=deployment.settings.log_sample),
            serving=tuple(one.version for one in deployment.versions),
        )
    return None


def _pinned(session: Session, platform: Platform, name: str, places: Sequence[str]) -> Watched | None:
    from .. import nouns

    for place in places:
        config = session.config(place)
        endpoint = config.config.endpoints[name]
        if endpoint.pinned is not None and endpoint.kind == "online" and config.config.platform != "local":
            return Watched(
                config=config, platform=platform, plan=nouns.monitor_plan(config, name), serving=(),
                pinned=_in_words(endpoint.pinned.uri),
            )  # fmt: skip
    return None


def _in_words(uri: str) -> str:
    """A pinned model by its name and version at the cloud, or by all of its id where that has another form."""
    import re

    found = re.search(r"(?:^azureml:|/models/)(?P<name>[^/:@]+)(?:/versions/|[:@])(?P<version>[^/:@]+)$", uri)
    return f"{found['name']}:{found['version']}, pinned" if found else f"{uri}, pinned"


def _seconds(text: str) -> float:
    import re

    from ...stacks.config.section import DURATION_PATTERN, seconds

    if not re.fullmatch(DURATION_PATTERN, text):
        raise UsageError(f"{text!r} is no stretch of time", hint="Such as 90s, 10m, 2h, 30d.")
    return float(seconds(text))
