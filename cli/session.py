"""What one call of the command line works with: its output, its project, its platform."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..core import locks
from ..core.errors import UsageError
from ..core.layout import Layout
from .output import Output

if TYPE_CHECKING:
    from ..lifecycle.contract.platform import Platform
    from ..stacks.config.resolved import Resolved


def can_prompt() -> bool:
    """Whether a person can answer: a terminal on both ends, and no CI."""
    return not os.environ.get("CI") and sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


@dataclass(frozen=True, kw_only=True)
class Session:
    """One call. ``interactive`` says whether questions may be asked."""

    output: Output
    command: str
    interactive: bool = field(default_factory=can_prompt)

    @property
    def folder(self) -> Path:
        """The folder the user stands in (after -C). Raises UsageError when it is gone."""
        try:
            return Path.cwd()
        except FileNotFoundError as error:
            raise UsageError(
                "the folder you stand in no longer exists", hint="cd to another one, or use -C DIR."
            ) from error

    def config(self, environment: str | None = None, overrides: Mapping[str, str] | None = None) -> Resolved:
        """The project's config for an environment (the first one by default); found upwards from ``folder``."""
        from ..stacks.config.reading import read

        return read(self.folder, environment=environment, overrides=overrides or {})

    def platform(self, config: Resolved) -> Platform:
        """The platform that the config names. Raises UsageError for a verb that works on the laptop only as yet."""
        if config.config.platform != "local":
            from . import clouds

            known = config.config.platform in clouds.PLATFORMS
            if not known or self.command.partition(" ")[0] not in clouds.VERBS:
                does = "provisions, trains, keeps, serves and watches models, but does not do this yet"
                raise UsageError(
                    f"'{self.command}' works with platform: local only; on {config.config.platform} groundplan "
                    f"{does if known else 'provisions, but does not train, judge or deploy models yet'}",
                    where=config.origins["platform"].where,
                    hint=f"groundplan portability {config.config.platform} says what works there. To work on the model "
                    "on this machine: groundplan config set platform local",
                )
            return clouds.platform(config)
        from ..lifecycle.local.platform import LocalPlatform
        from ..stacks.config.secrets import value_of

        return LocalPlatform(Layout(config.root), value_of=partial(value_of, where=str(config.path)))

    @contextmanager
    def training(self, config: Resolved) -> Generator[None]:
        """Be the only one who trains. Such a block lasts; it takes the project's lock only where it changes more."""
        with locks.held(_checked(config).training_lock, command=self._name):
            yield

    @contextmanager
    def locked(self, config: Resolved, *, wait_seconds: float = locks.DEFAULT_WAIT_SECONDS) -> Generator[None]:
        """Hold the project's lock; every command that changes its versions, their stages or the platform does.

        Taken after the right to train, where both are needed, and before an endpoint's.
        """
        with locks.held(_checked(config).lock, command=self._name, wait_seconds=wait_seconds):
            yield

    @contextmanager
    def endpoint(self, config: Resolved, *endpoints: tuple[str, str], wait_seconds: float = locks.DEFAULT_WAIT_SECONDS
                 ) -> Generator[None]:  # fmt: skip
        """Be the only one who changes who answers at these endpoints, each in an environment.

        Nothing that lasts holds it, and nobody needs another lock to take requests back.
        """
        layout = _checked(config)
        with ExitStack() as held:
            for name, environment in sorted(endpoints):
                held.enter_context(
                    locks.held(
                        layout.endpoint_lock(name, environment), command=self._name, wait_seconds=wait_seconds,
                        what=f"endpoint {name}@{environment}", told=lambda text: self.output.message(text, "dim"),
                    )
                )  # fmt: skip
            yield

    @property
    def _name(self) -> str:
        return f"groundplan {self.command}"


def _checked(config: Resolved) -> Layout:
    """Where the locks lie, once it is clear that the state can be there."""
    from ..modules.local.platform import check_place

    layout = Layout(config.root)
    check_place(layout)
    return layout
