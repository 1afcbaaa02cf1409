"""What was known when: the point-in-time join against its plainest definition, and against pandas' own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from groundplan.core.errors import DataError, GroundplanError
from groundplan.core.extras import load
from groundplan.lifecycle.features import moments, texts
from groundplan.lifecycle.features.newest import newest
from groundplan.lifecycle.features.retrieving import retrieve
from hypothesis import given, settings
from hypothesis import strategies as st

from features_kit import MemoryFeatures, Seen, Table, feature_set, naive

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = ("7", "007", "7.0", "b")


def at(minutes: int) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Rows of a few entities at few moments, so that much falls together; no two at once of one entity."""
    moments_of = draw(st.sets(st.tuples(st.sampled_from(KEYS), st.integers(0, 6)), max_size=14))
    values = st.sampled_from(["", "a", "1", "1.0"])
    rows = [((key,), at(minute), (draw(values), draw(values))) for key, minute in sorted(moments_of)]
    return draw(st.permutations(rows))


SEEN = st.lists(st.tuples(st.sampled_from([*KEYS, "nobody", ""]), st.integers(-1, 7)), min_size=1, max_size=12)


def seen_with_time(seen: list[tuple[str, int]]) -> Seen:
    return Seen(
        ("customer", "seen_at"), tuple((key, at(minute).isoformat()) for key, minute in seen),
        tuple(at(minute) for _, minute in seen),
    )  # fmt: skip


@given(tables(), SEEN)
def test_the_join_equals_its_plainest_definition(table: Table, seen: list[tuple[str, int]]) -> None:
    features = MemoryFeatures(header={"customers": ("plan", "balance")}, tables={"customers": table})

    found = retrieve(features, [feature_set()], seen_with_time(seen), time="seen_at")

    expected = [(key, at(minute).isoformat(), *naive(table, (key,), at(minute), 2)) for key, minute in seen]
    assert [tuple(row) for row in found.rows] == expected
    known = {key for (key,), _, _ in table}
    first = {key: min(time for (one,), time, _ in table if one == key and time) for key in known}
    assert found.joined[0].unmatched == sum(key not in known or at(minute) < first[key] for key, minute in seen)


@given(tables(), SEEN)
def test_nothing_that_is_true_only_later_has_a_say(table: Table, seen: list[tuple[str, int]]) -> None:
    """Whatever is said of the time after an observation, the observation's row stays as it is."""
    for key, minute in seen:
        before = [row for row in table if row[1] is not None and row[1] <= at(minute)]
        alone = [(key, minute)]
        features = [
            MemoryFeatures(header={"customers": ("plan", "balance")}, tables={"customers": rows})
            for rows in (table, before)
        ]
        found = [
            [*map(tuple, retrieve(one, [feature_set()], seen_with_time(alone), time="seen_at").rows)]
            for one in features
        ]
        assert found[0] == found[1]


@settings(max_examples=40)
@given(tables(), SEEN)
def test_the_join_equals_that_of_pandas(table: Table, seen: list[tuple[str, int]]) -> None:
    features = MemoryFeatures(header={"customers": ("plan", "balance")}, tables={"customers": table})
    found = retrieve(features, [feature_set()], seen_with_time(seen), time="seen_at")
    pd: Any = load("pandas")
    frame = pd.DataFrame(
        [[key[0], time, *(value or None for value in values)] for key, time, values in table],
        columns=["customer", "known", "plan", "balance"],
    ).sort_values("known")
    frame["known"] = pd.to_datetime(frame["known"], utc=True).astype("datetime64[us, UTC]")
    frame = frame.astype({"customer": "object"})
    frame[["plan", "balance"]] = frame.groupby("customer")[["plan", "balance"]].ffill()
    left = pd.DataFrame(
        [[number, key, at(minute)] for number, (key, minute) in enumerate(seen)], columns=["row", "customer", "time"]
    ).astype({"customer": "object", "time": "datetime64[us, UTC]"})
    merged = pd.merge_asof(
        left.sort_values("time", kind="stable"), frame, left_on="time", right_on="known", by="customer"
    ).sort_values("row")

    expected = [tuple("" if pd.isna(one) else one for one in row) for row in merged[["plan", "balance"]].to_numpy()]
    assert [tuple(row[2:]) for row in found.rows] == expected


