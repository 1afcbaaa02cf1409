"""Makes a platform's components for one stack: with its provider, noting their steps and what the platform lacks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pulumi

from ..core.errors import ConfigError, Problem, UsageError
from ..core.noting import Noted
from ..modules.contract.context import AfterUp, Context
from . import causes, settings
from .causes import Places
from .config.config import Config
from .config.resolved import Resolved
from .platforms import component, module, unsupported


class Components:
    """The components of one stack; the provider is explicit, so that nothing depends on ambient defaults.

    ``noted`` takes what is refused of components that no other needs.
    """

    def __init__(self, resolved: Resolved, stack: str) -> None:
        self.resolved = resolved
        self.platform = str(resolved.config.platform)
        self.context: Context = settings.context(resolved, stack)
        provider: pulumi.ProviderResource = module(self.platform, "provider").provider(self.context)
        self._options = pulumi.ResourceOptions(providers=[provider])
        self._steps: list[AfterUp] = []
        self.noted = Noted()

    @property
    def config(self) -> Config:
        """The config of this stack."""
        return self.resolved.config

    @property
    def retention_days(self) -> int | None:
        """When images that nothing uses go."""
        retention = self.config.registry.retention
        return None if retention is None else settings.days(retention)

    def make(self, noun: str, arguments: object, *, name: str = "") -> Any:
        """A component of this noun; ``name`` tells several of one noun apart. Its steps after ``up`` are noted.

        Raises ConfigError for what the component cannot make of the config, with its line.
        """
        logical = f"{noun}-{name}" if name else noun
        try:
            made = component(self.platform, noun)(logical, self.context, arguments, self._options)
        except (UsageError, ConfigError) as error:
            raise ConfigError.of([self._placed(one) for one in error.problems]) from error
        self._steps.extend(made.steps)
        return made

    def refuse(self) -> None:
        """Raises ConfigError with everything that was noted."""
        if self.noted.problems:
            raise ConfigError.of(self.noted.problems)

    def _placed(self, problem: Problem) -> Problem:
        """A problem that a component found, with the line of the key that it names, else of what asks for it."""
        where = problem.where or causes.current()
        if where.partition(".")[0] not in Config.model_fields:
            return problem
        return replace(problem, where=Places(self.resolved).of(where))

    def export(self) -> None:
        """Export what belongs to every stack: who it is for, the steps after ``up``, what the platform lacks."""
        pulumi.export("project", self.context.project)
        pulumi.export("environment", self.context.environment)
        pulumi.export("platform", self.platform)
        pulumi.export(
            "steps", [{"title": one.title, "reason": one.reason, "command": one.command} for one in self._steps]
        )
        pulumi.export("unsupported", dict(unsupported(self.platform)))
