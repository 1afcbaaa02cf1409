"""One story on each cloud, as a person types it: a config goes up, trains, serves, is taken back, and goes.

The engine is the real one, the SDKs' clients are real and speak HTTP; the engine's stand-in providers and the stand-in
services share one store, and the steps of a run are processes. Nothing here has ever seen a live subscription or
project.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import clock, digests
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.recorded.runs import SCHEDULE

import serving_kit
from stand_in import StandIn
from stand_in.services import AzureMLService, VertexService, monitors
from stand_in.services.http import Service
from story_kit import StoryProject
from vertex_jobs_kit import DATA

STACKS = ("-e", "shared", "-e", "dev")
STAYS: dict[str, set[str]] = {"azureml": set(), "vertex": {"BucketObject", "IAMAuditConfig"}}
"""What destroy leaves: templates, by which a model says how it was made, and what the project audits."""


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a stand-in as for a cloud."""
    monkeypatch.setattr(
        Pace.__init__, "__kwdefaults__", {"first_seconds": 0.005, "longest_seconds": 0.02, "tries": 4}
    )  # fmt: skip


@pytest.mark.parametrize("platform", serving_kit.PLATFORMS)
def test_a_config_goes_up_trains_serves_goes_back_and_comes_down(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hurried: None
) -> None:
    project = StoryProject.make(tmp_path / "project", platform)
    with StandIn(tmp_path / "stand-in") as cloud:
        for name, value in cloud.environment().items():
            monkeypatch.setenv(name, value)
        project.run("up", *STACKS, "--yes")
        with serving_kit.signed_in(platform, cloud.store, tmp_path) as service:
            answer_here(service)
            reads_features(project, service)
            first = trains(project)
            serves(project)
            meets_its_labels(project, service)
            again(project, first)
            goes_back(project)
            trains_again(project)
            trains_by_the_clouds_clock(project, service, monkeypatch)
            changed_since_up(project)
            forgets_nothing(project)
            comes_down(project, cloud, STAYS[platform])


def answer_here(service: Service) -> None:
    """The endpoint's name leads to the service, and no operation takes long."""
    service.patience = 1
    with service.store.changing() as content:
        for one in content["resources"].values():
            if "dedicatedEndpointDns" in one["outputs"]:
                one["outputs"]["dedicatedEndpointDns"] = f"http://127.0.0.1:{service.port}"


def reads_features(project: StoryProject, service: Service) -> None:
    """What a data flow writes into the table that up made is read; its online store answers in its network alone."""
    if not isinstance(service, VertexService):
        return
    (table,) = (one["inputs"] for one in service.store.of_type(":Table"))
    place = f"{table['project']}.{table['datasetId']}.{table['tableId']}"
    schema = {one["name"]: one["type"] for one in json.loads(table["schema"])}
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 3)]
    rows = {"feature_timestamp": days, "person": ["007", "007"], "visits": [1.5, 2.5]}
    service.bigquery.tables.make(place, schema, [[rows[one][number] for one in schema] for number in (0, 1)])
    (project.root / "seen.csv").write_text(
        "person,at\n007,2026-01-02\n007,2026-01-04\n7,2026-01-04\n", encoding="utf-8"
    )

    private = project.document("features", "get", "habits", "--key", "007", code=2)["errors"]
    now = project.run("features", "get", "habits", "--key", "007", "--offline")["entities"]
    project.run("features", "retrieve", "habits", "--rows", "seen.csv", "--time", "at", "--out", "learned.csv")

    assert "answers inside a network only" in private[0]["message"]
    assert [one["values"] for one in now] == [{"visits": "2.5"}]
    learned = (project.root / "learned.csv").read_text(encoding="utf-8").splitlines()
    assert learned[1:] == ["007,2026-01-02,1.5", "007,2026-01-04,2.5", "7,2026-01-04,"]


def trains(project: StoryProject) -> str:
    """A run, judged and registered; the same again is no other."""
    run = project.run("run")
    assert [(one["model"], one["version"], one["passed"]) for one in run["models"]] == [("churn", 1, True)]
    assert {name: one["status"] for name, one in run["steps"].items()} == {"prepare": "succeeded", "fit": "succeeded"}
    assert run["metrics"]["fit.train_accuracy"] == 1.0
    same = project.run("run")
    assert (same["run"], same["unchanged"], same["models"][0]["unchanged"]) == (run["run"], True, True)
    logs = {one["step"]: one["text"].strip() for one in project.run("runs", "logs")["logs"]}
    assert logs == {"prepare": "42 rows", "fit": "learned from 21 rows"}
    return str(run["run"])


def serves(project: StoryProject) -> None:
    """The version is promoted, deployed and asked."""
    assert project.run("models", "promote")["to"] == "dev"
    assert project.run("deploy")["version"] == 1
    answer = project.run("predict", "--json", '{"age": 50.0}')
    assert (answer["version"], len(answer["predictions"])) == (1, 1)


