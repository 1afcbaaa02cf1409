"""Model versions in the registry of a project and region: what is there, which folder each is of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...core.errors import NotFoundError, StoreCorruptedError
from ..contract.deployment import ServedModel
from ..patience import Patience
from . import naming
from .calls import Calls
from .client import CALL_SECONDS

DIGEST = "digest-start"
"""The label with the first half of the digest: the whole of it is longer than a label may be."""

_SCHEME = "sha256:"
_LABEL_LENGTH = 32


def digest_label(digest: str) -> str:
    """A digest as the label has it."""
    return digest.removeprefix(_SCHEME)[:_LABEL_LENGTH]


def number_of(version: Any) -> int:
    """The number of a version: its own, or the one that it has where it was copied from."""
    original = version.original_model_info.model
    return int(original.rpartition("@")[2] if "@" in original else version.version_id)


def resource_of(version: Any) -> str:
    """The name by which a version is asked for."""
    return f"{version.name.partition('@')[0]}@{version.version_id}"


def digest_of(version: Any) -> str:
    """The digest of a version's folder, whose address ends in it; "" for what groundplan did not upload."""
    start, _, end = version.artifact_uri.rstrip("/").rpartition("/")
    is_ours = len(end) == 64 and start.startswith("gs://")
    return f"{_SCHEME}{end}" if is_ours else ""


def has_digest(version: Any, digest: str) -> bool:
    """Whether a version is of the folder with this digest. A copy may lie elsewhere; its label vouches for it."""
    known = digest_of(version)
    return known == digest if known else version.labels.get(DIGEST) == digest_label(digest)


def get(calls: Calls, name: str, patience: Patience) -> Any:
    """One version by its resource name; None where there is none."""

    def act() -> Any:
        return calls.of(name).models.get_model(name=name, timeout=CALL_SECONDS, retry=None)

    return calls.found(act, patience, doing="look for a model version", resource=name)


def all_of(calls: Calls, model: str, patience: Patience) -> list[Any]:
    """All versions of a model, page by page; none where there is no such model."""

    def pages() -> Iterator[Any]:
        yield from calls.of(model).models.list_model_versions(name=model, timeout=CALL_SECONDS, retry=None)

    return calls.found(lambda: list(pages()), patience, doing="list model versions", resource=model) or []


def to_serve(calls: Calls, endpoint: str, product: str, served: ServedModel, patience: Patience) -> str:
    """The version that an endpoint is to load. Raises NotFoundError, and StoreCorruptedError for another folder."""
    model = f"{naming.location_of(endpoint)}/models/{naming.model_id(product, served.name)}"
    found = get(calls, f"{model}@{served.version}", patience)
    if found is None or found.original_model_info.model:
        found = next((one for one in all_of(calls, model, patience) if number_of(one) == served.version), None)
    if found is None:
        raise NotFoundError(
            f"{served.name} version {served.version} is not in the registry of {naming.location_of(endpoint)}",
            where=model,
            hint=f"groundplan models promote {served.name} {served.version} brings it there.",
        )
    if not has_digest(found, served.digest):
        raise StoreCorruptedError(
            f"{served.name} version {served.version} at Vertex AI is not of the folder {served.digest}",
            where=resource_of(found),
            hint="Somebody else registered it. Register the model again: groundplan run",
        )
    return resource_of(found)
