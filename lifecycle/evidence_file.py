"""Evidence and verdict as one text that is kept under its digest, and read back only when it has that digest."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from ..core import digests
from .contract.evidence import Evidence, Verdict


def written(evidence: Evidence | None, verdict: Verdict | None) -> tuple[str, str]:
    """The text, and its digest."""
    text = json.dumps(
        {"evidence": evidence and asdict(evidence), "verdict": verdict and asdict(verdict)}, indent=2, sort_keys=True
    )
    return text, digests.of_bytes(text.encode())


def read(content: bytes, digest: str) -> tuple[Evidence | None, Verdict | None]:
    """What ``written`` made; nothing when it was changed since."""
    if digests.of_bytes(content) != digest:
        return None, None
    value: dict[str, Any] = json.loads(content)
    return _parsed(Evidence, value["evidence"]), _parsed(Verdict, value["verdict"])


def _parsed(kind: Any, value: Any) -> Any:
    return None if value is None else _adapter(kind).validate_python(value)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made once for each kind: making one takes longer than reading a hundred values with it."""
    return TypeAdapter(kind)
