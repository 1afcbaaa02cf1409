"""Features on the laptop as a user types it: what is listed, what an entity has, what observations get."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock, digests

from terminal import call

CONFIG = """project: churn
platform: local
data:
  sources:
    customers: {path: data/customers.csv}
    shops: {path: data/shops.csv}
    remote: {path: data/none.csv}
features:
  sets:
    customers: {source: customers, entity: customer, keys: [customer], timestamp: seen_at}
    shops: {source: shops, entity: shop, keys: [shop], features: [city, size]}
    visits: {source: customers, entity: visit, keys: [customer, plan], timestamp: seen_at, features: [balance]}
    nowhere: {source: remote, entity: shop, keys: [shop]}
environments:
  dev: {}
  staging: {features: {sets: {customers: {source: shops}}}}
"""
CUSTOMERS = """customer,seen_at,plan,balance
007,2026-01-01,basic,10
007,2026-02-01T12:00:00Z,pro,
7,2026-01-15,"basic, old",1.5
8,2026-03-01T00:00:00+02:00,pro,99
9,2999-01-01,pro,1
"""
OBSERVED = """when,customer,shop,target
2026-02-01T11:59:59Z,007,1,a
2026-02-01T12:00:00Z,007,2,b
2026-01-01T00:00:00Z,7,3,a
2026-02-28T22:00:00Z,8,1,b
2026-12-01,,1,b
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "groundplan.yaml").write_text(CONFIG)
    (tmp_path / "data" / "customers.csv").write_text(CUSTOMERS)
    (tmp_path / "data" / "shops.csv").write_text('shop,city,size\n1,Berlin,12\n2,"Paris, 10e",7\n')
    (tmp_path / "observed.csv").write_text(OBSERVED)
    return tmp_path


def features(project: Path, *words: str) -> tuple[int, dict[str, Any]]:
    result = call("features", *words, "--format", "json", cwd=project)
    return result.returncode, json.loads(result.stdout)


def rewrite(project: Path, before: str, after: str) -> None:
    config = (project / "groundplan.yaml").read_text()
    assert before in config
    (project / "groundplan.yaml").write_text(config.replace(before, after))


def problems(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["where"], one["message"], one["hint"]) for one in found["errors"]]


RETRIEVE = ("retrieve", "customers", "shops", "--rows", "observed.csv", "--time", "when", "--out", "out/train.csv")


def test_the_sets_are_listed_with_where_they_are_read(project: Path) -> None:
    result = call("features", "list", cwd=project)

    assert result.stdout.splitlines() == [
        "set        entity    keys            features           time     read from",
        "customers  customer  customer        all other columns  seen_at  data/customers.csv",
        "shops      shop      shop            city, size         -        data/shops.csv",
        "visits     visit     customer, plan  balance            seen_at  data/customers.csv",
        "nowhere    shop      shop            all other columns  -        data/none.csv",
    ]


def test_the_newest_values_of_entities_are_shown_and_who_is_nowhere(project: Path) -> None:
    result = call("features", "get", "customers", "--key", "007", "--key", "7", "--key", "nobody", cwd=project)

    assert (result.returncode, result.stdout.splitlines(), result.stderr.splitlines()) == (
        6,
        [
            "customer  plan        balance  since",
            f"007       pro         10       {clock.for_people('2026-02-01T12:00:00Z')}",
            f"7         basic, old  1.5      {clock.for_people('2026-01-15T00:00:00Z')}",
        ],
        [
            "warning: nothing is known of customer nobody in the set 'customers', read from data/customers.csv",
            "customers of dev, read from data/customers.csv",
        ],
    )


def test_what_is_true_only_later_is_not_known_now(project: Path) -> None:
    code, found = features(project, "get", "customers", "--key", "9")

    assert (code, problems(found)) == (
        6,
        [
            ("groundplan.yaml:10:25",
             "nothing is known of customer 9 in the set 'customers', read from data/customers.csv",
             "Keys are compared as text, letter by letter: '7' is neither '007' nor '7.0'.")
        ],
    )  # fmt: skip


