"""Opens a stack for the engine: where it works, where its state is kept, what encrypts it, what it is told."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core import files
from ...core.errors import MissingExtraError, UsageError
from ...core.layout import Layout
from . import passphrase
from .installation import Engine

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_IGNORE_ALL = "# Made by groundplan: its state is this machine's, not the repository's.\n*\n"
_BACKEND_VARIABLE = "PULUMI_BACKEND_URL"

LONELY_BACKEND = (
    "the state of this cloud is kept in {folder}, on this machine alone; a team wants a shared one: "
    "set state.backend in groundplan.yaml to azblob://…, gs://… or s3://…"
)

Program = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class StateSettings:
    """Where the config keeps Pulumi's state; empty texts where it says nothing."""

    backend: str = ""
    secrets_provider: str = ""
    organization: str = ""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project as the engine works on it."""

    layout: Layout
    name: str
    platform: str
    engine: Engine
    settings: StateSettings = field(default_factory=StateSettings)

    @property
    def backend(self) -> str:
        """The URL of the backend: the config's, else PULUMI_BACKEND_URL, else a folder of the project."""
        return place_of(self.settings.backend) or self.layout.engine_state.as_uri()

    @property
    def is_lonely(self) -> bool:
        """Whether the state is in the project's folder, where nobody else can see it."""
        return self.backend == self.layout.engine_state.as_uri()

    @property
    def secrets_provider(self) -> str:
        """What encrypts secrets; nothing where the backend does so itself."""
        if self.settings.secrets_provider:
            return self.settings.secrets_provider
        return "" if self.backend.startswith(("http://", "https://")) else "passphrase"

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user should know of where the state is kept."""
        return (LONELY_BACKEND.format(folder=self.layout.engine_state),) if self.is_lonely else ()

    def full_name(self, stack: str) -> str:
        """The stack's name as the backend knows it. Raises UsageError for one that is no name."""
        if not _NAME.fullmatch(stack):
            raise UsageError(f"{stack!r} cannot be the name of a stack", hint="Letters, digits, '-', '_', '.'.")
        organization = self.settings.organization
        return f"{organization}/{self.name}/{stack}" if organization else stack


def place_of(backend: str) -> str:
    """The URL of the state's place that the config's ``backend`` or PULUMI_BACKEND_URL names; empty without either."""
    return backend or os.environ.get(_BACKEND_VARIABLE, "")


def require_packages(platform: str) -> None:
    """Raises MissingExtraError without the Pulumi packages."""
    if importlib.util.find_spec("pulumi") is None:
        raise MissingExtraError(
            f"pulumi is not installed; platform {platform} needs the extra '{platform}'",
            hint=f"pip install 'groundplan[{platform}]'",
        )


def prepare(project: Project, *, create: bool) -> tuple[Mapping[str, str], str]:
    """Make the folders that the engine works in; the environment that it needs, and what there is to tell.

    Raises AuthenticationError when the passphrase cannot be read.
    """
    layout = project.layout
    with files.explained(layout.engine):
        layout.engine.mkdir(parents=True, exist_ok=True)
        ignore = layout.state / ".gitignore"
        if not ignore.is_file():
            files.write_text(ignore, _IGNORE_ALL)
        if project.is_lonely:
            layout.engine_state.mkdir(parents=True, exist_ok=True)
    environment = {
        _BACKEND_VARIABLE: project.backend,
        "PULUMI_SKIP_UPDATE_CHECK": "1",
        "PULUMI_OPTION_COLOR": "never",
        "DO_NOT_TRACK": "1",
    }
    if project.secrets_provider != "passphrase":
        return environment, ""
    found = passphrase.find(create=create)
    return {**environment, **found.environment}, found.notice


def open_workspace(project: Project, program: Program, *, command: Any, create: bool) -> tuple[Any, str]:
    """The Automation API's workspace, and what there is to tell. Raises CommandError, and what ``prepare`` raises."""
    from pulumi.automation import LocalWorkspace, ProjectSettings

    from .channels import keep_apart

    keep_apart()
    environment, notice = prepare(project, create=create)
    workspace = LocalWorkspace(
        work_dir=str(project.layout.engine),
        program=program,
        env_vars=environment,
        secrets_provider=project.secrets_provider or None,
        project_settings=ProjectSettings(name=project.name, runtime="python"),
        pulumi_command=command,
    )
    return workspace, notice


def open_stack(project: Project, stack: str, program: Program, *, command: Any, create: bool) -> tuple[Any, str]:
    """The Automation API's stack, and what there is to tell. ``create`` makes it where the backend has none.

    Raises pulumi's CommandError, and what ``prepare`` raises.
    """
    from .stack import Stack

    name = project.full_name(stack)
    workspace, notice = open_workspace(project, program, command=command, create=create)
    return Stack(name, workspace, create=create), notice
