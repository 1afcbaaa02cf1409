"""Gets an engine for this user: the one that is there, else Pulumi's own installer, else built from the Go registry."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...core.errors import GroundplanError, UsageError
from . import building
from .installation import NEWEST_TESTED, Engine, look, user_folder

INSTALLER = "https://get.pulumi.com"
_PATIENCE_SECONDS = 20.0

Way = Literal["auto", "official", "go"]
How = Literal["found", "official", "go"]
Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Installed:
    """An engine that fits, and how it came to be there."""

    engine: Engine
    how: How


def install(root: Path | None, *, way: Way, tell: Tell, installer: str = INSTALLER) -> Installed:
    """The engine that is there, else one that is got now; every step is told before it is done.

    ``root`` is the project's folder. Raises UsageError or GroundplanError when no way leads to one.
    """
    found = look(root)
    if found is not None and not found.problem:
        return Installed(engine=found, how="found")
    if found is not None:
        tell(found.problem)
    if way == "go":
        return _built(root, tell)
    try:
        return _by_installer(root, tell, installer)
    except GroundplanError as error:
        if way == "official":
            raise
        tell(f"{error.message}; building from source instead")
        return _built(root, tell)


def _built(root: Path | None, tell: Tell) -> Installed:
    building.build(user_folder(), tell=tell)
    return Installed(engine=_there(root), how="go")


def _by_installer(root: Path | None, tell: Tell, installer: str) -> Installed:
    """Pulumi's own script puts its programs below the folder named, and changes no shell's settings."""
    if sys.platform == "win32":
        raise UsageError("Pulumi's installer for Windows is a package", hint="winget install pulumi")
    words = ["--version", NEWEST_TESTED, "--install-root", str(user_folder()), "--no-edit-path"]
    tell(f"fetching Pulumi's installer from {installer}, to run it as: sh install.sh {' '.join(words)}")
    with tempfile.TemporaryDirectory(prefix="groundplan-engine-") as folder:
        script = Path(folder) / "install.sh"
        script.write_bytes(_fetched(installer))
        done = subprocess.run(
            ["sh", str(script), *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
        )
    if done.returncode != 0:
        last = " ".join((done.stderr or done.stdout).split())[-300:]
        raise GroundplanError(f"Pulumi's installer failed: {last}", hint="groundplan engine install --from go")
    return Installed(engine=_there(root), how="official")


def _fetched(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310 the scheme is ours
            content: bytes = answer.read()
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise GroundplanError(
            f"Pulumi's installer cannot be fetched from {url}: {reason}", hint="groundplan engine install --from go"
        ) from error
    if not content.startswith(b"#!"):
        raise GroundplanError(f"{url} answered something that is no script", hint="groundplan engine install --from go")
    return content


def _there(root: Path | None) -> Engine:
    engine = look(root)
    if engine is None or engine.problem:
        raise GroundplanError("the engine was installed and is not found", hint="groundplan doctor")
    return engine
