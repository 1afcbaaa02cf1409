"""How a model version stands in MLflow's registry: what each tag holds, and the version read back from it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from pydantic import TypeAdapter

from ....core.errors import StoreCorruptedError
from ...contract.evidence import Verdict
from ...contract.model import Lineage, ModelVersion, Override, VersionStatus
from .folders import model_path, read_evidence

DIGEST = "groundplan.digest"
STATUS = "groundplan.status"
STAGE = "groundplan.stage"
EVIDENCE = "groundplan.evidence"
GATE = "groundplan.gate"
OVERRIDES = "groundplan.overrides"
_LINEAGE = "groundplan.lineage"
_CREATED = "groundplan.created"
_TRUSTED_TYPES = "groundplan.trusted_types"
_SIZE = "groundplan.size_bytes"
_OVERRIDES = TypeAdapter(tuple[Override, ...])


def of_new(
    *, digest: str, lineage: Lineage, created: str, trusted_types: Sequence[str], size_bytes: int
) -> dict[str, str]:
    """The tags of a version that do not change after it is registered."""
    return {
        DIGEST: digest,
        STATUS: "registered",
        STAGE: "",
        _LINEAGE: json.dumps(asdict(lineage), sort_keys=True),
        _CREATED: created,
        _TRUSTED_TYPES: json.dumps(list(trusted_types)),
        _SIZE: str(size_bytes),
    }


def of_judgement(file: tuple[str, str], verdict: Verdict | None, overrides: Sequence[Override]) -> dict[str, str]:
    """The tags that a judgement leaves: the evidence file with its digest, the verdict in a word, all overrides."""
    tags = {
        EVIDENCE: json.dumps({"file": file[0], "digest": file[1]}, sort_keys=True),
        OVERRIDES: json.dumps([asdict(override) for override in overrides], sort_keys=True),
    }
    if verdict is not None:
        word = "passed" if verdict.passed else "FAILED, overridden"
        tags[GATE] = f"{word} ({verdict.environment})"
    return tags


def evidence_file(version: Any, artifacts: Path) -> tuple[Path, str]:
    """Where the evidence of an MLflow model version is, and the digest it must have."""
    kept = json.loads(version.tags[EVIDENCE])
    return _path(version, artifacts).parent / kept["file"], kept["digest"]


def is_ours(version: Any) -> bool:
    """Whether groundplan registered this MLflow model version; others are left alone."""
    return DIGEST in version.tags


def read(version: Any, aliases: Mapping[str, str], artifacts: Path) -> ModelVersion:
    """A model version from MLflow's. It is in a stage only when its tag and the stage's alias say so both.

    So it is never in two stages, and a stage never has two versions. Raises StoreCorruptedError.
    """
    number, tags = int(version.version), version.tags
    stage = tags.get(STAGE, "")
    try:
        evidence, verdict = read_evidence(*evidence_file(version, artifacts))
        return ModelVersion(
            name=version.name,
            version=number,
            stage=stage if stage and str(aliases.get(stage)) == str(number) else None,
            status=cast("VersionStatus", tags[STATUS]),
            digest=tags[DIGEST],
            path=_path(version, artifacts),
            created=tags[_CREATED],
            lineage=Lineage(**json.loads(tags[_LINEAGE])),
            evidence=evidence,
            verdict=verdict,
            overrides=_OVERRIDES.validate_json(tags[OVERRIDES]),
            trusted_types=tuple(json.loads(tags[_TRUSTED_TYPES])),
            size_bytes=int(tags[_SIZE]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreCorruptedError(
            f"the registry's record of {version.name} v{number} is damaged: {error}",
            hint="Its tags named groundplan.* were changed; put a backup of the tracking store back.",
        ) from error


def _path(version: Any, artifacts: Path) -> Path:
    """Where the model is now; the address in MLflow's store is of where the project was when it was registered."""
    return model_path(artifacts, version.name, version.tags[DIGEST])
