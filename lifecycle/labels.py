"""Labels as they arrive: joined to the requests that they are of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..core import clock
from .contract.monitor_store import Key
from .contract.monitoring import FeedbackOutcome, Label


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the log has of a request: when it was asked, its rows, whether they were logged."""

    when: str
    rows: int
    sampled: bool


def join(
    labels: Iterable[Label], asked: Mapping[str, Asked], known: Mapping[Key, Label], *, window_seconds: float, now: str
) -> tuple[list[Label], FeedbackOutcome]:
    """The labels to keep, each with its row and the time it came, and what became of all of them."""
    kept: dict[Key, Label] = {}
    unknown: list[str] = []
    refused: list[str] = []
    repeated = changed = late = unsampled = 0
    for label in labels:
        request = asked.get(label.request_id)
        if request is None:
            unknown.append(label.request_id)
            continue
        problem = _problem(label, request)
        if problem:
            refused.append(problem)
            continue
        key = label.request_id, label.row or 0
        before = kept.get(key) or known.get(key)
        if before is not None and before.value == label.value:
            repeated += 1
            continue
        changed += before is not None
        late += _window(request.when, window_seconds) < _window(label.when or now, window_seconds)
        unsampled += not request.sampled
        kept[key] = Label(request_id=label.request_id, value=label.value, row=key[1], when=label.when or now)
    outcome = FeedbackOutcome(kept=len(kept), changed=changed, repeated=repeated, late=late, unknown=tuple(unknown),
                              unsampled=unsampled, refused=tuple(refused))  # fmt: skip
    return list(kept.values()), outcome


def _problem(label: Label, request: Asked) -> str:
    if label.row is None and request.rows > 1:
        return f"{label.request_id}: the request has {request.rows} rows; say which with 'row', from 0"
    if label.row is not None and not 0 <= label.row < request.rows:
        return f"{label.request_id}: there is no row {label.row}; the request has {request.rows}"
    return ""


def _window(when: str, seconds: float) -> int:
    return int(clock.from_text(when).timestamp() // seconds)
