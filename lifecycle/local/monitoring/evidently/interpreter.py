"""The Python that has Evidently: one that a person names, or an environment of the project's own."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from .....core import digests, files
from .....core.errors import ResourceFailedError, StepFailedError
from .....core.layout import Layout
from ...running import environments
from ...running.step_process import Cancellation, StepEnd, plain_environment, run_step

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
"""Evidently and all it needs, each with its digest."""


def installed(layout: Layout) -> Path | None:
    """The Python of the project's own environment; None when nobody has made it yet."""
    folder = _folder(layout)
    return environments.python(folder) if environments.is_ready(folder) else None


def install(layout: Layout) -> Path:
    """Make the project's own environment, with what a package registry serves. Raises ResourceFailedError."""
    log = layout.environments / "evidently.log"
    with files.explained(log):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_bytes(b"")

    def run(words: Sequence[str], limit: float) -> StepEnd:
        with tempfile.TemporaryDirectory() as folder:
            return run_step(words, folder=layout.root, environment=plain_environment(Path(folder)), log=log,
                            timeout_seconds=limit, cancellation=Cancellation())  # fmt: skip

    try:
        return environments.ensure(_folder(layout), REQUIREMENTS, install=run, locked=True)
    except StepFailedError as error:
        raise ResourceFailedError(
            f"Evidently could not be installed: {' / '.join(files.tail(log, 3)) or error.message}", where=str(log),
            hint="Where the registry cannot be reached, name a Python that has it: --evidently-python PATH",
        ) from error  # fmt: skip


def _folder(layout: Layout) -> Path:
    return layout.environments / f"evidently-{environments.name(layout.root, digests.of_file(REQUIREMENTS))}"
