"""What a round of watch looks after: endpoints, rollouts, monitors, retraining. Each part says what it did."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ...core import clock, locks
from .. import nouns
from ..retraining import due, shown
from ..session import Session
from .figures import Figures
from .training import Training

if TYPE_CHECKING:
    from ...lifecycle.contract.deployment import EndpointState
    from ...lifecycle.contract.platform import Platform
    from ...lifecycle.contract.retraining import RetrainingDecision
    from ...stacks.config.resolved import Resolved

Part = Callable[[], list[str]]
"""Does what is due and gives a line for each thing that happened; raises what went wrong."""


class Parts:
    """The parts of one project's rounds. A lock is held only while something is changed.

    Models are trained by ``training``, beside the rounds; without one a round lasts until they are trained.
    """

    def __init__(
        self, session: Session, config: Resolved, platform: Platform, figures: Figures, training: Training | None = None
    ) -> None:
        """Nothing is looked at yet."""
        self._session = session
        self._config = config
        self._platform = platform
        self._figures = figures
        self._training = training

    @property
    def by_name(self) -> Mapping[str, Part]:
        """The parts in their order: what serves comes first, and what takes long last."""
        return {
            "endpoints": self.endpoints, "rollouts": self.rollouts, "monitors": self.monitors,
            "retraining": self.retraining,
        }  # fmt: skip

    def endpoints(self) -> list[str]:
        """Start what should serve and does not."""
        states = list(self._platform.endpoints.states())
        down = [_at(one) for one in states if one.health == "stopped"]
        for one in [one for one in states if one.health == "stopped"]:
            at = (one.deployment.settings.name, one.deployment.settings.environment)
            with self._session.endpoint(self._config, at):
                self._platform.endpoints.resume(*at)
        states = list(self._platform.endpoints.states()) if down else states
        self._figures.endpoints({_at(one): one.health == "ready" for one in states}, started=len(down))
        found = {_at(one): one for one in states}
        said = [_started(at, found.get(at)) for at in down]
        return said + [f"endpoint {at}: {one.health}, {one.detail}" for at, one in found.items() if _is_ill(one)]

    def rollouts(self) -> list[str]:
        """Move rollouts on, or back, where it is time."""
        from ...lifecycle import rollout, rollouts

        said: list[str] = []
        for known in self._platform.rollouts.all():
            if known.is_final and not rollouts.is_left(known):
                continue
            with self._session.endpoint(self._config, (known.plan.endpoint, known.plan.environment)):
                before = self._platform.rollouts.current(known.plan.endpoint, known.plan.environment)
                if before is None:
                    continue
                after = rollouts.look(self._platform, before, who=locks.user())
            said += [
                f"{rollout.name(after)}: {one.kind}: {one.reason}" for one in after.history[len(before.history) :]
            ]  # fmt: skip
        self._figures.rollouts(self._platform.rollouts.all())
        return said

    def monitors(self) -> list[str]:
        """Judge the windows that have ended, where the environment's config says that monitors run."""
        from ..monitoring import notifying, shown
        from ..monitoring.watched import pinned_places, watched

        said: list[str] = []
        settings = [one.deployment.settings for one in self._platform.endpoints.states()]
        deployed = [(one.name, one.environment) for one in settings]
        for name, environment in dict.fromkeys((*deployed, *pinned_places(self._session, self._config))):
            if not self._session.config(environment).config.monitoring.enabled:
                continue
            one = watched(self._session, name, environment, platform=self._platform)
            known = {(report.version, report.window) for report in one.store.reports(name, environment)}
            reports = one.looking.look(clock.now(), serving=one.serving)
            new = [report for report in reports if (report.version, report.window) not in known]
            if new:
                one.keep_metrics(shown.metrics(reports))
                said += notifying.tell(self._session, one, reports)
            for report in new:
                who = f"v{report.version}" if report.version else report.model
                said.append(f"{name}@{environment} {who}, window until {report.window.end}: {report.in_words}")
        return said

    def retraining(self) -> list[str]:
        """Go on with a retraining that was cut short, else look at the triggers of each model."""
        config = self._session.config()
        said = self._trained(config)
        if said is None:
            return []
        for subject, decision in due.found(self._session, config, self._platform):
            if self._training is not None and decision.decision == "retrain":
                self._training.start()
                return [*said, f"{subject.plan.name}: training begins"]
            said.append(self._told(due.done(self._session, config, subject, decision)))
        return said

    def _trained(self, config: Resolved) -> list[str] | None:
        """What became of the training that was under way; None while it goes on."""
        if self._training is None or not self._training.is_under_way:
            return []
        ids = self._training.ended()
        if ids is None:
            return None
        models = [plan.name for plan in nouns.model_plans(config)]
        known = [one for model in models for one in self._platform.retrainings.decisions(model)]
        return [self._told(one) for one in known if one.id in ids]

    def _told(self, decision: RetrainingDecision) -> str:
        self._figures.decided(decision)
        return shown.line(decision)


def _at(state: EndpointState) -> str:
    settings = state.deployment.settings
    return f"{settings.name}@{settings.environment}"


def _is_ill(state: EndpointState) -> bool:
    return state.health == "unhealthy"


def _started(at: str, state: EndpointState | None) -> str:
    if state is None:
        return f"endpoint {at} is gone"
    if state.health == "ready":
        return f"endpoint {at} did not serve and was started again"
    return f"endpoint {at} does not serve and cannot be started: {state.detail}"
