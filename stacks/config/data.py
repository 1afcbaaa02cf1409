"""The data a project learns from, and when it counts as ready."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from .section import Classification, Duration, Name, Section, Share, Text


class Source(Section):
    """Where a data set comes from: a file of the project, or a data set that scikit-learn ships."""

    path: Text | None = None
    """A CSV or Parquet file, relative to groundplan.yaml."""

    uri: Text | None = None
    """On the clouds: where the data set is kept, such as ``gs://…``, ``azureml://…``, or a table ``bq://…``."""

    sklearn: Literal["breast_cancer", "diabetes", "digits", "iris", "wine"] | None = None
    """A data set that comes with scikit-learn; its target column is named ``target``."""

    version: Text | None = None
    """Which version of the data is meant, where ``uri`` does not say it."""

    digest: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    """The digest of the data that is meant, such as ``sha256:…``."""

    owner: Text | None = None
    """Who answers for the data."""

    system: Text | None = None
    """The system that the data comes from."""

    classification: Classification | None = None
    """How sensitive the data is; without it ``governance.data_classification``."""

    retention: Duration | None = None
    """How long the data may be kept."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(one is not None for one in (self.path, self.uri, self.sklearn)) != 1:
            raise ValueError("a source needs exactly one of 'path', 'uri' and 'sklearn'")
        return self


class Scorecard(Section):
    """The thresholds of the data readiness scorecard; ``groundplan data check`` exits 11 when one is missed."""

    min_rows: Annotated[int, Field(ge=1)] = 100
    """Fewer rows than this are not enough to learn from."""

    max_missing: Share = 0.3
    """The largest share of missing values that a column may have."""

    max_duplicates: Share = 0.05
    """The largest share of rows that repeat an earlier row."""

    min_class_share: Share = 0.01
    """The smallest share of rows that the rarest class may have (classification)."""

    max_leakage: Share = 0.99
    """How well a single column may predict the target (AUC or R²) before it counts as leaking."""

    max_label_conflicts: Share = 0.01
    """The largest share of rows whose features repeat with another label."""

    max_outliers: Share = 0.1
    """The largest share of a numeric column's values farther than three interquartile ranges outside the quartiles."""

    allow_constant: bool = True
    """Whether a column with a single value is only a warning."""

    ignore: list[Text] = []
    """Columns that the scorecard leaves out."""


class Data(Section):
    """The data of the project."""

    sources: dict[Name, Source] = {"main": Source(sklearn="breast_cancer")}
    """The data sets by name; steps read them as ``data.<name>``. The first one is checked and sampled by default."""

    target: Text = "target"
    """The column to predict."""

    task: Literal["classification", "regression"] = "classification"
    """What is predicted: a class or a number."""

    scorecard: Scorecard = Scorecard()
    """When the data counts as ready."""
