"""Monitoring: windows of what an endpoint was asked and answered, held against the data its model learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol

from .evidence import FairnessValue, SliceValue
from .pipeline import StepInput
from .rubric import FairnessRule, Task

if TYPE_CHECKING:
    from .model import ModelVersion
    from .retraining import LabelledRow

Kind = Literal["numeric", "categorical"]
Statistic = Literal["psi", "kolmogorov_smirnov", "jensen_shannon", "chi_squared", "wasserstein"]
Area = Literal["quality", "drift", "prediction", "concept", "performance", "fairness", "service", "volume", "cost",
               "attribution"]  # fmt: skip
LIKENESSES = frozenset({"ndcg", "NormalizedDiscountedCumulativeGain", "Accuracy", "Precision", "Recall"})
"""Statistics, ours and the clouds', that are at most 1 and worse the lower they are."""

CheckVerdict = Literal["ok", "alert", "not enough data", "not judged"]


@dataclass(frozen=True, kw_only=True)
class FeatureProfile:
    """A feature as the training data had it: enough to compare a window with, and nobody's row.

    ``edges`` and ``shares`` are a histogram (numeric): the first and last edge are the least and the largest value,
    the bins at both ends also take what lies beyond. ``categories`` is the share of each value that occurs often enough
    to be nobody's, ``other`` the share of all others. ``sample`` is a fixed sample of numbers for two-sample tests,
    drawn column by column. ``missing`` is the share of missing values; the other shares are of those that are there.
    """

    name: str
    kind: Kind
    missing: float
    rows: int = 0
    edges: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    categories: Mapping[str, float] = field(default_factory=dict[str, float])
    other: float = 0.0
    sample: tuple[float, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    deviation: float = 0.0
    integer: bool = False


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """How far a model's answers to ``rows`` rows change when the values of a column change places, by column.

    ``values`` are probability from 0 to 1, the share of rows where the model gives none, or what a regression says.
    ``covariance`` is that of the rows' parts in the values, column by column; a baseline keeps none.
    """

    rows: int
    values: Mapping[str, float] = field(default_factory=dict[str, float])
    covariance: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What a model version learned from, kept when it is registered.

    ``digest`` is of the training data, ``source`` the output it is from. ``metrics`` and ``slices`` are those of the
    version's evidence, ``prediction`` is of the model's answers to its held-out rows. ``outcomes`` are of what was true
    of these: by the class that the model said, under that class's name, or the residuals (truth less prediction).
    ``attribution`` is of the held-out rows too, where the config asked for it.
    """

    model: str
    version: int
    digest: str
    rows: int
    features: tuple[FeatureProfile, ...]
    prediction: FeatureProfile | None = None
    outcomes: tuple[FeatureProfile, ...] = ()
    attribution: Attribution | None = None
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    slices: tuple[SliceValue, ...] = ()
    source: str = ""
    made: str = ""

    def of_version(self, version: ModelVersion) -> Baseline:
        """This baseline as that of a registered version, with the metrics of its evidence."""
        evidence = version.evidence
        return replace(
            self,
            version=version.version,
            metrics={} if evidence is None else dict(evidence.metrics),
            slices=() if evidence is None else evidence.slices,
        )


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of time, from ``start`` (included) to ``end`` (excluded), RFC 3339 in UTC."""

    start: str
    end: str


@dataclass(frozen=True, kw_only=True)
class MonitorCheck:
    """One comparison. ``value`` is the statistic, ``p_value`` where it is a test, already corrected for many features.

    ``subject`` is the feature, the slice or the route; ``detail`` says in words what changed. ``before`` and ``after``
    are shares of the same bins or categories, ``labels`` their names. ``interval`` is the 95 % interval of ``value``.
    ``source`` is the platform whose own monitor says so; empty where groundplan measured it.
    """

    area: Area
    subject: str
    statistic: str
    value: float | None
    threshold: float | None
    verdict: CheckVerdict
    p_value: float | None = None
    rows: int = 0
    detail: str = ""
    labels: tuple[str, ...] = ()
    before: tuple[float, ...] = ()
    after: tuple[float, ...] = ()
    interval: tuple[float, float] | None = None
    source: str = ""

    @property
    def is_likeness(self) -> bool:
        """Whether ``threshold`` is the least that ``value`` may be."""
        return self.statistic in LIKENESSES

    @property
    def key(self) -> str:
        """By which it is told from every other check of a window."""
        name = f"{self.area}/{self.subject}/{self.statistic}"
        return f"{self.source}:{name}" if self.source else name


@dataclass(frozen=True, kw_only=True)
class MonitorReport:
    """What one look at one version's window found. ``version`` is 0 for a model that the config pins, which has none.

    ``alerts`` are the keys of the checks that say so after hysteresis; ``since`` is the start of the first window of
    the row in which each of them found something. ``rows`` were logged with their inputs, of ``requests`` predictions.
    ``labels_state`` is what its store called the labels by which it was judged. ``managed_notes`` say what the cloud's
    own monitors do not watch, and what of their findings could not be read.
    """

    endpoint: str
    environment: str
    model: str
    version: int
    window: Window
    rows: int
    labelled: int
    checks: tuple[MonitorCheck, ...]
    alerts: tuple[str, ...] = ()
    made: str = ""
    requests: int = 0
    since: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()
    labels_state: str = ""
    managed_notes: tuple[str, ...] = ()

    @property
    def found(self) -> frozenset[str]:
        """The keys of the checks that found something in this window, whatever windows before it say."""
        return frozenset(check.key for check in self.checks if check.verdict == "alert")

    @property
    def who(self) -> str:
        """The model with its version, for people."""
        return f"{self.model} v{self.version}" if self.version else self.model

    @property
    def own(self) -> tuple[MonitorCheck, ...]:
        """What groundplan itself measured: what is decided on it, and never on what a cloud's own monitor says."""
        return tuple(check for check in self.checks if not check.source)

    @property
    def theirs(self) -> tuple[MonitorCheck, ...]:
        """What the cloud's own monitor said."""
        return tuple(check for check in self.checks if check.source)

    def is_judged_by(self, source: str) -> bool:
        """Whether this source, "" for groundplan, had enough to say anything of the window."""
        return any(check.verdict in ("ok", "alert") for check in self.checks if check.source == source)

    @property
    def in_words(self) -> str:
        """What it found, in a few words; of a window with too little in it nothing is known to be well."""
        if self.alerts:
            return f"{len(self.alerts)} alerts: {', '.join(self.alerts[:3])}"
        areas = ("drift", "prediction", "concept", "performance")
        checks = self.own if self.version else self.checks
        well = any(check.verdict == "ok" and check.area in areas for check in checks)
        return "no alert" if well else "not enough data"


@dataclass(frozen=True, kw_only=True)
class MonitorPlan:
    """What the config says of monitoring. ``hysteresis`` (n, m): n of the last m windows and the latest one alert.

    ``metrics`` says by how much each may be worse than in the evidence; ``max_unseen`` bounds the share of values that
    the training data did not have, ``volume_change`` the factor by which requests may grow or shrink. ``managed``: the
    cloud's own monitors watch, too. ``learned_from`` is the output that the model learns from, ``target`` its column
    with what is true.
    ``attribution`` is the least NDCG of the columns' attributions; None: the model is not asked.
    """

    window_seconds: float
    min_rows: int
    statistic: Statistic
    threshold: float
    alpha: float
    hysteresis: tuple[int, int]
    max_missing_increase: float
    latency_p95_ms: float
    error_rate: float
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    slices: tuple[str, ...] = ()
    monthly_budget: float | None = None
    endpoint: str = ""
    environment: str = ""
    model: str = ""
    task: Task = "classification"
    positive_class: str | int | bool | None = None
    max_unseen: float = 0.01
    refused_rate: float = 0.05
    volume_change: float | None = 10.0
    fairness: tuple[FairnessRule, ...] = ()
    log_sample: float = 1.0
    managed: bool = False
    learned_from: StepInput | None = None
    target: str = ""
    attribution: float | None = None


@dataclass(frozen=True, kw_only=True)
class Label:
    """What turned out to be true of a request's row; ``row`` is None where the request had one."""

    request_id: str
    value: str | float | int | bool
    row: int | None = None
    when: str = ""


@dataclass(frozen=True, kw_only=True)
class FeedbackOutcome:
    """What became of labels. ``kept`` are new, ``changed`` replace one that was there, ``repeated`` are there already.

    ``late`` of those that were kept belong to a window that has ended. ``unknown`` names no request in the log,
    ``unsampled`` one whose inputs were not logged: its label is kept and says nothing of performance. ``refused`` says
    of labels what is wrong with them.
    """

    kept: int
    changed: int = 0
    repeated: int = 0
    late: int = 0
    unknown: tuple[str, ...] = ()
    unsampled: int = 0
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Performance:
    """What was measured on a window's labelled rows; ``errors`` are standard errors, ``notes`` what has no value.

    ``truths`` counts the true classes by the class that the model said; ``residuals`` are truth less prediction.
    """

    rows: int
    truths: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    residuals: tuple[float, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict[str, float])
    errors: Mapping[str, float] = field(default_factory=dict[str, float])
    slices: tuple[SliceValue, ...] = ()
    fairness: tuple[FairnessValue, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What the log and the labels say of a version since a moment; ``drifted`` are the predictions that drifted."""

    labelled: int
    metrics: Mapping[str, float]
    standard_errors: Mapping[str, float]
    drifted: tuple[str, ...] = ()


class Monitors(Protocol):
    """Keeps feedback and reports of endpoints."""

    def feedback(self, endpoint: str, environment: str, labels: Sequence[Label], *, window_seconds: float,
                 now: str) -> FeedbackOutcome:  # fmt: skip
        """Keep labels, joined to their requests."""
        ...

    def watched(self, plan: MonitorPlan, since: str, *, now: str, models: Mapping[int, ModelVersion]
                ) -> Mapping[int, Watched]:  # fmt: skip
        """What each version showed since a moment; ``models`` are those whose drift is asked for."""
        ...

    def labelled_rows(self, endpoint: str, environment: str, *, now: str) -> Sequence[LabelledRow]:
        """The logged rows whose labels came, oldest first."""
        ...

    def reports(self, endpoint: str, environment: str) -> Sequence[MonitorReport]:
        """The report of each window, oldest first; of one that was judged again the latest."""
        ...

    def keep(self, report: MonitorReport) -> None:
        """Keep a report."""
        ...
