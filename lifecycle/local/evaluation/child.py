"""Runs the evaluating process: a model's own code never runs in groundplan's process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ....core import clock, errors, files
from ....core.errors import GroundplanError, ResourceFailedError, TimeoutReachedError
from .requests import Answer, AttributionRequest, CompareRequest, MeasureRequest, ProfileRequest

TIME_LIMIT_SECONDS = 1800.0
_LOG_TAIL_BYTES = 2000


def call(
    request: MeasureRequest | CompareRequest | ProfileRequest | AttributionRequest,
    *,
    root: Path,
    folder: Path,
    name: str,
    limit: float = TIME_LIMIT_SECONDS,
) -> Answer:
    """Answer a request in a process of its own, started in the project's folder ``root``.

    ``folder`` takes the files that pass between the two. Raises the error that the process met, and
    TimeoutReachedError or ResourceFailedError when it did not come to an end of its own.
    """
    question, answer, log = (folder / f"{name}.{ending}" for ending in ("request", "answer", "log"))
    files.write_bytes(question, TypeAdapter(type(request)).dump_json(request))
    answer.unlink(missing_ok=True)
    try:
        code = _run(question, answer, log, root=root, limit=limit)
        given = _read(answer, log, code)
    finally:
        for path in (question, answer, log):
            path.unlink(missing_ok=True)
    if given.failure is not None:
        failure = given.failure
        raise _error_class(failure.code)(failure.message, where=failure.where, hint=failure.hint)
    return given


def _run(question: Path, answer: Path, log: Path, *, root: Path, limit: float) -> int:
    # -P keeps the project's folder from hiding installed modules; __main__ puts it behind them.
    command = [sys.executable, "-P", "-m", "groundplan.lifecycle.local.evaluation", str(question), str(answer)]
    with files.explained(log), log.open("wb") as stream:
        process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=_environment()
        )
        try:
            return process.wait(timeout=limit)
        except subprocess.TimeoutExpired as error:
            raise TimeoutReachedError(
                f"the evaluation took longer than {clock.duration(limit)} and was ended",
                hint="Hold out fewer rows, or lower evaluation.champion.resamples.",
            ) from error
        finally:
            process.kill()
            with contextlib.suppress(OSError):
                process.wait()


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONUTF8": "1", "DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}


def _read(answer: Path, log: Path, code: int) -> Answer:
    try:
        return TypeAdapter(Answer).validate_json(answer.read_bytes())
    except (FileNotFoundError, ValidationError) as error:
        ended = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        lines = _tail(log)
        raise ResourceFailedError(
            f"the process that evaluates the model {ended} and gave no answer" + (f": {lines}" if lines else ""),
            hint="Signal 9 often means that the machine ran out of memory." if code == -9 else "",
        ) from error


def _tail(log: Path) -> str:
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - _LOG_TAIL_BYTES))
        lines = stream.read().decode(errors="replace").strip().splitlines()
    return " / ".join(line.strip() for line in lines[-3:])


def _error_class(code: str) -> type[GroundplanError]:
    return next((kind for kind in _error_classes() if kind.code == code), GroundplanError)


def _error_classes() -> Iterator[type[GroundplanError]]:
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, GroundplanError):
            yield value