@given(tables())
def test_what_is_served_now_is_what_is_learned_from_now(table: Table) -> None:
    features = MemoryFeatures(header={"customers": ("plan", "balance")}, tables={"customers": table})
    keys = [(key,) for key in KEYS]

    served = newest(features, feature_set(), keys, now=at(3), offline=False)
    learned = retrieve(features, [feature_set()], seen_with_time([(key, 3) for key in KEYS]), time="seen_at")

    values = {entity.key: tuple(entity.values.values()) for entity in served.found}
    assert [values.get(key, ("", "")) for key in keys] == [tuple(row[2:]) for row in learned.rows]


def test_only_the_entities_that_were_observed_are_asked_for_and_nothing_later() -> None:
    features = MemoryFeatures(header={"customers": ("plan",)}, tables={"customers": []})

    retrieve(features, [feature_set()], seen_with_time([("7", 1), ("7", 5), ("", 2)]), time="seen_at")

    assert features.asked == [("customers", {("7",)}, at(5))]


def test_nothing_is_asked_where_no_observation_has_a_key() -> None:
    features = MemoryFeatures(header={"customers": ("plan",)}, tables={"customers": []})

    found = retrieve(features, [feature_set()], seen_with_time([("", 1)]), time="seen_at")

    assert ([tuple(row[2:]) for row in found.rows], found.joined[0].unmatched, features.asked) == ([("",)], 1, [])


def test_sets_of_several_keys_and_of_none_in_time_stand_side_by_side() -> None:
    visits = feature_set("visits", keys=("customer", "shop"))
    shops = feature_set("shops", keys=("shop",), timestamp=None, features=("city",))
    features = MemoryFeatures(
        header={"visits": ("visits",), "shops": ("size", "city")},
        tables={
            "visits": [(("7", "1"), at(0), ("3",)), (("7", "2"), at(0), ("4",)), (("7", "1"), at(5), ("9",))],
            "shops": [(("1",), None, ("12", "Berlin"))],
        },
    )
    seen = Seen(("shop", "customer", "when"), (("1", "7", "x"), ("2", "7", "y")), (at(4), at(9)))

    found = retrieve(features, [visits, shops], seen, time="when")

    assert (found.header, [tuple(row) for row in found.rows], [one.unmatched for one in found.joined]) == (
        ("shop", "customer", "when", "visits", "city"), [("1", "7", "x", "3", "Berlin"), ("2", "7", "y", "4", "")],
        [0, 1],
    )  # fmt: skip


def told(error: pytest.ExceptionInfo[GroundplanError]) -> list[tuple[str, str]]:
    return [(problem.where, problem.message) for problem in error.value.problems]


def test_rows_that_contradict_each_other_are_all_named() -> None:
    shops = feature_set("shops", keys=("shop",), timestamp=None)
    features = MemoryFeatures(
        header={"shops": ("city",)},
        tables={
            "shops": [(("1",), None, ("a",)), (("2",), None, ("b",)), (("1",), None, ("a",)), (("2",), None, ("",))]
        },
    )
    seen = Seen(("shop",), (("1",), ("2",)))

    with pytest.raises(DataError) as refused:
        retrieve(features, [shops], seen, time=None)

    message = "the set 'shops' has no timestamp, and two rows have the same shop, as at data/shops.csv:"
    assert told(refused) == [("data/shops.csv:4:1", f"{message}2:1"), ("data/shops.csv:5:1", f"{message}3:1")]


def test_two_rows_at_one_moment_must_say_the_same() -> None:
    rows: Table = [(("7",), at(0), ("a",)), (("7",), at(0), ("a",)), (("8",), at(0), ("a",)), (("8",), at(0), ("b",))]
    features = MemoryFeatures(header={"customers": ("plan",)}, tables={"customers": rows})

    found = retrieve(features, [feature_set()], seen_with_time([("7", 1)]), time="seen_at")
    with pytest.raises(DataError) as refused:
        retrieve(features, [feature_set()], seen_with_time([("7", 1), ("8", 1)]), time="seen_at")

    assert [row[2] for row in found.rows] == ["a"]
    assert told(refused) == [
        ("data/customers.csv:5:1",
         "the set 'customers' says two things of one entity at the same seen_at, as at data/customers.csv:4:1")
    ]  # fmt: skip