def meets_its_labels(project: StoryProject, service: Service) -> None:
    """What was asked is in the cloud's log, under the ids that the callers were given, and is judged with its labels.

    It was asked in two hours, of which one is the last whose every line has come.
    """
    assert isinstance(service, AzureMLService | VertexService)
    logging = service.collector if isinstance(service, AzureMLService) else service.bigquery
    hour = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)
    labels: list[dict[str, Any]] = []
    for ago, ages in ((2, (25.0, 35.0, 55.0)), (1, (26.0, 36.0, 56.0))):
        logging.now = lambda ago=ago: hour - timedelta(hours=ago)
        rows = [{"age": age} for age in ages]
        id = project.run("predict", "--json", json.dumps(rows))["request_id"]
        truths = ["yes" if age > 40 else "no" for age in ages]
        labels += [{"request_id": id, "row": row, "label": label} for row, label in enumerate(truths)]
    logging.deliver()
    path = project.root / "labels.jsonl"
    path.write_text("".join(f"{json.dumps(one)}\n" for one in labels), encoding="utf-8")

    (first,) = project.run("monitor", "run")["reports"]
    for hours in (0, 1):  # the next one may end before the next look
        ran(service, clock.from_text(first["window"]["start"]) + timedelta(hours=hours, minutes=45))
    kept = project.run("feedback", str(path))
    (judged,) = project.run("monitor", "run", "--window", "1h")["reports"]

    assert (kept["kept"], kept["unknown"]) == (6, [])
    assert (judged["version"], judged["requests"], judged["rows"], judged["labelled"]) == (1, 1, 3, 3)
    # The cloud's own monitor held the same rows to the file that the run left.
    theirs = [(one["source"], one["subject"], one["statistic"]) for one in judged["checks"] if one["source"]]
    if isinstance(service, VertexService):
        assert theirs == [("vertex", "age", "jensen_shannon_divergence"), ("vertex", "label", "l_infinity")]
    else:
        assert theirs == [("azureml", "age", "PopulationStabilityIndex")]


def ran(service: AzureMLService | VertexService, ended: datetime) -> None:
    """A run of the cloud's own monitor ended; at Azure ML it compared with a table of the file that the run left."""
    if isinstance(service, VertexService):
        service.monitors.run(ended)
        return
    (schedule,) = (id for id in service.store.resources if id.endswith("-v-1-drift"))
    definition = service.schedules.of(schedule)["action"]["monitorDefinition"]
    reference = definition["signals"]["data-drift"]["referenceData"]["uri"]
    account, container, folder = service.jobs.places.key(schedule.partition("/schedules/")[0], reference)
    assert service.blobs.content[account, container, f"{folder}data.csv"].content.splitlines()[0] == b"age,0"
    found = monitors.drift("data-drift", "DataDrift", {"age": ("PopulationStabilityIndex", 0.1, 0.2)}, rows=3)
    began = f"{ended - timedelta(minutes=5):%Y%m%dT%H%M%SZ}"
    service.schedules.run(schedule, began, signals={"data-drift": found}, ends=ended)


def again(project: StoryProject, first: str) -> None:
    """Another parameter makes another version, of which only what changed runs."""
    run = project.run("run", "--set", "fit.strength=0.5")
    assert {name: one["status"] for name, one in run["steps"].items()} == {"prepare": "cached", "fit": "succeeded"}
    compared = project.run("runs", "compare", first, run["run"])
    assert [one["name"] for one in compared["parameters"] if one["changed"]] == ["fit.strength"]
    assert compared["changed"] == {"data": False, "code": False, "config": False, "packages": False}
    project.run("models", "promote")
    assert (project.run("deploy")["previous_version"], project.run("rollout", "status")["status"]) == (1, "completed")


def goes_back(project: StoryProject) -> None:
    """The version before answers again."""
    project.run("rollback", "--reason", "errors")
    assert project.run("rollout", "status")["status"] == "rolled-back"
    assert project.run("predict", "--json", '{"age": 50.0}')["version"] == 1
    stages = [(one["version"], one["stage"]) for one in project.run("models", "list")["models"]]
    assert stages == [(2, None), (1, "dev")]


