"""Run records: found by prefix, damaged or interrupted ones shown as such, put into MLflow's store once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from groundplan.core import files
from groundplan.core.errors import NotFoundError, StoreCorruptedError, UsageError
from groundplan.core.layout import Layout
from groundplan.lifecycle.local import tracking
from groundplan.lifecycle.local.running import experiment_log
from groundplan.lifecycle.local.running.run_records import RunRecords

import provisioning
from pipeline_kit import Project, step, writing

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.run import Run


def a_run(run_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": run_id, "pipeline": "train", "environment": "dev", "status": "succeeded",
        "started": f"2026-11-21T08:30:{run_id[13:15]}.000Z", "seconds": 1.0,
        "steps": {"a": {"name": "a", "status": "succeeded", "key": "k", "started": "", "seconds": 0.1, "attempts": 1,
                        "exit_code": 0, "error": "", "log": None, "outputs": {}}},
        "parameters": {}, "metrics": {}, "data": {}, "code": {"commit": "", "dirty": False, "digest": ""},
        "config_digest": "", "user": "", "python": "", "packages": {}, "models": {}, "mlflow_run_id": "", "error": "",
        **changes,
    }  # fmt: skip


@pytest.fixture
def records(tmp_path: Path) -> RunRecords:
    found = RunRecords(Layout(tmp_path))
    for run_id in ("20261121-083001-aaaa", "20261121-083002-aabb", "20261121-083003-cccc"):
        files.write_json(found.folder(run_id) / "run.json", a_run(run_id))
    return found


def test_a_run_is_found_by_its_id_a_unique_start_or_latest(records: RunRecords) -> None:
    asked = ("20261121-083001-aaaa", "20261121-083002", "latest")

    assert [records.get(name).id[-4:] for name in asked] == ["aaaa", "aabb", "cccc"]


@pytest.mark.parametrize(
    ("name", "kind", "message", "hint"),
    [
        ("20261121-08300", UsageError, "3 runs start with '20261121-08300'", "Known: "),
        ("20261121-083001-aaab", NotFoundError, "there is no run", "Did you mean '20261121-083001-aaaa'?"),
        ("../../etc", NotFoundError, "there is no run", "Known: "),
        ("", NotFoundError, "there is no run", "Known: "),
    ],
)
def test_what_names_no_run_is_said(
    records: RunRecords, name: str, kind: type[NotFoundError], message: str, hint: str
) -> None:
    with pytest.raises(kind) as caught:
        records.get(name)

    assert message in caught.value.message
    assert caught.value.hint.startswith(hint)


def test_without_runs_the_error_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        RunRecords(Layout(tmp_path)).get("latest")

    assert caught.value.hint == "groundplan run makes one."


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"steps": 3}', b"\xff\xfe", b'{"steps": {"a": null}, "started": "x"}'],
)
def test_a_damaged_record_is_shown_as_such_and_the_others_stay_readable(records: RunRecords, content: bytes) -> None:
    path = records.folder("20261121-083002-aabb") / "run.json"
    path.write_bytes(content)

    assert [run.status for run in records.all()] == ["succeeded", "damaged", "succeeded"]
    with pytest.raises(StoreCorruptedError) as caught:
        records.get("20261121-083002")
    assert str(path) in caught.value.where


@pytest.mark.parametrize(
    "change", [{"status": "odd"}, {"seconds": "long"}, {"started": "now"}, {"metrics": {"a": "x"}}]
)
def test_a_record_with_values_of_the_wrong_kind_is_damaged(records: RunRecords, change: dict[str, Any]) -> None:
    run_id = "20261121-083002-aabb"
    files.write_json(records.folder(run_id) / "run.json", a_run(run_id, **change))

    assert [run.status for run in records.all()] == ["succeeded", "damaged", "succeeded"]


def test_a_running_run_that_nobody_owns_was_interrupted(records: RunRecords) -> None:
    run_id = "20261121-083003-cccc"
    waiting = {**a_run(run_id)["steps"]["a"], "status": "running"}
    files.write_json(records.folder(run_id) / "run.json", a_run(run_id, status="running", steps={"a": waiting}))
    left_behind = records.working_folder(run_id) / "a" / "outputs" / "half.csv"
    left_behind.parent.mkdir(parents=True)
    left_behind.touch()

    with records.owned(run_id):
        assert records.get("latest").status == "running"
    assert records.get("latest").status == "interrupted"
    assert [run.id for run in records.settle_interrupted()] == [run_id]

    settled = files.read_json(records.folder(run_id) / "run.json")
    assert (settled["status"], settled["steps"]["a"]["status"]) == ("interrupted", "cancelled")
    assert not records.working_folder(run_id).exists()
    assert records.settle_interrupted() == ()


def test_a_folder_without_a_record_yet_is_no_run(records: RunRecords) -> None:
    records.new_id()

    assert len(records.all()) == 3


def test_the_next_run_says_what_was_interrupted_and_goes_on(tmp_path: Path) -> None:
    project = Project(tmp_path)
    first = project.run(writing("a"))
    path = Layout(tmp_path).runs / first.id / "run.json"
    files.write_json(path, {**files.read_json(path), "status": "running"})

    project.run(writing("a"), step("b", after=("a",)))

    assert project.notices == [
        f"run {first.id} was interrupted",
        f"continuing run {first.id}: 1 of 2 steps are done",
    ]


def test_logs_are_found_by_step_and_a_cached_step_names_the_run_that_has_its_log(tmp_path: Path) -> None:
    project = Project(tmp_path)
    first = project.run(step("train", "print('one')"))
    second = project.run(step("train", "print('one')"), step("more"))

    assert project.runs.log(first.id, "train").read_text() == "one\n"
    with pytest.raises(NotFoundError) as cached:
        project.runs.log(second.id, "train")
    with pytest.raises(NotFoundError) as unknown:
        project.runs.log(second.id, "trian")
    assert (cached.value.hint, unknown.value.hint) == (
        f"groundplan runs logs {first.id} train", "Did you mean 'train'?"
    )  # fmt: skip


@pytest.fixture(scope="module")
def recorded(provisioned: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Run]:
    project = Project(provisioning.copy(provisioned, tmp_path_factory.mktemp("shop"), project="shop").root)
    code = "import sys; open(sys.argv[1], 'w').write('{\"auc\": 0.75}'); open(sys.argv[2], 'w').write('<p>')"
    score = step("score", code, arguments=("{outputs.m}", "{outputs.r}"), outputs={"m": "metrics", "r": "report"},
                 parameters={"seed": 7})  # fmt: skip
    return project, project.runs.record(project.run(writing("a"), score))


def test_a_recorded_run_shows_in_mlflow_with_all_that_made_it(recorded: tuple[Project, Run]) -> None:
    project, run = recorded

    client = tracking.open_store(Layout(project.root))
    found = client.get_run(run.mlflow_run_id)

    assert (found.info.status, found.info.run_name) == ("FINISHED", run.id)
    assert found.info.end_time - found.info.start_time == round(run.seconds * 1000)
    assert (found.data.params, found.data.metrics) == ({"score.seed": "7"}, {"score.auc": 0.75})
    assert found.data.tags[experiment_log.RUN_TAG] == run.id
    assert found.data.tags["groundplan.config.digest"] == "sha256:0"
    assert client.get_experiment(found.info.experiment_id).name == f"{project.root.name}/train"
    logged = {Path(one.path).suffix for one in client.list_artifacts(run.mlflow_run_id, "score")}
    assert logged == {".json", ".html"}
    assert project.runs.get(run.id).mlflow_run_id == run.mlflow_run_id


def test_recording_twice_or_after_a_kill_in_between_makes_one_entry(recorded: tuple[Project, Run]) -> None:
    project, run = recorded
    layout = Layout(project.root)
    client = tracking.open_store(layout)
    client.update_run(run.mlflow_run_id, status="RUNNING")

    again = experiment_log.record(run, layout)

    assert again == run.mlflow_run_id
    experiment = client.get_run(again).info.experiment_id
    assert [one.info.status for one in client.search_runs([experiment])] == ["FINISHED"]
    assert len(client.get_metric_history(again, "score.auc")) == 1
