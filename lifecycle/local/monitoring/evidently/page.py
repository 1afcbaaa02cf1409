"""Asks a Python that has Evidently for its page."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from .....core import clock, files
from .....core.errors import MissingExtraError, ResourceFailedError, TimeoutReachedError, UsageError
from ...running.step_process import plain_environment
from .tables import Tables

_PROGRAM = Path(__file__).with_name("program.py")
_LIMIT_SECONDS = 1800.0
WANTED = "'evidently>=0.7.23,<0.8' 'pandas<3'"
"""What has to be installed, as pip takes it."""


@dataclass(frozen=True, kw_only=True)
class Drift:
    """What Evidently says of a column: a distance or a p-value, by the method and the threshold of its own choice."""

    column: str
    method: str
    threshold: float
    value: float


@dataclass(frozen=True, kw_only=True)
class Page:
    """Evidently's page as it was written: of how many columns it says that they drifted."""

    version: str
    drifted: int
    columns: Sequence[Drift]


def write(path: Path, tables: Tables, *, python: Path) -> Page:
    """Write the page. Nothing is downloaded, and Evidently tells nobody that it was used.

    Raises UsageError (no Python), MissingExtraError (one without Evidently), ResourceFailedError, TimeoutReachedError.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "page.html"
        answer = _ask(python, json.dumps(asdict(tables)), made)
        if "missing" in answer:
            raise MissingExtraError(
                f"{python} has no Evidently: {answer['missing']}", hint=f"{python} -m pip install {WANTED}"
            )
        files.write_bytes(path, made.read_bytes())
    columns = tuple(Drift(**one) for one in answer["columns"])
    return Page(version=answer["version"], drifted=answer["drifted"], columns=columns)


def _ask(python: Path, asked: str, made: Path) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [str(python.absolute()), "-I", str(_PROGRAM), str(made)], check=False, input=asked, capture_output=True,
            text=True, encoding="utf-8", errors="replace", cwd=made.parent, env=plain_environment(made.parent),
            timeout=_LIMIT_SECONDS,
        )  # fmt: skip
    except OSError as error:
        raise UsageError(
            f"{python} cannot be started: {error.strerror}", hint="Name a Python that has Evidently."
        ) from error
    except subprocess.TimeoutExpired as error:
        limit = clock.duration(_LIMIT_SECONDS)
        raise TimeoutReachedError(
            f"Evidently took longer than {limit} and was ended", hint="Look at a shorter window."
        ) from error
    try:
        return TypeAdapter(dict[str, Any]).validate_json(done.stdout)
    except ValueError as error:
        said = " / ".join(line.strip() for line in done.stderr.strip().splitlines()[-2:])
        raise ResourceFailedError(
            f"Evidently ended with exit code {done.returncode} and made no page" + (f": {said[-500:]}" if said else ""),
            hint=f"groundplan was tried with {WANTED}.",
        ) from error
