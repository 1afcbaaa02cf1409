"""A config as the rest of groundplan sees it: typed values for one environment, and where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .config import Config, EnvironmentSettings

OriginKind = Literal["default", "maturity", "file", "environment", "flag"]


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a value came from; ``where`` is ``file:line:column`` when a person wrote it."""

    kind: OriginKind
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """The config of one environment.

    ``environments`` holds every environment's own settings in the order of the file; ``origins`` is keyed
    by dotted path of each leaf, such as ``evaluation.metrics.roc_auc.min``.
    """

    path: Path
    environment: str
    config: Config
    environments: Mapping[str, EnvironmentSettings]
    origins: Mapping[str, Origin]
    digest: str

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.path.parent

    @property
    def environment_names(self) -> tuple[str, ...]:
        """The environments in the order in which a model passes them."""
        return tuple(self.environments)
