"""Data of the project at Google Cloud: uploaded once for each content, and shown as a managed dataset."""

from __future__ import annotations

from typing import Any

from ...core.errors import DataError
from ...core.extras import load
from ..contract.jobs import Upload
from ..patience import Pace, Patience
from . import errors, versions
from .bucket import Bucket, place_of
from .calls import Calls
from .client import CALL_SECONDS

_SCHEMA = "gs://google-cloud-aiplatform/schema/dataset/metadata/tabular_1.0.0.yaml"
"""What a managed dataset of tables is, as the SDK's ``TabularDataset`` says it."""


def upload(one: Upload, patience: Patience, pace: Pace | None) -> None:
    """Put a file there, unless it is there. Raises DataError when it is not here."""
    bucket, name = place_of(one.uri)
    there, doing = Bucket(bucket, pace), f"upload {one.path.name}"
    if name in there.names(name, patience, doing=doing):
        return
    if not one.path.is_file():
        raise DataError(f"the data file {one.path.name} is not there", where=str(one.path))
    there.upload(name, one.path, patience, doing=doing)


def register(calls: Calls, location: str, product: str, one: Upload, key: str, patience: Patience) -> None:
    """Show an uploaded table as a managed dataset, unless one shows it. Vertex AI knows tables as CSV only."""
    if one.path.suffix.lower() != ".csv":
        return
    labels = {"groundplan": product, versions.DIGEST: versions.digest_label(one.digest)}
    doing = f"register the dataset {one.path.name}"

    def act() -> Any:
        # Looked at each time: a try whose answer was lost, or a killed command, may have done it, or be at it.
        if _known(calls, location, labels):
            return None
        calls.settle(location, patience, doing=doing, kind="CreateDataset")
        return None if _known(calls, location, labels) else _begun(calls, location, one, labels, key)

    begun = calls.ask(act, patience, doing=doing, resource=location)
    failure = None if begun is None else calls.ended(begun, patience, doing=doing, resource=location)
    if failure is not None:
        raise errors.translated(failure, doing=doing, resource=location) from failure


def _known(calls: Calls, location: str, labels: dict[str, str]) -> bool:
    wanted = " AND ".join(f'labels.{name}="{value}"' for name, value in labels.items())
    request = {"parent": location, "filter": wanted, "page_size": 1}
    found = calls.of(location).datasets.list_datasets(request=request, timeout=CALL_SECONDS, retry=None)
    return next(iter(found), None) is not None


def _begun(calls: Calls, location: str, one: Upload, labels: dict[str, str], key: str) -> Any:
    made = load("google.cloud.aiplatform_v1").Dataset(
        display_name=one.path.stem,
        description=one.digest,
        metadata_schema_uri=_SCHEMA,
        metadata={"inputConfig": {"gcsSource": {"uri": [one.uri]}}},
        labels=labels,
        encryption_spec={"kms_key_name": key} if key else None,
    )
    begun = calls.of(location).datasets.create_dataset(parent=location, dataset=made, timeout=CALL_SECONDS, retry=None)
    return calls.begun(begun, location, "Dataset")
