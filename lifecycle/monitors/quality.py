"""Data quality: a schema that changed, values that are missing, of another type, or none the training data had."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..contract.monitoring import Baseline, CheckVerdict, FeatureProfile, MonitorCheck, MonitorPlan
from ..drift import more_than_before
from .window import Array, Column, WindowData


def quality(plan: MonitorPlan, baseline: Baseline | None, data: WindowData) -> list[MonitorCheck]:
    """The checks of every column; p-values are not corrected yet."""
    checks = [_refused(plan, data)]
    if baseline is None:
        return checks
    checks.append(_schema(plan, baseline, data))
    for profile in baseline.features:
        column = data.columns.get(profile.name)
        if column is None or column.redacted:
            why = "its values are left out of the log (endpoints.NAME.redact)" if column else "it is not in the window"
            checks.append(_check(profile.name, "missing", "not judged", detail=why))
        elif data.rows < plan.min_rows:
            checks.append(_too_few(profile.name, "missing", plan, data))
        else:
            checks.extend(_of_column(plan, profile, column))
    return checks


def _of_column(plan: MonitorPlan, profile: FeatureProfile, column: Column) -> Iterator[MonitorCheck]:
    yield _missing(plan, profile, column)
    present = column.rows - column.missing
    if column.wrong or present:
        yield _types(plan, profile, column, present)
    if present - column.wrong:
        yield _range(plan, profile, column) if profile.kind == "numeric" else _unseen(plan, profile, column)


def _refused(plan: MonitorPlan, data: WindowData) -> MonitorCheck:
    if data.refused is None:
        detail = "the log has answers only: what the endpoint refused for what it holds is not known"
        return _check("requests", "refused", "not judged", rows=data.requests, detail=detail)
    if data.requests < plan.min_rows:
        return _too_few("requests", "refused", plan, data, rows=data.requests)
    share = data.refused / data.requests
    return _check(
        "requests", "refused", _verdict(share > plan.refused_rate), value=share, threshold=plan.refused_rate,
        rows=data.requests, detail=f"{share:.1%} of the requests held something that the endpoint does not take",
    )  # fmt: skip


def _schema(plan: MonitorPlan, baseline: Baseline, data: WindowData) -> MonitorCheck:
    if not data.rows:
        return _too_few("columns", "schema", plan, data)
    gone = sorted(
        one.name for one in baseline.features
        if (column := data.columns.get(one.name)) is None or (not column.redacted and column.absent == column.rows)
    )  # fmt: skip
    said = [f"vanished: {', '.join(gone)}"] if gone else []
    if data.unknown:
        said.append(f"not in the baseline, so nothing watches them: {', '.join(data.unknown)}")
    return _check(
        "columns", "schema", _verdict(bool(said)), value=float(len(gone) + len(data.unknown)), threshold=0.0,
        rows=data.rows, detail="; ".join(said) or "the columns are those of the training data",
    )  # fmt: skip


def _missing(plan: MonitorPlan, profile: FeatureProfile, column: Column) -> MonitorCheck:
    share = column.missing / column.rows
    grown = share - profile.missing
    detail = f"{share:.1%} are missing, {profile.missing:.1%} in the training data"
    return _check(
        profile.name, "missing", _verdict(grown > plan.max_missing_increase), value=grown,
        threshold=plan.max_missing_increase, rows=column.rows, detail=detail,
    )  # fmt: skip


def _types(plan: MonitorPlan, profile: FeatureProfile, column: Column, present: int) -> MonitorCheck:
    if column.wrong:
        share, what = column.wrong / present, f"are no {'numbers' if profile.kind == 'numeric' else 'single values'}"
        return _check(profile.name, "type", "alert", value=share, threshold=0.0, rows=present,
                      detail=f"{column.wrong} values {what}, as all were in the training data")  # fmt: skip
    numbers: Array = column.numbers if profile.integer else None
    broken = 0 if numbers is None else int((numbers != numbers.round()).sum())
    share = broken / present
    detail = f"{share:.1%} are no whole numbers, as all were in the training data" if broken else "as before"
    return _check(profile.name, "type", _verdict(share > plan.max_unseen), value=share, threshold=plan.max_unseen,
                  rows=present, detail=detail)  # fmt: skip


def _range(plan: MonitorPlan, profile: FeatureProfile, column: Column) -> MonitorCheck:
    if profile.minimum is None or profile.maximum is None or column.numbers is None:
        return _check(profile.name, "range", "not judged", detail="the training data has no number there")
    below = int((column.numbers < profile.minimum).sum())
    above = int((column.numbers > profile.maximum).sum())
    rows = len(column.numbers)
    detail = f"{below} below {profile.minimum:.6g}, {above} above {profile.maximum:.6g}, the training data's range"
    p_value = more_than_before(below + above, rows, seen=1, rows_before=profile.rows)
    return _unlikely(plan, profile.name, "range", (below + above) / rows, 0.0, p_value, rows, detail)


def _unseen(plan: MonitorPlan, profile: FeatureProfile, column: Column) -> MonitorCheck:
    rows = sum(column.categories.values())
    if not profile.categories:
        return _check(profile.name, "unseen", "not judged", rows=rows,
                      detail="hardly a value occurs twice in the training data: none can be known again")  # fmt: skip
    unseen = {value: count for value, count in column.categories.items() if value not in profile.categories}
    count = sum(unseen.values())
    detail = f"{count} of {rows} rows hold a category that the training data has rarely or never: {_most(unseen)}"
    p_value = more_than_before(count, rows, seen=round(profile.other * profile.rows), rows_before=profile.rows)
    return _unlikely(plan, profile.name, "unseen", count / rows, profile.other, p_value, rows,
                     detail if count else "every category is known")  # fmt: skip


def _unlikely(plan: MonitorPlan, subject: str, statistic: str, share: float, before: float, p_value: float, rows: int,
              detail: str) -> MonitorCheck:  # fmt: skip
    """More than allowed; whether chance alone may do that is judged once all p-values are corrected."""
    return _check(subject, statistic, _verdict(share - before > plan.max_unseen), value=share - before,
                  threshold=plan.max_unseen, p_value=p_value, rows=rows, detail=detail)  # fmt: skip


def _most(counts: dict[str, int]) -> str:
    most: Sequence[tuple[str, int]] = sorted(counts.items(), key=lambda one: -one[1])[:3]
    return ", ".join(f"{value[:40]!r} ({count})" for value, count in most)


def _too_few(
    subject: str, statistic: str, plan: MonitorPlan, data: WindowData, rows: int | None = None
) -> MonitorCheck:
    found = data.rows if rows is None else rows
    return _check(subject, statistic, "not enough data", rows=found, detail=f"{found} rows; {plan.min_rows} are needed")


def _verdict(alert: bool) -> CheckVerdict:
    return "alert" if alert else "ok"


def _check(subject: str, statistic: str, verdict: CheckVerdict, *, value: float | None = None,
           threshold: float | None = None, p_value: float | None = None, rows: int = 0, detail: str = "") -> MonitorCheck:  # fmt: skip  # noqa: E501
    return MonitorCheck(area="quality", subject=subject, statistic=statistic, value=value, threshold=threshold,
                        verdict=verdict, p_value=p_value, rows=rows, detail=detail)  # fmt: skip
