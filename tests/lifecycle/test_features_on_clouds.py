"""The same features everywhere: what an entity has now, and what was known of it then, on the laptop and each cloud.

The clouds are stand-ins behind real HTTP, the clients those of the SDKs. Not proved: what a real service charges, how
soon a row is seen after it was written, in which words it refuses.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime

import pytest
from groundplan.core.errors import DataError, GroundplanError, NotFoundError, UsageError
from groundplan.lifecycle.contract.features import FeatureSet
from groundplan.lifecycle.features.newest import newest
from groundplan.lifecycle.features.retrieving import Retrieved, retrieve
from groundplan.lifecycle.vertex import feature_tables

import features_on_clouds
from features_on_clouds import CLOUDS, DATASET, STORE, FeaturesRig, Observed, Row, observed
from serving_kit import WORKSPACE

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


ROWS: list[Row] = [
    {"customer": "007", "seen_at": moment("2026-01-01T00:00:00"), "plan": "basic", "balance": 10.5, "visits": 3,
     "active": True},
    {"customer": "007", "seen_at": moment("2026-02-01T12:00:00"), "plan": "pro", "balance": None, "visits": 0,
     "active": False},
    {"customer": "7", "seen_at": moment("2026-01-15T00:00:00.000001"), "plan": "Ü, \"quoted\"", "balance": 0.1,
     "visits": 2**53 + 1, "active": None},
    {"customer": "9", "seen_at": moment("2999-01-01T00:00:00"), "plan": "late", "balance": 1.5, "visits": 1,
     "active": True},
]  # fmt: skip
COLUMNS = ("plan", "balance", "visits", "active")
SEEN = observed(
    ("007", "2026-02-01T11:59:59+00:00"), ("007", "2026-02-01T12:00:00+00:00"), ("7", "2026-01-15T00:00:00+00:00"),
    ("7", "2026-03-01T00:00:00+05:30"), ("9", "2026-11-28T00:00:00+00:00"), ("", "2026-11-28T00:00:00+00:00"),
)  # fmt: skip
JOINED = [
    ("basic", "10.5", "3", "true"), ("pro", "10.5", "0", "false"), ("", "", "", ""),
    ('Ü, "quoted"', "0.1", "9007199254740993", ""), ("", "", "", ""), ("", "", "", ""),
]  # fmt: skip


@pytest.fixture(scope="module", params=features_on_clouds.PLATFORMS)
def started(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[FeaturesRig]:
    with features_on_clouds.rig(request.param, tmp_path_factory.mktemp(request.param)) as made:
        yield made


@pytest.fixture
def rig(started: FeaturesRig) -> FeaturesRig:
    started.reset()
    return started


ON_CLOUDS = pytest.mark.parametrize("started", CLOUDS, indirect=True)
ON_AZURE = pytest.mark.parametrize("started", ["azureml"], indirect=True)
ON_VERTEX = pytest.mark.parametrize("started", ["vertex"], indirect=True)


def joined(rig: FeaturesRig, *sets: FeatureSet, seen: Observed = SEEN) -> Retrieved:
    return retrieve(rig.features(), sets, seen, time="when")


def values(found: Retrieved) -> list[tuple[str, ...]]:
    return [tuple(row[2:]) for row in found.rows]


def test_observations_get_the_same_everywhere(rig: FeaturesRig) -> None:
    found = joined(rig, rig.put("customers", ROWS))

    assert (found.header[2:], values(found), found.joined[0].unmatched) == (COLUMNS, JOINED, 3)


def test_only_the_named_columns_are_read_in_the_order_of_the_config(rig: FeaturesRig) -> None:
    found = joined(rig, rig.put("customers", ROWS, features=("visits", "plan")))

    assert (found.header[2:], values(found)[:2]) == (("visits", "plan"), [("3", "basic"), ("0", "pro")])


def test_sets_without_a_time_and_with_several_keys_are_joined_everywhere(rig: FeaturesRig) -> None:
    visits = [{"customer": "007", "shop": shop, "seen_at": moment("2026-01-01T00:00:00"), "visits": 10 * shop}
              for shop in (1, 2)]  # fmt: skip
    shops = [{"shop": 1, "city": "Berlin"}, {"shop": 3, "city": None}]
    sets = [rig.put("visits", visits, keys=("customer", "shop")), rig.put("shops", shops, keys=("shop",), timed=False)]
    rows = (("007", "2026-06-01T00:00:00+00:00", "1"), ("007", "2026-06-01T00:00:00+00:00", "3"))
    seen = Observed(rows, tuple(datetime.fromisoformat(row[1]) for row in rows), header=("customer", "when", "shop"))

    found = joined(rig, *sets, seen=seen)

    assert ([tuple(row[3:]) for row in found.rows], [one.unmatched for one in found.joined]) == (
        [("10", "Berlin"), ("", "")], [1, 0],
    )  # fmt: skip


def test_what_is_served_now_is_what_is_learned_from_now(rig: FeaturesRig) -> None:
    """Serving and training must not differ: a view's values, the rows' own, and those of an observation made now."""
    one = rig.put("customers", ROWS[:3], features=COLUMNS, online=True)
    keys = [("007",), ("7",), ("nobody",)]

    served = newest(rig.features(), one, keys, now=NOW, offline=False)
    read = newest(rig.features(), one, keys, now=NOW, offline=True)
    learned = joined(rig, one, seen=observed(*((key, NOW.isoformat()) for (key,) in keys)))

    expected = [("pro", "10.5", "0", "false"), JOINED[3]]
    assert [tuple(entity.values.values()) for entity in served.found] == expected
    assert [tuple(entity.values.values()) for entity in read.found] == expected
    assert values(learned) == [*expected, ("", "", "", "")]
    assert (served.unknown, read.unknown) == ((("nobody",),), (("nobody",),))
    assert served.by == ("view" if rig.platform == "vertex" else "source")


@ON_CLOUDS
def test_columns_that_are_not_there_are_all_told(rig: FeaturesRig) -> None:
    one = rig.put("customers", ROWS, features=("plann", "visits", "belance"))

    with pytest.raises(DataError) as refused:
        joined(rig, one)

    assert [(problem.message, problem.where, problem.hint) for problem in refused.value.problems] == [
        (f"the set 'customers' names the feature 'plann', and {one.place} has no such column", one.where,
         "Did you mean 'plan'?"),
        (f"the set 'customers' names the feature 'belance', and {one.place} has no such column", one.where,
         "Did you mean 'balance'?"),
    ]  # fmt: skip


def test_rows_without_a_time_are_refused_where_their_entity_was_asked_for(rig: FeaturesRig) -> None:
    one = rig.put("customers", [*ROWS, {**ROWS[0], "seen_at": None}, {**ROWS[2], "customer": "x", "seen_at": None}])

    with pytest.raises(DataError, match=r"says? not when") as refused:
        joined(rig, one)

    where = {"vertex": f"bq://{DATASET}.customers"}.get(rig.platform, f"{one.place}:6:5")
    assert [problem.where for problem in refused.value.problems] == [where]


def told(rig: FeaturesRig, *sets: FeatureSet) -> tuple[type[GroundplanError], str, str]:
    with pytest.raises(GroundplanError) as refused:
        joined(rig, *sets)
    return type(refused.value), refused.value.message, refused.value.hint


def test_a_set_without_rows_is_told(rig: FeaturesRig) -> None:
    one = rig.put("customers", ROWS)
    if rig.platform == "vertex":
        rig.vertex.bigquery.tables.make(
            f"{DATASET}.customers", {"customer": "STRING", "feature_timestamp": "TIMESTAMP"}
        )
        assert told(rig, one)[:2] == (DataError, "the table of the feature set 'customers' is empty")
        return
    header = "customer,seen_at,plan,balance,visits,active\n"
    if rig.platform == "azureml":
        rig.blob("stchurndev", "data", "features/customers.csv", header)
    else:
        (rig.folder / "customers.csv").write_text(header)
    assert told(rig, one)[:2] == (DataError, f"{one.place} has a header and no rows")


@ON_CLOUDS
def test_a_set_that_is_not_provisioned_is_told(rig: FeaturesRig) -> None:
    one = rig.put("customers", ROWS)
    if rig.platform == "vertex":
        rig.vertex.bigquery.clear()
        expected = "the table of the feature set 'customers' is not there"
    else:
        rig.azure.blobs.content.clear()
        expected = f"there is no CSV file of the feature set 'customers' at {one.place}"

    assert told(rig, one)[:2] == (NotFoundError, expected)


@ON_VERTEX
def test_a_dataset_that_is_not_there_is_told(rig: FeaturesRig) -> None:
    one = rig.put("customers", ROWS)
    rig.service.store.delete(f"projects/acme-churn/datasets/{DATASET.partition('.')[2]}")

    found = told(rig, one)

    assert (found[0], found[2]) == (NotFoundError, "groundplan up makes the dataset.")


@ON_VERTEX
def test_one_question_names_all_entities_and_reads_its_rows_by_pages(rig: FeaturesRig) -> None:
    many = [{"customer": f"c{number}", "seen_at": moment("2026-01-01T00:00:00"), "visits": number}
            for number in range(50)]  # fmt: skip
    one = rig.put("customers", many)
    rig.pages = 7
    seen = observed(*((f"c{number}", "2026-06-01T00:00:00+00:00") for number in (*range(20), 3, 4)))

    found = joined(rig, one, seen=seen)

    assert values(found) == [(str(number),) for number in (*range(20), 3, 4)]
    assert rig.vertex.bigquery.tables.questions == [(f"{DATASET}.customers", 20)]
    assert rig.service.asked("POST", "/jobs") == 1


@ON_VERTEX
def test_more_entities_than_a_question_holds_are_asked_in_parts(
    rig: FeaturesRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_tables, "MOST_BYTES", 170)
    one = rig.put("customers", ROWS)

    found = joined(rig, one)

    assert values(found) == JOINED
    assert rig.vertex.bigquery.tables.questions == [(f"{DATASET}.customers", 3)]
    monkeypatch.setattr(feature_tables, "MOST_BYTES", 120)
    assert values(joined(rig, one)) == JOINED
    assert [number for _, number in rig.vertex.bigquery.tables.questions] == [3, 2, 1]


@ON_VERTEX
@pytest.mark.parametrize(
    ("store", "serves"),
    [({"bigtable": {"autoScaling": {"minNodeCount": 1, "maxNodeCount": 3}}}, True),
     ({"optimized": {}, "dedicatedServingEndpoint": {}}, False)],
    ids=["bigtable", "optimized without an address"],
)  # fmt: skip
def test_a_store_is_asked_where_it_answers(rig: FeaturesRig, store: Row, serves: bool) -> None:
    one = rig.put("customers", ROWS[:3], features=COLUMNS, online=True)
    rig.service.store.occupy(STORE, "gcp:vertex/aiFeatureOnlineStore:AiFeatureOnlineStore", **store)

    if serves:
        found = newest(rig.features(), one, [("7",)], now=NOW, offline=False)
        assert tuple(found.found[0].values.values()) == JOINED[3]
        return
    with pytest.raises(NotFoundError, match="the view of the feature set 'customers' has never been filled"):
        newest(rig.features(), one, [("7",)], now=NOW, offline=False)


@ON_VERTEX
def test_a_store_that_only_its_network_reaches_is_told_with_what_can_be_done(rig: FeaturesRig) -> None:
    one = rig.put("customers", ROWS[:3], features=COLUMNS, online=True)
    private = {
        "privateServiceConnectConfig": {"enablePrivateServiceConnect": True},
        "serviceAttachment": "projects/t/a",
    }
    rig.service.store.change(STORE, {"dedicatedServingEndpoint": private})

    with pytest.raises(UsageError) as refused:
        newest(rig.features(), one, [("7",)], now=NOW, offline=False)

    assert (refused.value.where, refused.value.hint) == (
        STORE,
        (
            "--offline reads the rows that the view is filled from. In the network: FeatureView.read of "
            "google-cloud-aiplatform with connection_options, by projects/t/a."
        ),
    )
    assert newest(rig.features(), one, [("7",)], now=NOW, offline=True).unknown == ()


@ON_VERTEX
@pytest.mark.parametrize(
    "syncs", [[], [{"code": 7}], [{"running": True}], [{"code": 7}, {"running": True}]],
    ids=["none", "failed", "running", "failed and running"],
)  # fmt: skip
def test_a_view_that_was_never_filled_says_so_and_not_that_the_entity_is_nowhere(
    rig: FeaturesRig, syncs: list[Row]
) -> None:
    one = rig.put("customers", ROWS[:3], features=COLUMNS, online=True)
    rig.vertex.features.clear()
    for sync in syncs:
        rig.fill(one.at.view, **sync)

    with pytest.raises(NotFoundError) as refused:
        newest(rig.features(), one, [("7",)], now=NOW, offline=False)

    assert (refused.value.message, refused.value.where, ":sync" in refused.value.hint) == (
        "the view of the feature set 'customers' has never been filled", one.at.view, True,
    )  # fmt: skip


@ON_VERTEX
def test_a_view_and_a_store_that_are_not_there_are_told(rig: FeaturesRig) -> None:
    one = rig.put("customers", ROWS[:3], features=COLUMNS, online=True)
    rig.service.store.delete(one.at.view)
    with pytest.raises(NotFoundError, match=f"there is no view {one.at.view}"):
        newest(rig.features(), one, [("7",)], now=NOW, offline=False)

    rig.service.store.delete(STORE)
    with pytest.raises(NotFoundError, match=f"there is no online store {STORE}"):
        newest(rig.features(), one, [("7",)], now=NOW, offline=False)


@ON_VERTEX
def test_a_view_of_a_whole_table_serves_all_its_columns_of_an_entity_of_several_keys(rig: FeaturesRig) -> None:
    rows = [{"customer": "007", "shop": shop, "visits": shop, "city": None} for shop in (1, 2)]
    one = rig.put("visits", rows, keys=("customer", "shop"), timed=False, online=True)

    found = newest(rig.features(), one, [("007", "2")], now=NOW, offline=False)

    assert [(entity.key, entity.values) for entity in found.found] == [
        (("007", "2"), {"visits": "2", "city": ""})
    ]  # fmt: skip


@ON_VERTEX
def test_a_time_column_of_another_type_is_refused(rig: FeaturesRig) -> None:
    one = rig.put("customers", ROWS)
    rig.vertex.bigquery.tables.make(
        f"{DATASET}.customers", {"customer": "STRING", "feature_timestamp": "DATE"}, [["a", "2026-01-01"]]
    )

    assert told(rig, one)[:2] == (
        DataError, "the column feature_timestamp is of type DATE, and Vertex AI takes TIMESTAMP",
    )  # fmt: skip


CUSTOMERS = "customer,seen_at,plan\n007,2026-01-01,basic\n"
LONG = f"azureml:/{WORKSPACE}/datastores/data/paths/features/customers.csv"


@ON_AZURE
@pytest.mark.parametrize(
    "uri",
    ["azureml://datastores/data/paths/features/customers.csv", LONG,
     LONG.replace("/providers/Microsoft.MachineLearningServices", ""),
     "azureml://datastores/data/paths/features/", "azureml:customers:3",
     f"{WORKSPACE}/data/customers/versions/3", "https://stother.blob.core.windows.net/lake/features/customers.csv",
     "abfss://lake@stother.dfs.core.windows.net/features/customers.csv"],
    ids=["datastore", "long", "long without a provider", "folder", "asset", "asset's id", "https", "abfss"],
)  # fmt: skip
def test_rows_are_found_wherever_a_data_source_of_azure_may_be(rig: FeaturesRig, uri: str) -> None:
    one = rig.put("customers", ROWS)
    for account, container in (("stchurndev", "data"), ("stother", "lake")):
        rig.blob(account, container, "features/customers.csv", CUSTOMERS)
        rig.blob(account, container, "features/customers.csv.bak", "no CSV")
    rig.service.store.occupy(
        f"{WORKSPACE}/data/customers/versions/3", "azure-native:machinelearningservices:DataVersion",
        properties={"dataType": "uri_file", "dataUri": LONG},
    )  # fmt: skip
    at = features_on_clouds.at(one, uri)

    assert values(joined(rig, at, seen=observed(("007", "2026-06-01T00:00:00+00:00")))) == [("basic",)]


@ON_AZURE
def test_files_of_a_folder_are_read_as_one_set_and_must_have_the_same_columns(rig: FeaturesRig) -> None:
    one = features_on_clouds.at(rig.put("customers", ROWS), "azureml://datastores/data/paths/parts")
    rig.blob("stchurndev", "data", "parts/1.csv", CUSTOMERS)
    rig.blob("stchurndev", "data", "parts/deep/2.csv", "customer,seen_at,plan\n007,2026-02-01,pro\n7,soon,a\n")
    seen = observed(("007", "2026-01-15T00:00:00+00:00"), ("007", "2026-03-01T00:00:00+00:00"))

    assert values(joined(rig, one, seen=seen)) == [("basic",), ("pro",)]
    with pytest.raises(DataError) as refused:
        joined(rig, one, seen=observed(("7", "2026-01-15T00:00:00+00:00")))
    assert refused.value.where == "azureml://datastores/data/paths/parts/2.csv:3:3"
    rig.blob("stchurndev", "data", "parts/3.csv", "customer,plan,seen_at\n007,pro,2026-02-01\n")
    assert told(rig, one)[1] == "the files of the feature set 'customers' have other columns each: 1.csv and 3.csv"


@ON_AZURE
@pytest.mark.parametrize(
    ("uri", "error", "message"),
    [
        ("azureml:customers:4", NotFoundError, "there is no data asset customers 4 in mlw-churn-dev"),
        ("azureml:table:1", UsageError, "the data asset table is an MLTable, whose rows only its own program reads"),
        ("gs://bucket/customers.csv", UsageError,
         "the rows of the feature set 'customers' cannot be read from gs://bucket/customers.csv"),
        ("azureml://datastores/none/paths/a.csv", NotFoundError, "no datastore none in mlw-churn-dev"),
        ("azureml://datastores/data/paths/none.csv", NotFoundError,
         "there is no CSV file of the feature set 'customers' at azureml://datastores/data/paths/none.csv"),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_read_is_told(
    rig: FeaturesRig, uri: str, error: type[GroundplanError], message: str
) -> None:
    one = features_on_clouds.at(rig.put("customers", ROWS), uri)
    rig.service.store.occupy(
        f"{WORKSPACE}/data/table/versions/1", "azure-native:machinelearningservices:DataVersion",
        properties={"dataType": "mltable", "dataUri": "azureml://datastores/data/paths/features/"},
    )  # fmt: skip

    assert told(rig, one)[:2] == (error, message)
