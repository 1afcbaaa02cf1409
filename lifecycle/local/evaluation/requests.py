"""What groundplan asks the evaluating process, and what that answers: plain values that travel as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...contract.evidence import Comparison, DisturbanceValue, FairnessValue, SliceValue
from ...contract.monitoring import Attribution, FeatureProfile
from ...contract.rubric import Rubric, Task


@dataclass(frozen=True, kw_only=True)
class ModelFile:
    """A model's folder, the digest it must have, and the types that may be loaded from it."""

    path: Path
    digest: str
    trusted_types: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HeldOutData:
    """The held-out data, and what is predicted. ``digest`` is checked unless it is empty."""

    path: Path
    target: str
    task: Task
    positive_class: str | int | bool | None = None
    digest: str = ""


@dataclass(frozen=True, kw_only=True, order=True)
class SliceDemand:
    """A metric for each value of a column; ``values`` are listed even where no row has them."""

    column: str
    metric: str
    all_values: bool
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, order=True)
class FairnessDemand:
    """A gap between the groups of a column that have ``min_rows``."""

    column: str
    metric: str
    min_rows: int


@dataclass(frozen=True, kw_only=True, order=True)
class DisturbanceDemand:
    """A metric under noise or missing values."""

    kind: Literal["noise", "missing"]
    metric: str
    amount: float
    seed: int


@dataclass(frozen=True, kw_only=True)
class Demands:
    """What rubrics ask for beyond the metrics, each thing once and in one order."""

    slices: tuple[SliceDemand, ...] = ()
    fairness: tuple[FairnessDemand, ...] = ()
    disturbances: tuple[DisturbanceDemand, ...] = ()

    @classmethod
    def of(cls, rubrics: Iterable[Rubric]) -> Demands:
        """The union of what these rubrics ask for."""
        known = tuple(rubrics)
        return cls(
            slices=_slices(known),
            fairness=tuple(
                sorted(
                    {
                        FairnessDemand(column=rule.column, metric=rule.metric, min_rows=rule.min_rows)
                        for rubric in known
                        for rule in rubric.fairness
                    }
                )
            ),
            disturbances=tuple(
                sorted(
                    {
                        DisturbanceDemand(kind=rule.kind, metric=rule.metric, amount=rule.amount, seed=rubric.seed)
                        for rubric in known
                        for rule in rubric.disturbances
                    }
                )
            ),
        )


@dataclass(frozen=True, kw_only=True)
class MeasureRequest:
    """Measure one model, and profile what it learned from; with ``attribution`` also what its answers depend on."""

    model: ModelFile
    data: HeldOutData
    demands: Demands
    training: Path | None = None
    attribution: bool = False
    kind: Literal["measure"] = "measure"


@dataclass(frozen=True, kw_only=True)
class ProfileRequest:
    """Profile what a model learned from (the held-out rows where ``training`` is None), and its predictions."""

    model: ModelFile
    data: HeldOutData
    training: Path | None
    attribution: bool = False
    kind: Literal["profile"] = "profile"


@dataclass(frozen=True, kw_only=True)
class AttributionRequest:
    """Say how much each column matters to a model's answers to these rows, which are as they were logged."""

    model: ModelFile
    task: Task
    rows: tuple[Mapping[str, object], ...]
    kind: Literal["attribution"] = "attribution"


@dataclass(frozen=True, kw_only=True)
class CompareRequest:
    """Compare two models on the same rows."""

    challenger: ModelFile
    champion: ModelFile
    champion_version: str
    data: HeldOutData
    metric: str | None
    confidence: float
    resamples: int
    seed: int
    kind: Literal["compare"] = "compare"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What monitoring compares with later: the features a model learned from, its answers to held-out rows, and what
    was true of these."""

    rows: int
    features: tuple[FeatureProfile, ...]
    prediction: FeatureProfile
    outcomes: tuple[FeatureProfile, ...] = ()
    attribution: Attribution | None = None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What was measured of a model; ``notes`` says what was not, as ``metric: reason``."""

    rows: int
    metrics: dict[str, float]
    slices: tuple[SliceValue, ...] = ()
    fairness: tuple[FairnessValue, ...] = ()
    disturbances: tuple[DisturbanceValue, ...] = ()
    notes: tuple[str, ...] = ()
    profile: Profile | None = None


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A foreseen error, to be raised again in groundplan's own process; ``code`` names its class."""

    code: str
    message: str
    where: str = ""
    hint: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Exactly one of a measurement, a comparison, a profile, an attribution and a failure."""

    measurement: Measurement | None = None
    profile: Profile | None = None
    comparison: Comparison | None = None
    attribution: Attribution | None = None
    failure: Failure | None = None


def text_of(value: object) -> str:
    """A class or a group as text; 1.0 is ``1``, as a column of whole numbers with gaps turns into floats."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _slices(rubrics: tuple[Rubric, ...]) -> tuple[SliceDemand, ...]:
    rules = [rule for rubric in rubrics for rule in rubric.slices]
    return tuple(
        SliceDemand(
            column=column,
            metric=metric,
            all_values=any(rule.values is None for rule in rules if (rule.column, rule.metric) == (column, metric)),
            values=tuple(
                sorted(
                    {
                        text_of(value)
                        for rule in rules
                        if (rule.column, rule.metric) == (column, metric)
                        for value in rule.values or ()
                    }
                )
            ),
        )
        for column, metric in sorted({(rule.column, rule.metric) for rule in rules})
    )