def test_an_entity_of_several_keys_is_named_with_commas_between(project: Path) -> None:
    code, found = features(project, "get", "visits", "--key", '7,"basic, old"')
    short, refused = features(project, "get", "visits", "--key", "7")

    assert (code, found["data"]) == (
        0,
        {
            "environment": "dev", "set": "visits", "by": "source", "read_from": "data/customers.csv", "unknown": [],
            "entities": [
                {"key": {"customer": "7", "plan": "basic, old"}, "values": {"balance": "1.5"},
                 "since": "2026-01-15T00:00:00.000Z"}
            ],
        },
    )  # fmt: skip
    assert (short, problems(refused)) == (
        2,
        [("", "the set 'visits' has the keys customer, plan, and --key '7' gives no value of each",
          "--key CUSTOMER,PLAN")],
    )  # fmt: skip


def test_observations_get_what_was_known_then_in_their_order(project: Path) -> None:
    code, found = features(project, *RETRIEVE)

    out = project / "out" / "train.csv"
    assert out.read_text() == (
        "when,customer,shop,target,plan,balance,city,size\n"
        "2026-02-01T11:59:59Z,007,1,a,basic,10,Berlin,12\n"
        '2026-02-01T12:00:00Z,007,2,b,pro,10,"Paris, 10e",7\n'
        "2026-01-01T00:00:00Z,7,3,a,,,,\n"
        "2026-02-28T22:00:00Z,8,1,b,pro,99,Berlin,12\n"
        "2026-12-01,,1,b,,,Berlin,12\n"
    )
    counts = {one["name"]: one["unmatched"] for one in found["data"]["sets"]}
    assert (code, found["data"]["rows"], counts, found["data"]["digest"], found["next"]) == (
        0, 5, {"customers": 2, "shops": 1}, digests.of_file(out),
        ["groundplan data check --file out/train.csv --target target"],
    )  # fmt: skip


def test_what_was_written_is_a_data_source(project: Path) -> None:
    features(project, *RETRIEVE)
    rewrite(project, "data/none.csv", "out/train.csv")

    result = call("data", "check", "remote", "--format", "json", cwd=project)

    (card,) = json.loads(result.stdout)["data"]["scorecards"]
    assert (card["rows"], {"customer", "plan", "city"} <= {one["name"] for one in card["columns"]}) == (5, True)


def test_text_says_what_was_written_its_digest_and_what_had_no_match(project: Path) -> None:
    result = call("features", *RETRIEVE, cwd=project)

    assert result.stdout.splitlines() == [
        "5 rows are in out/train.csv",
        digests.of_file(project / "out" / "train.csv"),
        "set        columns  without a match  read from",
        "customers  2        2                data/customers.csv",
        "shops      2        1                data/shops.csv",
    ]


def test_a_set_that_nothing_matches_is_warned_of_without_a_key_of_anybody(project: Path) -> None:
    (project / "observed.csv").write_text("when,customer\n2025-01-01,007\n")

    code, found = features(
        project, "retrieve", "customers", "--rows", "observed.csv", "--time", "when", "--out", "t.csv"
    )

    assert (code, found["warnings"]) == (
        0,
        [
            (
                "no row of the set 'customers' matches: keys are compared as text, letter by letter, and a row counts "
                "only from its own time on"
            )
        ],
    )


def test_times_that_cannot_be_read_are_all_told_with_their_places(project: Path) -> None:
    (project / "observed.csv").write_text("customer,when\n007,2026-01-01\n007,soon\n7,\n8,1764201600\n")

    code, found = features(
        project, "retrieve", "customers", "--rows", "observed.csv", "--time", "when", "--out", "t.csv"
    )

    hint = "Write a time such as 2026-11-28T07:30:00Z, or a day such as 2026-11-28."
    assert (code, problems(found), (project / "t.csv").exists()) == (
        2,
        [
            ("observed.csv:3:5", "an observation has no time: when is 'soon'", hint),
            ("observed.csv:4:3", "an observation has no time: when is ''", hint),
            ("observed.csv:5:3", "an observation has no time: when is '1764201600'", hint),
        ],
        False,
    )


