"""The content-addressed cache: what steps wrote, by its digest, and which step key gave it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ....core import digests, files
from ....core.errors import GroundplanError
from ....core.layout import Layout
from ...contract.pipeline import ArtifactType
from ...contract.run import Artifact
from ...outputs import is_parquet

FORMAT = 1
"""Part of every key: a change of the format makes everything anew."""

_SUFFIXES = {"metrics": ".json", "report": ".html", "value": ".txt", "model": ""}


@dataclass(frozen=True, kw_only=True)
class Damage:
    """An entry of the cache that cannot be used."""

    what: str


class Cache:
    """Objects below ``objects/`` are read-only and never change; records below ``steps/`` say which key gave which.

    Both appear by one rename each, the object first, so a kill leaves a whole entry or none.
    """

    def __init__(self, layout: Layout) -> None:
        self._objects = layout.cache / "objects"
        self._records = layout.cache / "steps"

    def find(self, key: str) -> Mapping[str, Artifact] | Damage | None:
        """The outputs that a step with this key gave; each object is held to its digest first."""
        try:
            record = files.read_json(self._record(key))
            outputs = {name: self._artifact(name, value) for name, value in dict(record["outputs"]).items()}
        except FileNotFoundError:
            return None
        except (GroundplanError, KeyError, TypeError, ValueError, OSError):
            return Damage(what="its record cannot be read")
        for name, artifact in outputs.items():
            if not self._is_whole(artifact):
                return Damage(what=f"the cached output {name!r} is gone or was changed")
        return outputs

    def store(self, key: str, written: Mapping[str, tuple[ArtifactType, Path]]) -> Mapping[str, Artifact]:
        """Move what a step wrote into the cache and record it under its key."""
        with files.explained(self._objects):
            outputs = {name: self._keep(kind, path) for name, (kind, path) in written.items()}
        self.record(key, outputs)
        return outputs

    def record(self, key: str, outputs: Mapping[str, Artifact]) -> None:
        """Say that this key gave these outputs."""
        described = {
            name: {**asdict(artifact), "path": artifact.path.relative_to(self._objects).as_posix()}
            for name, artifact in outputs.items()
        }
        files.write_json(self._record(key), {"format": FORMAT, "outputs": described})

    def _record(self, key: str) -> Path:
        return self._records / f"{key.removeprefix('sha256:')}.json"

    def _artifact(self, name: str, value: Any) -> Artifact:
        path = files.inside(self._objects, value["path"])
        artifact = Artifact(type=value["type"], digest=value["digest"], path=path, size_bytes=value["size_bytes"])
        if not name or artifact.digest.removeprefix("sha256:") != path.stem:
            raise ValueError(name)
        return artifact

    def _is_whole(self, artifact: Artifact) -> bool:
        try:
            return digests.of_path(artifact.path) == artifact.digest
        except (OSError, GroundplanError):
            return False

    def _keep(self, kind: ArtifactType, path: Path) -> Artifact:
        for file in _files(path):
            _make_durable(file)
        digest = digests.of_path(path)
        name = digest.removeprefix("sha256:")
        suffix = _SUFFIXES.get(kind) if kind != "dataset" else (".parquet" if is_parquet(path) else ".csv")
        target = self._objects / name[:2] / f"{name}{suffix}"
        artifact = Artifact(type=kind, digest=digest, path=target, size_bytes=_size(path))
        if not self._is_whole(artifact):
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                self._set_aside(target)
            path.replace(target)
            _make_durable(target.parent)
        return artifact

    def _set_aside(self, damaged: Path) -> None:
        """Rename before removing, so that a kill never leaves half of a folder under a digest's name."""
        aside = Path(tempfile.mkdtemp(prefix=".damaged-", dir=self._objects))
        damaged.replace(aside / damaged.name)
        shutil.rmtree(aside, ignore_errors=True)


def _files(path: Path) -> list[Path]:
    return [path / name for name in digests.names_below(path)] if path.is_dir() else [path]


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in _files(path))


def _make_durable(path: Path) -> None:
    if path.is_file():
        path.chmod(0o444)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
