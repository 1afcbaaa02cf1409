"""The policy pack as the engine runs it: which engine can, with which Python, told what."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from . import building
from .installation import Engine

_PYTHON = "PULUMI_PYTHON_CMD"


@dataclass(frozen=True, kw_only=True)
class PolicyPack:
    """A folder with PulumiPolicy.yaml, and the file with its settings."""

    folder: Path
    settings: Path

    @property
    def options(self) -> dict[str, list[str]]:
        """The Automation API's options of a preview or an update that runs it."""
        return {"policy_packs": [str(self.folder)], "policy_pack_configs": [str(self.settings)]}


def runner(engine: Engine) -> Engine:
    """The engine that can run a pack: of one that was built here the twin that is kept for that, else itself."""
    twin = building.policy_bin_folder(engine.path.parent.parent) / engine.path.name
    return replace(engine, path=twin) if twin.is_file() else engine


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """What a pack needs in the engine's environment: this Python, and no language host that cannot start it."""
    folders = [one for one in given.get("PATH", "").split(os.pathsep) if one and not _is_built_host(Path(one))]
    return {"PATH": os.pathsep.join(folders), _PYTHON: given.get(_PYTHON) or sys.executable}


def _is_built_host(folder: Path) -> bool:
    """Whether a folder holds the language host that was built here, beside the twin that runs packs."""
    twin = building.policy_bin_folder(folder.parent)
    return folder.name == "bin" and twin != folder and (twin / "pulumi-analyzer-policy-python").is_file()
