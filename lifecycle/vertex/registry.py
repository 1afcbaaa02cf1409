"""The registry of Vertex AI: folders in the bucket, a model with a version for each, copies where others load it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...core import clock
from ...core.errors import NotFoundError, StoreCorruptedError, UsageError
from ...core.extras import load
from ..contract.registry import RegisteredVersion
from ..patience import Pace, Patience
from . import errors, naming, versions
from .bucket import Bucket
from .calls import Calls
from .client import CALL_SECONDS
from .folders import Folders

_PRODUCT = "groundplan"
"""The label that tells groundplan's models, and of which product each is."""
_OURS = (_PRODUCT, versions.DIGEST)
_LOOKING_SECONDS = 600.0
_LONGEST_LABEL = 63


class VertexRegistry:
    """Versions of models in a project and region: ``location`` is ``projects/P/locations/R``, ``bucket`` is there.

    ``product`` is the project's name in the config. ``images`` says by model which container serves it: Vertex AI has
    none that loads what MLflow saves with skops. ``environments`` are the locations of all environments by their names,
    ``keys`` the keys by which models are encrypted in these locations. ``seconds`` bounds what waits for Vertex AI.
    """

    def __init__(
        self,
        location: str,
        *,
        bucket: str,
        product: str,
        images: Mapping[str, str],
        environments: Mapping[str, str],
        keys: Mapping[str, str] | None = None,
        pace: Pace | None = None,
        seconds: float = 3600.0,
    ) -> None:
        self._location = location
        self._product = product
        self._images = images
        self._environments = environments
        self._keys = keys or {}
        self._seconds = seconds
        self._calls = Calls(pace)
        self._folders = Folders(Bucket(bucket, pace))

    def register(self, name: str, source: Path, *, digest: str, labels: Mapping[str, str]) -> RegisteredVersion:
        """Upload a model folder as a new version; the same digest again gives the version that it has.

        Raises UsageError for a model without an image.
        """
        if name not in self._images:
            raise UsageError(
                f"nothing says which container serves {name} on Vertex AI",
                hint="Build one that loads the model and answers as Vertex AI asks (docs/vertex.md), and name it: "
                "endpoints.NAME.image in groundplan.yaml.",
            )
        patience, doing = self._calls.patience(self._seconds), f"register {name}"
        model = self._model(self._location, name)
        self._folders.send(name, source, digest=digest, patience=patience)
        known = self._remembered(model, name, digest, patience)
        if known is not None:
            return self._registered(known)

        def act() -> Any:
            # Looked at each time: a try whose answer was lost, or a killed command, may have done it.
            self._calls.settle(model, patience, doing=doing)
            there = versions.all_of(self._calls, model, patience)
            same = [one for one in there if versions.digest_of(one) == digest]
            return same[0] if same else self._upload(model, name, digest, labels, new=not there)

        made = self._done(act, patience, doing=doing, resource=model)
        self._folders.remember(name, digest, versions.number_of(made), patience)
        return self._registered(made)

    def versions(self, name: str | None = None) -> Sequence[RegisteredVersion]:
        """All versions, of one model or of all that groundplan registered, newest first, page by page."""
        patience = self._calls.patience(_LOOKING_SECONDS)
        models = [self._model(self._location, name)] if name else self._models(patience)
        found = [self._registered(one) for model in models for one in versions.all_of(self._calls, model, patience)]
        return sorted(found, key=lambda one: (one.created, one.version), reverse=True)

    def share(self, name: str, version: int, environment: str) -> None:
        """Copy a version to an environment's project and region, where its endpoints load it from."""
        patience, doing = self._calls.patience(self._seconds), f"share {name} version {version}"
        source = self._demanded(name, version, patience)
        if environment not in self._environments:
            raise NotFoundError(
                f"there is no environment {environment}", hint=f"Known: {', '.join(self._environments)}."
            )
        digest, location = _digest(source), self._environments[environment]
        if location == self._location:
            return
        model = self._model(location, name)

        def act() -> Any:
            self._calls.settle(model, patience, doing=doing)
            there = versions.all_of(self._calls, model, patience)
            mine = next((one for one in there if versions.number_of(one) == version), None)
            return mine if mine is not None else self._copy(model, source, new=not there)

        copied = self._done(act, patience, doing=doing, resource=model)
        if not versions.has_digest(copied, digest):
            self._vouch(copied, source, digest, patience)

    def mark(self, name: str, version: int, *, stages: Sequence[str], labels: Mapping[str, str]) -> None:
        """Show by aliases in which stages a version is; aliases and labels of somebody else stay."""
        patience, doing = self._calls.patience(_LOOKING_SECONDS), f"mark {name} version {version}"
        found = self._demanded(name, version, patience)
        wanted, ours = {_alias(one) for one in stages}, {_alias(one) for one in self._environments}
        has = set(found.version_aliases)
        new, gone = sorted(wanted - has), sorted((ours & has) - wanted)
        for alias in new:
            self._take(f"{self._model(self._location, name)}@{alias}", alias, patience, doing)
        if new or gone:
            self._merge(found, [*new, *(f"-{one}" for one in gone)], patience, doing)
        self._label(found, _labels(labels), patience, doing)

    def fetch(self, name: str, version: int, into: Path) -> Path:
        """Download a version's folder to be ``into``, all of it or nothing, unless it is there; gives ``into``."""
        if into.exists():
            return into
        patience = self._calls.patience(self._seconds)
        digest = _digest(self._demanded(name, version, patience))
        self._folders.bring(name, into, digest=digest, what=f"{name} version {version}", patience=patience)
        return into

    def _upload(self, model: str, name: str, digest: str, labels: Mapping[str, str], *, new: bool) -> Any:
        wanted: dict[str, Any] = {
            "display_name": name,
            "artifact_uri": self._folders.uri(name, digest),
            "container_spec": {"image_uri": self._images[name]},
            "version_description": digest,
            "labels": {**_labels(labels), _PRODUCT: self._product, versions.DIGEST: versions.digest_label(digest)},
            **self._encrypted(self._location),
        }
        request = load("google.cloud.aiplatform_v1").UploadModelRequest(
            parent=self._location, model=wanted, **_place(model, new=new)
        )
        begun = self._calls.of(model).models.upload_model(request=request, timeout=CALL_SECONDS, retry=None)
        return self._calls.begun(begun, model, "UploadModelResponse")

    def _copy(self, model: str, source: Any, *, new: bool) -> Any:
        location = naming.location_of(model)
        request = load("google.cloud.aiplatform_v1").CopyModelRequest(
            parent=location, source_model=versions.resource_of(source), **_place(model, new=new),
            **self._encrypted(location),
        )  # fmt: skip
        begun = self._calls.of(model).models.copy_model(request=request, timeout=CALL_SECONDS, retry=None)
        return self._calls.begun(begun, model, "CopyModelResponse")

    def _done(self, act: Any, patience: Patience, *, doing: str, resource: str) -> Any:
        """The version that an act finds, or that the operation it begins ends with."""
        found = self._calls.ask(act, patience, doing=doing, resource=resource)
        if not isinstance(found, load("google.api_core.operation").Operation):
            return found
        failure = self._calls.ended(found, patience, doing=doing, resource=resource)
        if failure is not None:
            raise errors.translated(failure, doing=doing, resource=resource) from failure
        made = found.result()
        return self._seen(f"{made.model}@{made.model_version_id}", patience, doing)

    def _seen(self, name: str, patience: Patience, doing: str) -> Any:
        """A version that was made; Vertex AI may show it a moment later."""
        found: list[Any] = []

        def look() -> bool:
            known = versions.get(self._calls, name, patience)
            found.extend([] if known is None else [known])
            return bool(found)

        patience.until(look, doing=doing)
        return found[0]

    def _remembered(self, model: str, name: str, digest: str, patience: Patience) -> Any:
        number = self._folders.remembered(name, digest, patience)
        found = None if number is None else versions.get(self._calls, f"{model}@{number}", patience)
        return found if found is not None and versions.digest_of(found) == digest else None

    def _vouch(self, copied: Any, source: Any, digest: str, patience: Patience) -> None:
        """Label a copy with the digest of what it was made from. Raises StoreCorruptedError for another folder."""
        original = copied.original_model_info.model
        if versions.DIGEST in copied.labels or not naming.same_version(original, versions.resource_of(source)):
            found = versions.digest_of(copied) or copied.labels.get(versions.DIGEST, "an unknown one")
            raise StoreCorruptedError(
                f"{copied.display_name} version {versions.number_of(source)} in {naming.location_of(copied.name)} is "
                f"another folder: expected {digest}, found {found}",
                where=versions.resource_of(copied),
                hint="Somebody else put it there: gcloud ai models delete-version takes it away.",
            )
        labels = {_PRODUCT: self._product, versions.DIGEST: versions.digest_label(digest)}
        self._label(copied, labels, patience, f"share {copied.display_name} version {versions.number_of(source)}")

    def _label(self, version: Any, labels: Mapping[str, str], patience: Patience, doing: str) -> None:
        wanted = {**version.labels, **labels}
        if wanted == dict(version.labels):
            return
        name = versions.resource_of(version)
        changed = load("google.cloud.aiplatform_v1").Model(name=name, labels=wanted)

        def act() -> None:
            self._calls.of(name).models.update_model(
                model=changed, update_mask={"paths": ["labels"]}, timeout=CALL_SECONDS, retry=None
            )

        self._calls.ask(act, patience, doing=doing, resource=name)

    def _take(self, name: str, alias: str, patience: Patience, doing: str) -> None:
        """Take an alias away from the version that has it."""
        holder = versions.get(self._calls, name, patience)
        if holder is not None:
            self._merge(holder, [f"-{alias}"], patience, doing)

    def _merge(self, version: Any, aliases: Sequence[str], patience: Patience, doing: str) -> None:
        name = versions.resource_of(version)

        def act() -> None:
            self._calls.of(name).models.merge_version_aliases(
                name=name, version_aliases=aliases, timeout=CALL_SECONDS, retry=None
            )

        self._calls.ask(act, patience, doing=doing, resource=name)

    def _demanded(self, name: str, version: int, patience: Patience) -> Any:
        found = versions.get(self._calls, f"{self._model(self._location, name)}@{version}", patience)
        if found is None:
            raise NotFoundError(
                f"there is no {name} version {version} in {self._location}", hint="groundplan models list shows all."
            )
        return found

    def _models(self, patience: Patience) -> Sequence[str]:
        request = {"parent": self._location, "filter": f'labels.{_PRODUCT}="{self._product}"'}

        def act() -> list[str]:
            pages = self._calls.of(self._location).models.list_models(request=request, timeout=CALL_SECONDS, retry=None)
            return [one.name.partition("@")[0] for one in pages]

        return self._calls.ask(act, patience, doing="list the models", resource=self._location)

    def _registered(self, version: Any) -> RegisteredVersion:
        by_alias = {_alias(one): one for one in self._environments}
        return RegisteredVersion(
            name=version.display_name,
            version=versions.number_of(version),
            digest=versions.digest_of(version),
            created=clock.to_text(version.version_create_time),
            stages=tuple(stage for alias, stage in by_alias.items() if alias in version.version_aliases),
            labels={key: value for key, value in version.labels.items() if key not in _OURS},
        )

    def _model(self, location: str, name: str) -> str:
        return f"{location}/models/{naming.model_id(self._product, name)}"

    def _encrypted(self, location: str) -> dict[str, Any]:
        return {"encryption_spec": {"kms_key_name": self._keys[location]}} if location in self._keys else {}


def _digest(version: Any) -> str:
    """The digest of a version's folder. Raises StoreCorruptedError for what groundplan did not register."""
    digest = versions.digest_of(version)
    if not digest:
        raise StoreCorruptedError(
            f"nobody vouches for the folder of {version.display_name} version {versions.number_of(version)}",
            where=versions.resource_of(version),
            hint="Somebody else registered it. Register the model from its run.",
        )
    return digest


def _place(model: str, *, new: bool) -> dict[str, str]:
    return {"model_id": model.rpartition("/")[2]} if new else {"parent_model": model}


def _alias(environment: str) -> str:
    """An environment as an alias: letters, digits and hyphens, at least two of them."""
    plain = environment.replace("_", "-")
    return plain if len(plain) > 1 else f"stage-{plain}"


def _labels(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels in the form that Google takes."""
    return {key: re.sub(r"[^a-z0-9_-]", "-", value.lower())[:_LONGEST_LABEL] for key, value in labels.items()}
