"""Loads a model folder that the registry vouches for: digest first, skops only, trusted types from the config only."""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ...core import digests, extras, files
from ...core.errors import DataError, GroundplanError, PolicyError, StoreCorruptedError

_DESCRIPTION_LIMIT = 1_000_000
_UNPACKED_FREE = 256 * 2**20
_UNPACKED_RATIO = 50
_CONTRACT = "Save it with mlflow.sklearn.save_model(model, path, serialization_format='skops', signature=...)."


@dataclass(frozen=True, kw_only=True)
class Column:
    """One input of a model, as MLflow's signature names it; ``type`` is MLflow's word, such as ``double``."""

    name: str
    type: str
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class LoadedModel:
    """A model in memory. ``classes`` is empty for a model that predicts numbers; ``warnings`` are for people."""

    estimator: Any
    columns: tuple[Column, ...]
    classes: tuple[Any, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def has_probabilities(self) -> bool:
        """Whether the model gives a probability for each class."""
        return bool(self.classes) and hasattr(self.estimator, "predict_proba")

    def inputs(self, frame: Any) -> Any:
        """The columns of a DataFrame that the model takes, in its order; missing optional ones are empty.

        Raises DataError when a required column is missing.
        """
        missing = [column.name for column in self.columns if column.required and column.name not in frame.columns]
        if missing:
            raise DataError(
                f"the data lacks columns that the model needs: {', '.join(missing)}",
                hint="Evaluate the model on data that was prepared as its training data was.",
            )
        return frame.reindex(columns=[column.name for column in self.columns])

    def predict(self, frame: Any) -> Any:
        """One prediction for each row, as an array."""
        return self.estimator.predict(self.inputs(frame))

    def predict_proba(self, frame: Any) -> Any:
        """Rows by classes: the probability of each class, in the order of ``classes``."""
        return self.estimator.predict_proba(self.inputs(frame))


def load(path: Path, *, digest: str, trusted_types: Sequence[str]) -> LoadedModel:
    """Load the model in a folder whose digest must be ``digest``.

    Raises StoreCorruptedError (changed, missing or damaged), PolicyError (another format than skops, or a type that is
    not trusted), DataError (no signature of named columns), MissingExtraError.
    """
    verify(path, digest)
    description = _description(path)
    flavor = _flavor(path, description)
    columns = _columns(path, description)
    file = _model_file(path, flavor)
    _refuse_bomb(file)
    estimator, remarks = _read(file, trusted_types, saved_with=str(flavor.get("sklearn_version", "an unknown version")))
    return LoadedModel(estimator=estimator, columns=columns, classes=_classes(estimator), warnings=remarks)


def verify(path: Path, digest: str) -> None:
    """Raise StoreCorruptedError unless the folder is there and its digest is ``digest``."""
    if not path.is_dir():
        raise StoreCorruptedError(
            f"the model's folder is gone: {path}",
            where=str(path),
            hint="Run the pipeline again to make the model anew.",
        )
    try:
        found = digests.of_path(path)
    except OSError as error:
        raise StoreCorruptedError(
            f"cannot read the model in {path}: {error.strerror or error}", where=str(path)
        ) from error
    if found != digest:
        raise StoreCorruptedError(
            f"the model in {path} was changed: its digest is {found}, expected {digest}",
            where=str(path),
            hint="It is not loaded. Restore the folder from a backup, or run the pipeline again.",
        )


def columns(path: Path) -> tuple[Column, ...]:
    """The columns that the model in this folder takes, as its signature says. Raises StoreCorruptedError."""
    return _columns(path, _description(path))


def _description(path: Path) -> Mapping[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    reader: Any = YAML(typ="safe", pure=True)
    file = path / "MLmodel"
    try:
        if file.stat().st_size > _DESCRIPTION_LIMIT:
            raise _damaged(file, "is too large to be a model's description")
        content: object = reader.load(file.read_bytes())
    except FileNotFoundError as error:
        raise _damaged(path, "is no model in MLflow's format: it has no file MLmodel") from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise _damaged(file, "is no YAML that can be read") from error
    if not isinstance(content, dict):
        raise _damaged(file, "holds no model's description")
    return cast("dict[str, Any]", content)


def _flavor(path: Path, description: Mapping[str, Any]) -> Mapping[str, Any]:
    flavors: Any = description.get("flavors")
    flavor: Any = cast("dict[str, Any]", flavors).get("sklearn") if isinstance(flavors, dict) else None
    if not isinstance(flavor, dict):
        raise DataError(f"{path} holds no scikit-learn model", where=str(path / "MLmodel"), hint=_CONTRACT)
    flavor = cast("dict[str, Any]", flavor)
    kind = flavor.get("serialization_format", "pickle")
    if kind != "skops":
        raise PolicyError(
            f"the model in {path} is stored as {kind}, which can run any code when it is loaded; only skops is loaded",
            where=str(path / "MLmodel"),
            hint=_CONTRACT,
        )
    return flavor


def _columns(path: Path, description: Mapping[str, Any]) -> tuple[Column, ...]:
    signature: Any = description.get("signature")
    inputs: Any = cast("dict[str, Any]", signature).get("inputs") if isinstance(signature, dict) else None
    try:
        fields: Any = (json.loads(inputs) if isinstance(inputs, str) else None) or []
        columns = tuple(
            Column(name=str(field["name"]), type=str(field["type"]), required=bool(field.get("required", True)))
            for field in fields
            if field["type"] != "tensor"
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path / "MLmodel", "holds a signature that cannot be read") from error
    if not columns:
        raise DataError(
            f"the model in {path} does not say which columns it takes",
            where=str(path / "MLmodel"),
            hint="Save it with signature=infer_signature(X, y), X being the DataFrame it was trained on.",
        )
    return columns


def _model_file(path: Path, flavor: Mapping[str, Any]) -> Path:
    name = str(flavor.get("pickled_model", "model.skops"))
    file = files.inside(path, name)
    if not file.is_file():
        raise _damaged(path, f"lacks the file {name} that MLmodel names")
    return file


def _refuse_bomb(file: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _damaged(file, "is no skops file that can be read; it may have been cut off") from error
    packed = file.stat().st_size
    if unpacked > _UNPACKED_FREE + _UNPACKED_RATIO * packed:
        raise _damaged(file, f"would unpack from {packed:,} to {unpacked:,} bytes")


def _read(file: Path, trusted_types: Sequence[str], *, saved_with: str) -> tuple[Any, tuple[str, ...]]:
    skops = extras.load("skops.io")
    installed: str = extras.load("sklearn").__version__
    _require_trust(skops, file, trusted_types)
    try:
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            estimator = skops.load(file, trusted=list(trusted_types))
    except Exception as error:  # skops and scikit-learn raise whatever the content provokes
        raise _unloadable(file, error, saved_with, installed) from error
    if not hasattr(estimator, "predict"):
        raise DataError(f"{file} holds a {type(estimator).__name__}, which predicts nothing", where=str(file))
    if saved_with == installed:
        return estimator, ()
    return estimator, (f"saved with scikit-learn {saved_with}, loaded with {installed}: predictions may differ",)


def _require_trust(skops: Any, file: Path, trusted_types: Sequence[str]) -> None:
    try:
        found: list[str] = skops.get_untrusted_types(file=file)
    except Exception as error:  # the file's content decides what is raised
        raise _damaged(file, f"is no skops file that can be read ({type(error).__name__}: {error})") from error
    unknown = sorted(set(found) - set(trusted_types))
    if unknown:
        names = ", ".join(unknown)
        raise PolicyError(
            f"the model holds types that are not trusted: {names}",
            where=str(file),
            hint=f"If you know what they do, list them in groundplan.yaml: models.NAME.trusted_types: [{names}]",
        )


def _unloadable(file: Path, error: Exception, saved_with: str, installed: str) -> GroundplanError:
    if saved_with != installed:
        return DataError(
            f"the model was saved with scikit-learn {saved_with} and cannot be loaded with {installed}:"
            f" {type(error).__name__}: {error}",
            where=str(file),
            hint=f"pip install scikit-learn=={saved_with}, or run the pipeline again with {installed}.",
        )
    return _damaged(file, f"cannot be loaded ({type(error).__name__}: {error})")


def _classes(estimator: Any) -> tuple[Any, ...]:
    classes = getattr(estimator, "classes_", None)
    return () if classes is None else tuple(classes.tolist())


def _damaged(path: Path, problem: str) -> StoreCorruptedError:
    return StoreCorruptedError(
        f"{path} {problem}", where=str(path), hint="Run the pipeline again to make the model anew."
    )
