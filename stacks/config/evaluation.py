"""The rubric: what a model must show before it may go one environment further."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from .section import Day, Duration, Name, Section, Share, Text

MetricName = Literal[
    "accuracy", "precision", "recall", "f1", "roc_auc", "log_loss", "brier", "calibration_error",
    "mae", "rmse", "r2", "latency_p95_ms", "size_mb",
]  # fmt: skip
"""The metrics that groundplan measures itself, on the held-out data. docs/metrics.md defines each."""

FairnessMetric = Literal[
    "demographic_parity_difference", "demographic_parity_ratio", "equalized_odds_difference",
    "equalized_odds_ratio", "equal_opportunity_difference", "mean_prediction_difference",
]  # fmt: skip
"""Gaps between groups, as Fairlearn defines them (``mean_prediction_difference`` for regression)."""


class Threshold(Section):
    """The least or the most that a metric may be, or both."""

    min: float | None = None
    """The metric must be at least this."""

    max: float | None = None
    """The metric must be at most this."""

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("a threshold needs 'min', 'max' or both")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"'min' ({self.min}) is above 'max' ({self.max})")
        return self


class Slice(Threshold):
    """A threshold that every value of a column must meet on its own."""

    column: Text
    """The column of the held-out data whose values make the slices."""

    metric: MetricName
    """The metric measured in each slice."""

    values: list[str | int | bool] | None = None
    """Only these values of the column; without it, all."""

    min_rows: Annotated[int, Field(ge=1)] = 30
    """Slices with fewer rows are reported but not judged."""


class Fairness(Threshold):
    """The largest gap (or the smallest ratio) between the groups of a column."""

    column: Text
    """The column whose values are the groups; it need not be a feature of the model."""

    metric: FairnessMetric
    """The gap that is measured."""

    min_rows: Annotated[int, Field(ge=1)] = 30
    """Groups with fewer rows are reported but not judged."""


class Disturbance(Section):
    """How much a metric may suffer when the inputs do."""

    metric: MetricName
    """The metric that is measured with and without the disturbance."""

    amount: Share = 0.1
    """Noise: its standard deviation as a share of each numeric column's own. Missing: the share of values removed."""

    max_drop: Annotated[float, Field(ge=0)]
    """How much worse the metric may become."""


class Robustness(Section):
    """What happens when inputs are noisy or missing."""

    noise: Disturbance | None = None
    """Gaussian noise on the numeric columns."""

    missing: Disturbance | None = None
    """Values removed at random."""


class Champion(Section):
    """Challenger against champion: the new version against the one that it would replace, on the same held-out rows."""

    enabled: bool = True
    """Whether the comparison gates."""

    metric: MetricName | None = None
    """The metric compared; without it ``roc_auc`` (``accuracy`` without probabilities), ``rmse`` for numbers."""

    margin: float = -0.02
    """By how much the challenger must be better, in the metric's own unit; below 0 it may be that much worse."""

    confidence: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    """The confidence with which the paired bootstrap must show the margin."""

    resamples: Annotated[int, Field(ge=100, le=100_000)] = 1000
    """How often the bootstrap draws."""


class Evaluation(Section):
    """The rubric that gates registration, promotion and deployment."""

    metrics: dict[MetricName, Threshold] = {}
    """Thresholds by metric, on all held-out rows."""

    slices: list[Slice] = []
    """Thresholds that parts of the data must meet on their own."""

    fairness: list[Fairness] = []
    """The largest gaps between groups."""

    robustness: Robustness = Robustness()
    """How much a metric may drop under noise and missing values."""

    champion: Champion = Champion()
    """The comparison with the version that would be replaced."""

    max_age: Duration = "30d"
    """Evidence older than this must be made anew."""

    seed: Annotated[int, Field(ge=0)] = 42
    """The seed of noise, missing values and bootstrap."""


class Model(Section):
    """A model that a pipeline makes and the registry keeps."""

    pipeline: Name = "train"
    """The pipeline that makes it."""

    output: str = "train.model"
    """The step's output that holds it (type ``model``)."""

    test: str = "prepare.test"
    """The step's output that holds the held-out data (type ``dataset``), with the target column."""

    target: Text | None = None
    """The column to predict; without it ``data.target``."""

    task: Literal["classification", "regression"] | None = None
    """What is predicted; without it ``data.task``."""

    positive_class: str | int | bool | None = None
    """The class that counts as positive; without it the last one in sorted order."""

    trusted_types: list[Text] = ["numpy.dtype"]
    """Types that may be loaded from the model's skops file besides those that skops itself trusts. ``numpy.dtype``
    is how scikit-learn's imputers remember a column's type; a list of your own replaces it."""

    description: str = ""
    """What the model is for; stands in the model card."""

    intended_use: str = ""
    """Who should use it for what, and for what not; stands in the model card."""

    limitations: str = ""
    """What it cannot do; stands in the model card."""

    out_of_scope: str = ""
    """What it must not be used for; stands in the model card."""

    ethical_considerations: str = ""
    """Whom it may harm, and what is done about it; stands in the model card."""

    contact: str = ""
    """Whom to ask about it; stands in the model card. Without it the product's ``owner``."""

    source: Text | None = None
    """The third-party or foundation model that it is, or is built on, such as ``publishers/google/models/gemma``."""

    licence: Text | None = None
    """The licence of ``source``, by its SPDX name, such as ``Apache-2.0``."""

    approved_by: Text | None = None
    """Who looked at licence and origin of ``source`` and said yes."""

    attestations: Text | None = None
    """The attestations of its versions: a file of the project, one in-toto envelope or sigstore bundle a line."""

    retirement: Day | None = None
    """The day on which it is retired, or that is decided anew, in quotes."""

    evaluation: Evaluation | None = None
    """A rubric of its own; without it the project's ``evaluation``."""