def trains_again(project: StoryProject) -> None:
    """The world has changed: on the rows of the window a new version beats the one that serves, and takes over.

    The rows that were asked and have their labels are among them.
    """
    same = project.run("retrain", "--check")["decisions"]
    assert [(one["decision"], one["version"]) for one in same] == [("no", None)]
    project.learn(clock.now(), yes_from=50)
    [decision] = project.run("retrain", "--reason", "prices changed")["decisions"]
    assert (decision["outcome"], decision["version"], decision["trigger"]) == ("won", 3, "manual")
    assert decision["details"]["comparison"].startswith("champion: found accuracy better by 0.")
    assert decision["details"]["rollouts"] == {"dev": "churn@dev: direct, completed"}
    shown = project.run("runs", "show", decision["run_id"])["run"]
    assert shown["data"]["main"] != digests.of_file(project.root / "rows.csv")
    assert project.run("runs", "logs", decision["run_id"], "prepare")["logs"][0]["text"].strip() == "48 rows"
    assert project.run("predict", "--json", '{"age": 50.0}')["version"] == 3


def trains_by_the_clouds_clock(
    project: StoryProject, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """What the cloud's own schedule began is adopted, once: one wins, one loses, one fails."""
    assert isinstance(service, AzureMLService | VertexService)
    before = len(project.run("runs", "list")["runs"])
    better = project.rows(clock.now(), yes_from=30)
    for day, rows, code in ((2, better, 0), (4, muddled(better), 0), (6, "20,,no\n21,,no\n22,,no\n", 4)):
        with monkeypatch.context() as later:
            job = strikes(service, later, f"age,day,label\n{rows}", shift=timedelta(days=day))
            [checked] = project.run("retrain", "--check")["decisions"]
            assert checked["reasons"]["schedule"].endswith(", which goes on"), checked
            assert (checked["decision"], checked["trigger"]) == ("retrain", "schedule")
            assert checked["details"]["job"].rpartition("/")[2] == job
            project.document("retrain", "--once", code=code)
            [again] = project.run("retrain", "--once")["decisions"]
            assert again["decision"] == "no"
    listed = project.run("runs", "list")["runs"]
    assert len(listed) == before + 3
    found = [(one["status"], one["models"]) for one in reversed(listed[:3])]
    assert found == [("succeeded", {"churn": "v4"}), ("succeeded", {}), ("failed", {})]
    assert project.run("runs", "show", "latest")["run"]["user"] == SCHEDULE
    assert project.run("predict", "--json", '{"age": 35.0}')["version"] == 4


def muddled(rows: str) -> str:
    """Of the rows that are learned from, which are every second one, the answer is the other one."""
    other = {"yes": "no", "no": "yes"}
    lines = [line.rpartition(",") for line in rows.splitlines()]
    return "".join(
        f"{start},{answer if number % 2 else other[answer]}\n" for number, (start, _, answer) in enumerate(lines)
    )


def strikes(
    service: AzureMLService | VertexService, later: pytest.MonkeyPatch, copy: str, *, shift: timedelta
) -> str:  # fmt: skip
    """So much later the cloud's schedule started a job, ten minutes ago, on what was copied there; its name."""
    moment = datetime.now(UTC) + shift
    later.setattr(clock, "now", lambda: moment)
    jobs = service.jobs
    if isinstance(service, VertexService):
        service.buckets.put(DATA, "rows.csv", copy.encode())
        service.jobs.skew = timedelta(minutes=-10)
        name = service.jobs.fire("churn-dev-train").rpartition("/")[2]
    else:
        (account,) = {account for account, container, _ in service.blobs.content if container == "data"}
        service.blobs.put(account, "data", "rows.csv", copy.encode())
        service.jobs.skew = shift - timedelta(minutes=10)
        (schedule,) = service.store.of_type("machinelearningservices:Schedule")
        name = service.jobs.fire(schedule["id"].partition("/schedules/")[0], "train")
    jobs.skew = timedelta()
    return name


def changed_since_up(project: StoryProject) -> None:
    """What up did not register is not run, and it is said what that is."""
    project.change("fit.py", '"rows")', '"rows of", train)')
    refused = project.document("run", code=6)["errors"][0]
    assert "train is not registered as it is here" in refused["message"]
    assert "groundplan up" in refused["hint"]
    project.change("fit.py", '"rows of", train)', '"rows")')


def forgets_nothing(project: StoryProject) -> None:
    """Another machine, which has nothing but the project's files, judges the version anew from its run."""
    project.forget()
    listed = project.run("runs", "list", "--status", "succeeded", "--limit", "3")["runs"]
    assert [one["models"] for one in listed] == [{}, {"churn": "v4"}, {"churn": "v3"}]
    assert project.run("models", "promote", "churn", "2")["to"] == "dev"
    checks = project.run("models", "show", "churn", "2")["verdict"]["checks"]
    assert "(version 4: " in next(one for one in checks if one["name"] == "champion")["found"]


def comes_down(project: StoryProject, cloud: StandIn, stays: set[str]) -> None:
    """All goes but what the program asks to stay."""
    assert project.run("destroy", *STACKS, "--confirm", "churn")["removed"] is True
    left = {one["type"].rpartition(":")[2] for one in cloud.store.resources.values() if one["urn"]}
    assert left == stays
