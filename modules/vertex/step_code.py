"""The code of a pipeline's steps as one archive, the same bytes for the same files on every machine."""

from __future__ import annotations

import base64
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from ...core import digests, files
from ...core.errors import UsageError
from ...core.layout import GENERATED
from ...lifecycle.contract.pipeline import Pipeline, Step

_LIMIT_BYTES = 4_000_000


def archive(root: Path, pipeline: Pipeline) -> str:
    """A tar archive in base64 of what the steps name of the project in ``root``; empty when they name nothing.

    Raises UsageError for requirements that are not there, and for more than 4 MB.
    """
    paths = {name: path for step in pipeline.steps.values() for name, path in files_of(root, step)}
    if not paths:
        return ""
    size = sum(path.stat().st_size for path in paths.values())
    if size > _LIMIT_BYTES:
        raise UsageError(
            f"the code of pipeline {pipeline.name!r} has {size / 1e6:.1f} MB; Vertex AI is given 4 MB at most",
            hint="Keep data out of 'code', or put the code into an image and name it in 'environment.image'.",
        )
    return base64.b64encode(_tar(paths)).decode()


def files_of(root: Path, step: Step) -> Iterator[tuple[str, Path]]:
    """What a step names of the project: each file by its name below ``root``. Raises UsageError."""
    for relative in (*step.code, *(word for word in step.command if _is_file(root, word))):
        path = files.inside(root, relative)
        if path.is_dir():
            for name in digests.names_below(path, leave_out=GENERATED):
                yield (path / name).relative_to(root.resolve()).as_posix(), path / name
        elif path.is_file():
            yield path.relative_to(root.resolve()).as_posix(), path
    if step.environment.requirements is not None:
        yield _requirements(root, step.name, step.environment.requirements)


def _requirements(root: Path, step: str, relative: str) -> tuple[str, Path]:
    path = files.inside(root, relative)
    if not path.is_file():
        raise UsageError(
            f"the requirements file {relative} of step {step!r} is not there",
            where=str(path),
            hint="Write it, or take 'requirements' out of the step's environment.",
        )
    return relative, path


def _is_file(root: Path, word: str) -> bool:
    if not word or "{" in word or word.startswith("-") or Path(word).is_absolute():
        return False
    try:
        return (root / word).is_file() and (root / word).resolve().is_relative_to(root.resolve())
    except OSError:  # too long for a path
        return False


def _tar(paths: dict[str, Path]) -> bytes:
    # Without compression, whose bytes differ from one version of its library to the next.
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name in sorted(paths):
            content = paths[name].read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755 if paths[name].stat().st_mode & 0o111 else 0o644
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
