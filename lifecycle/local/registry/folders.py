"""Where the registry keeps its copies: model folders as they are, read-only, and beside each the evidence for it."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ....core import digests, files
from ....core.errors import StoreCorruptedError
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
        check(incoming / "new", digest, what="the model", hint="Run the pipeline again: groundplan run.")
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


def check(path: Path, digest: str, *, what: str, hint: str) -> None:
    """Raises StoreCorruptedError, with both digests, for a file or folder that is missing or not the one expected."""
    if not path.exists():
        raise StoreCorruptedError(f"{what} is gone; expected {digest}", where=str(path), hint=hint)
    found = digests.of_path(path)
    if found != digest:
        raise StoreCorruptedError(f"{what} was changed: expected {digest}, found {found}", where=str(path), hint=hint)


def keep_evidence(folder: Path, evidence: Evidence | None, verdict: Verdict | None) -> tuple[str, str]:
    """Write evidence and verdict into a file of its own below ``folder``; the file's name and digest."""
    text = json.dumps(
        {"evidence": evidence and asdict(evidence), "verdict": verdict and asdict(verdict)}, indent=2, sort_keys=True
    )
    digest = digests.of_bytes(text.encode())
    path = folder / f"evidence-{digest.removeprefix('sha256:')[:16]}.json"
    if not path.exists() or digests.of_path(path) != digest:
        files.write_text(path, text)
        path.chmod(0o444)
    return path.name, digest


def read_evidence(path: Path, digest: str) -> tuple[Evidence | None, Verdict | None]:
    """What ``keep_evidence`` wrote; nothing when the file is gone or was changed, which ``check`` then tells."""
    try:
        content = path.read_bytes()
    except OSError:
        return None, None
    if digests.of_bytes(content) != digest:
        return None, None
    value: dict[str, Any] = json.loads(content)
    return _parsed(Evidence, value["evidence"]), _parsed(Verdict, value["verdict"])


def _parsed(kind: Any, value: Any) -> Any:
    return None if value is None else TypeAdapter(kind).validate_python(value)
