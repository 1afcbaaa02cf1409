"""Where the registry keeps its copies: model folders as they are, read-only, and beside each the evidence for it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ....core import digests, files
from ... import evidence_file
from ...contract.evidence import Evidence, Verdict

_INCOMING = ".incoming-"


def keep_model(artifacts: Path, name: str, source: Path, digest: str) -> Path:
    """Copy a model folder to its place, named by its digest; the path of the copy.

    Nothing is unpacked or loaded. A copy that is there and whole is kept; a damaged one is replaced; what a kill
    left of others is removed.
    Raises StoreCorruptedError when the source is not what was evaluated.
    """
    target = model_path(artifacts, name, digest)
    with files.explained(target):
        for leftover in (artifacts / "models" / name).glob(f"*/{_INCOMING}*"):
            shutil.rmtree(leftover)
    if target.is_dir() and digests.of_path(target) == digest:
        return target
    with files.explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=target.parent))
        shutil.copytree(source, incoming / "new", symlinks=True)
        digests.demand(incoming / "new", digest, what="the model", hint="Run the pipeline again: groundplan run.")
        for file in (incoming / "new").rglob("*"):
            if file.is_file():
                file.chmod(0o444)
        if target.exists():
            target.rename(incoming / "damaged")
        (incoming / "new").rename(target)
        shutil.rmtree(incoming)
    return target


def model_path(artifacts: Path, name: str, digest: str) -> Path:
    """Where the registry keeps the model of this digest."""
    return artifacts / "models" / name / digest.removeprefix("sha256:") / "model"


def keep_evidence(folder: Path, evidence: Evidence | None, verdict: Verdict | None) -> tuple[str, str]:
    """Write evidence and verdict into a file of its own below ``folder``; the file's name and digest."""
    text, digest = evidence_file.written(evidence, verdict)
    path = folder / f"evidence-{digest.removeprefix('sha256:')[:16]}.json"
    if not path.exists() or digests.of_path(path) != digest:
        files.write_text(path, text)
        path.chmod(0o444)
    return path.name, digest


def read_evidence(path: Path, digest: str) -> tuple[Evidence | None, Verdict | None]:
    """What ``keep_evidence`` wrote; nothing when the file is gone or was changed, and ``digests.demand`` tells."""
    try:
        content = path.read_bytes()
    except OSError:
        return None, None
    return evidence_file.read(content, digest)