def test_rows_of_a_set_without_a_time_are_told_where_their_entities_were_asked_for(project: Path) -> None:
    more = '7,,"a ""b"", c",1\n8,soon,x,1\nunasked,never,x,1\n'
    (project / "data" / "customers.csv").write_text(CUSTOMERS + more)

    code, found = features(project, "get", "customers", "--key", "7", "--key", "8")

    said = "the set 'customers' has a row that says not when it was true: seen_at is"
    assert (code, [(where, message) for where, message, _ in problems(found)]) == (
        2, [("data/customers.csv:7:3", f"{said} ''"), ("data/customers.csv:8:3", f"{said} 'soon'")],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (("get", "custmers", "--key", "1"), 6,
         [("", "there is no feature set 'custmers'", "Did you mean 'customers'?")]),
        (("retrieve", "shop", "visit", "--rows", "observed.csv", "--out", "t.csv"), 6,
         [("", "there is no feature set 'shop'", "Did you mean 'shops'?"),
          ("", "there is no feature set 'visit'", "Did you mean 'visits'?")]),
        (("retrieve", "customers", "--rows", "observed.csv", "--out", "t.csv"), 2,
         [("", "it is not said when the observations were made",
           "Add --time COLUMN, one of when, customer, shop, target.")]),
        (("retrieve", "shops", "--rows", "observed.csv", "--time", "when", "--out", "t.csv"), 2,
         [("", "--time says nothing: none of these sets has a timestamp", "Leave it out.")]),
        (("retrieve", "shops", "--rows", "observed.csv", "--out", "./observed.csv"), 2,
         [("", "--out would take the place of --rows", "Write to another file.")]),
        (("retrieve", "shops", "--rows", "none.csv", "--out", "t.csv"), 2,
         [("none.csv", "there are no observations: none.csv is not there",
           "Name a CSV file that has a row for each: --rows FILE.")]),
        (("get", "nowhere", "--key", "1"), 2,
         [("data/none.csv", "there is no data file data/none.csv", "Check the path of the data source.")]),
        (("get", "customers", "--key", "1", "-e", "staging"), 2,
         [("groundplan.yaml:16:51",
           "the set 'customers' names the key 'customer', and data/shops.csv has no such column",
           "Known: city, shop, size."),
          ("groundplan.yaml:16:51",
           "the set 'customers' names the timestamp 'seen_at', and data/shops.csv has no such column",
           "Known: city, shop, size.")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_the_way_out(
    project: Path, words: tuple[str, ...], code: int, expected: list[tuple[str, str, str]]
) -> None:
    found = features(project, *words)

    told = [(where.replace(f"{project}/", ""), said.replace(f"{project}/", ""), hint)
            for where, said, hint in problems(found[1])]  # fmt: skip
    assert (found[0], told) == (code, expected)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("shop,city,size\n", "data/shops.csv has a header and no rows"),
        ("shop,city,size\n1,Berlin\n", "has a row of 2 fields below a header of 3"),
        ("PAR1", "features are read from CSV files, and data/shops.csv is a Parquet file"),
        ("shop,city,city\n1,a,b\n", "names a column more than once: 'city'"),
    ],
    ids=["empty", "ragged", "parquet", "repeated"],
)
def test_a_set_whose_file_cannot_be_read_is_refused(project: Path, content: str, message: str) -> None:
    (project / "data" / "shops.csv").write_text(content)

    code, found = features(project, "get", "shops", "--key", "1")

    assert (code, message in problems(found)[0][1]) == (2, True)


def test_a_source_that_is_none_is_told_where_the_config_names_it(project: Path) -> None:
    config = (project / "groundplan.yaml").read_text()
    (project / "groundplan.yaml").write_text(
        config.replace("{source: customers, entity: visit", "{source: cutomers, entity: visit")
    )

    code, found = features(project, "list")

    assert (code, problems(found)) == (
        6,
        [("groundplan.yaml:12:22", "the feature set 'visits' reads 'cutomers', and there is no such data source",
          "Did you mean 'customers'?")],
    )  # fmt: skip


def test_a_table_of_a_cloud_is_no_source_on_the_laptop(project: Path) -> None:
    config = (project / "groundplan.yaml").read_text()
    (project / "groundplan.yaml").write_text(
        config.replace("{source: customers, entity: visit", "{source: a.b, entity: visit")
    )

    code, found = features(project, "list")

    assert (code, problems(found)[0][1]) == (
        2, "the feature set 'visits' reads 'a.b', and on local a set reads a data source",
    )  # fmt: skip
