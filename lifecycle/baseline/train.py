"""Train a linear baseline on any table: missing values filled, numbers scaled, categories encoded."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...core.extras import load
from .tables import fail, labelled, note, read

_REQUIREMENTS = ("mlflow-skinny", "pandas", "scikit-learn", "skops")
_FEW_CATEGORIES = 50
_CATEGORY_SHARE = 0.2
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}( .*)?")

compose = load("sklearn.compose")
impute = load("sklearn.impute")
linear_model = load("sklearn.linear_model")
mlflow_models = load("mlflow.models")
mlflow_sklearn = load("mlflow.sklearn")
pandas_types = load("pandas.api.types")
pipeline = load("sklearn.pipeline")
preprocessing = load("sklearn.preprocessing")


def main(arguments: Sequence[str] | None = None) -> None:
    """Train on the data, write the model and what was measured while training."""
    options = _options(arguments)
    frame = labelled(read(options.train, options.target), options.target, options.task)
    numbers, categories = columns(frame.drop(columns=options.target))
    if not numbers and not categories:
        fail("the data has no column to learn from besides the target")
    known, answers = features(frame, numbers, categories), frame[options.target]
    model = build(numbers, categories, options.task, options.seed).fit(known, answers)
    save(model, known, options.model)
    score = "train_accuracy" if options.task == "classification" else "train_r2"
    metrics = {"train_rows": len(frame), score: float(model.score(known, answers))}
    options.metrics.write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    print(", ".join(f"{name} {value:.4g}" for name, value in metrics.items()))


def columns(frame: Any) -> tuple[list[str], list[str]]:
    """The columns to use as numbers and as categories; the others are left out with a note."""
    numbers: list[str] = []
    categories: list[str] = []
    for name in frame.columns:
        present = frame[name].dropna()
        reason = _unusable(present)
        if reason:
            note(f"left out the column {name!r}: {reason}")
        elif pandas_types.is_numeric_dtype(present) and not pandas_types.is_bool_dtype(present):
            numbers.append(name)
        else:
            categories.append(name)
    return numbers, categories


def features(frame: Any, numbers: Sequence[str], categories: Sequence[str]) -> Any:
    """The columns that the model reads: numbers as floats without infinity, categories as text or true and false."""
    chosen = frame[[*numbers, *categories]].copy()
    for name in numbers:
        values = chosen[name].astype(float)
        chosen[name] = values.where(values.abs() != float("inf"))
    for name in categories:
        if not pandas_types.is_bool_dtype(chosen[name]):
            chosen[name] = chosen[name].astype(object).where(chosen[name].isna(), chosen[name].astype(str))
    return chosen


def build(numbers: Sequence[str], categories: Sequence[str], task: str, seed: int) -> Any:
    """The model: missing numbers become the median, categories (a missing one too) columns of their own."""
    scaled = pipeline.make_pipeline(
        impute.SimpleImputer(strategy="median", keep_empty_features=True), preprocessing.StandardScaler()
    )
    encoded = preprocessing.OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=5)
    prepared = compose.ColumnTransformer(
        [("numbers", scaled, list(numbers)), ("categories", encoded, list(categories))]
    )
    if task == "classification":
        return pipeline.make_pipeline(prepared, linear_model.LogisticRegression(max_iter=2000, random_state=seed))
    return pipeline.make_pipeline(prepared, linear_model.Ridge(random_state=seed))


def save(model: Any, known: Any, path: Path) -> None:
    """Write the model in MLflow's format, without pickle, with the types of what it reads and answers."""
    signature = mlflow_models.infer_signature(known, model.predict(known))
    mlflow_sklearn.save_model(
        model,
        str(path),
        serialization_format="skops",
        skops_trusted_types=["numpy.dtype"],
        signature=signature,
        pip_requirements=[f"{name}=={version(name)}" for name in _REQUIREMENTS],
    )


def _unusable(present: Any) -> str:
    """Why nothing can be learned from these values, or nothing."""
    distinct = present.nunique()
    if distinct < 2:
        return "it has the same value everywhere" if distinct else "it has no values"
    if pandas_types.is_numeric_dtype(present):
        return ""
    if all(_DATE.fullmatch(str(value)) for value in present.head(100)):
        return "dates need features of their own"
    if distinct > max(_FEW_CATEGORIES, _CATEGORY_SHARE * len(present)):
        return "nearly every row has a text of its own"
    return ""


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--metrics", type=Path, required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--task", choices=["classification", "regression"], required=True)
    parser.add_argument("--seed", type=int, default=42)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