def test_columns_that_are_not_there_are_all_named_with_what_was_meant() -> None:
    one = feature_set(features=("plann", "balance"))
    other = feature_set("visits", keys=("customer",), features=("vists",))
    features = MemoryFeatures(
        header={"customers": ("plan", "balance"), "visits": ("visits",)}, tables={"customers": [], "visits": []}
    )

    with pytest.raises(DataError) as refused:
        retrieve(features, [one, other], seen_with_time([("7", 1)]), time="seen_at")

    assert [(problem.message, problem.hint) for problem in refused.value.problems] == [
        ("the set 'customers' names the feature 'plann', and data/customers.csv has no such column",
         "Did you mean 'plan'?"),
        ("the set 'visits' names the feature 'vists', and data/visits.csv has no such column",
         "Did you mean 'visits'?"),
    ]  # fmt: skip


def test_one_name_for_two_columns_is_refused_with_both_owners() -> None:
    features = MemoryFeatures(
        header={"customers": ("plan", "size"), "visits": ("plan",)}, tables={"customers": [], "visits": []}
    )
    seen = Seen(("customer", "when", "size"), (("7", "x", "1"),), (at(1),))

    with pytest.raises(DataError) as refused:
        retrieve(features, [feature_set(), feature_set("visits")], seen, time="when")

    assert [problem.message for problem in refused.value.problems] == [
        "the column 'size' is in the observations and in the set 'customers'",
        "the column 'plan' is in the set 'customers' and in the set 'visits'",
    ]


def test_what_observations_lack_is_told_before_anything_is_asked() -> None:
    features = MemoryFeatures(header={}, tables={})
    sets = [feature_set(), feature_set("visits", keys=("customer", "shop"))]

    with pytest.raises(DataError) as refused:
        retrieve(features, sets, Seen(("custmer", "wen"), (("7", "x"),)), time="when")

    assert [(problem.where, problem.message, problem.hint) for problem in refused.value.problems] == [
        ("observations.csv:1:1", "the observations have no column 'customer', a key of the set 'customers'",
         "Did you mean 'custmer'?"),
        ("observations.csv:1:1", "the observations have no column 'shop', a key of the set 'visits'",
         "Known: custmer, wen."),
        ("observations.csv:1:1", "the observations have no column 'when', which says when each was made",
         "Did you mean 'wen'?"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-28", "2026-11-28T00:00:00+00:00"), (" 2026-11-28T07:30:00Z ", "2026-11-28T07:30:00+00:00"),
        ("2026-11-28 07:30", "2026-11-28T07:30:00+00:00"), ("2026-11-28T07:30:00+05:30", "2026-11-28T02:00:00+00:00"),
        ("2026-11-28T07:30:00.123456789Z", "2026-11-28T07:30:00.123456+00:00"), ("1764201600", None),
        ("17110101120000", None), ("28.11.2026", None), ("11/28/2026", None), ("2026-02-30", None), ("", None),
        ("now", None), ("2026-11-28T25:00", None), ("0001-01-01T00:00:00+14:00", None), ("NaT", None),
        ("2026-W48-6", None),
    ],
)  # fmt: skip
def test_a_time_is_read_as_people_write_it_and_nothing_is_guessed(text: str, expected: str | None) -> None:
    found = moments.moment(text)

    assert (None if found is None else found.isoformat()) == expected


def test_values_of_tables_become_the_text_that_files_have() -> None:
    values = [
        None,
        float("nan"),
        True,
        7,
        0.1,
        "007",
        at(0).replace(tzinfo=None),
        at(1),
        BEGIN.date(),
        b"a",
        [1, "b", None],
    ]

    assert [texts.text(one) for one in values] == [
        "", "", "true", "7", "0.1", "007", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z", "2026-01-01", "YQ==",
        '[1, "b", null]',
    ]  # fmt: skip
