"""What runs at a cloud leave: records that are listed, outputs that are fetched, held to their digests and types."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from groundplan.core import digests
from groundplan.core.errors import NotFoundError, StepFailedError, StoreCorruptedError, UsageError
from groundplan.lifecycle.contract.evidence import Evidence
from groundplan.lifecycle.contract.model import Judgement, ModelPlan
from groundplan.lifecycle.contract.pipeline import StepInput
from groundplan.lifecycle.contract.run import Run
from groundplan.lifecycle.local.monitoring.watching import watched
from groundplan.lifecycle.patience import Pace
from groundplan.lifecycle.recorded.endpoints import Site
from groundplan.lifecycle.recorded.platform import RecordedPlatform
from groundplan.lifecycle.recorded.platform import platform as recorded
from groundplan.lifecycle.registration import judge_and_register

from memory_requests import MemoryRequests
from monitoring_kit import learned, plan
from registry_kit import make_evidence, make_plan
from runs_kit import CloudProject, Heard

MODEL = StepInput(step="train", output="model")
TEST = StepInput(step="prepare", output="test")


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a cloud in memory."""
    monkeypatch.setattr(Pace.__init__, "__kwdefaults__", {"first_seconds": 0, "longest_seconds": 0, "tries": 4})


@pytest.fixture
def project(tmp_path: Path) -> CloudProject:
    return CloudProject(tmp_path)


def test_a_listing_reads_only_the_records_that_are_shown(project: CloudProject) -> None:
    made = project.run()
    records = project.cloud.records["dev"]
    text = records.documents[f"runs/{made.id}.json"].text
    for number in range(1000):
        records.put(f"runs/20200101-{number:06d}-0000.json", text)
    runs = project.runs()
    records.reads = 0

    listed = runs.list()

    assert (len(listed), listed[0].id) == (1001, made.id)
    assert len(list(listed[:20])) == 20
    assert records.reads == 21


def test_a_record_that_cannot_be_read_is_a_damaged_run_and_hides_no_other(project: CloudProject) -> None:
    made = project.run()
    project.cloud.records["dev"].put("runs/20200101-083012-0000.json", "{")

    shown = [(one.id, one.status, one.started[:16]) for one in project.runs().list()]

    assert shown[1] == ("20200101-083012-0000", "damaged", "2020-01-01T08:30")
    assert shown[0][:2] == (made.id, "succeeded")
    with pytest.raises(StoreCorruptedError, match=r"the record runs/20200101-083012-0000\.json is damaged"):
        project.runs().get("20200101")


def test_a_run_is_named_by_its_start_or_as_the_latest(project: CloudProject) -> None:
    with pytest.raises(NotFoundError, match="there are no runs yet"):
        project.runs().get("latest")
    first, second = project.run(), project.run(seed=8)

    assert {project.runs().get(one.id).id for one in (first, second)} == {first.id, second.id}
    with pytest.raises(UsageError, match="2 runs start with '20'"):
        project.runs().get("20")
    with pytest.raises(NotFoundError, match="there is no run 'x'"):
        project.runs().get("x")


def test_outputs_are_fetched_when_they_are_needed_and_then_held_to_their_digest(project: CloudProject) -> None:
    run = project.run()
    jobs = project.cloud.jobs
    assert jobs.fetched == ["train.scores"]

    known = project.runs().described(run, (MODEL, TEST))
    model = known.steps["train"].outputs["model"]
    assert (model.digest, model.size_bytes) == (digests.of_path(model.path), 61)
    assert jobs.fetched == ["train.scores", "train.model", "prepare.test"]
    records = project.cloud.records["dev"]
    records.reads = 0
    assert project.runs().fetched(known, (MODEL, TEST)) == known
    assert (jobs.fetched[3:], records.reads) == ([], 0)

    there = project.runs("elsewhere").described(project.runs("elsewhere").get(run.id), (MODEL, TEST))
    assert (there.steps["train"].outputs["model"].digest, jobs.fetched[3:]) == (model.digest, [])
    assert there.steps["train"].outputs["model"].path.is_relative_to(project.folder / "elsewhere")
    there = project.runs("elsewhere").fetched(there, (MODEL,))
    assert digests.of_path(there.steps["train"].outputs["model"].path) == model.digest
    assert jobs.fetched[3:] == ["train.model"]


@dataclass
class Measuring:
    """What the machine of the command measures, told; it counts."""

    times: int = 0

    def evaluate(self, run: Run, plan: ModelPlan) -> Evidence:
        made = [run.steps[one.step].outputs[one.output] for one in plan.outputs]
        assert [digests.of_path(one.path) for one in made] == [one.digest for one in made]
        self.times += 1
        return make_evidence(made[0].digest, roc_auc=0.9)

    def measured(self, name: str, digest: str) -> None:
        """No profile was made."""


def opened(project: CloudProject, machine: str, measuring: Any) -> RecordedPlatform:
    """The platform as a command on this machine opens it, with an endpoint in its only environment."""
    cloud = project.cloud
    site = Site(
        records=cloud.records["dev"], endpoints=cloud.endpoints, ids={"churn": "churn-dev"}, jobs=cloud.jobs,
        requests=MemoryRequests(), managed=cloud.monitors,
    )  # fmt: skip
    return recorded(
        "memory", {"dev": site}, cloud.registry, measuring=measuring, judge=watched, row_schema=lambda path: {},
        prepare=project.prepared, folder=project.folder / machine,
    )  # fmt: skip


def test_the_clouds_own_monitor_is_told_where_the_run_of_a_version_left_what_it_learned_from(
    project: CloudProject,
) -> None:
    platform = opened(project, "here", Measuring())
    run = platform.runs.record(platform.runs.run(project.request(), project.heard))
    version = judge_and_register(platform, run, make_plan(), who="ada").version
    assert version is not None
    told = plan(managed=True, learned_from=TEST, target="churned")

    def training(**changes: Any) -> str:
        monitors = opened(project, "elsewhere", Measuring()).monitors
        monitors.managed(replace(told, **changes), [version], lambda number: learned(), now="2026-11-28T10:00:00.000Z")
        return project.cloud.monitors.there["churn-dev", version].training

    assert training() == f"mem://made/{run.id}/prepare/test.csv"
    del project.cloud.records["dev"].documents["managed/churn.json"]
    assert training(learned_from=StepInput(step="prepare", output="nothing")) == ""
    project.cloud.jobs.jobs.clear()
    assert training(learned_from=TEST) == ""
    project.cloud.records["dev"].documents.pop(f"runs/{run.id}.json")
    assert training(window_seconds=60.0) == ""


def test_a_model_is_judged_where_it_was_fetched_to_and_known_on_every_machine(project: CloudProject) -> None:
    measuring, jobs = Measuring(), project.cloud.jobs

    def judged(machine: str) -> Judgement:
        platform = opened(project, machine, measuring)
        run = platform.runs.run(project.request(), project.heard)
        return judge_and_register(platform, platform.runs.record(run), make_plan(), who="ada")

    first, same = judged("here"), judged("here")
    fetched = jobs.fetched.copy()
    elsewhere = judged("elsewhere")

    assert (first.version, first.unchanged, same.unchanged, elsewhere.unchanged) == (1, False, True, True)
    assert (measuring.times, jobs.fetched, len(jobs.jobs)) == (1, fetched, 1)
    shutil.rmtree(project.folder / "here")
    assert judged("here") == elsewhere


def test_an_output_that_was_changed_is_fetched_again_and_refused_when_the_cloud_has_another(
    project: CloudProject,
) -> None:
    known = project.runs().described(project.run(), (MODEL, TEST))
    path = known.steps["train"].outputs["model"].path
    (path / "model.skops").write_text("evil")

    again = project.runs().fetched(known, (MODEL,))
    assert digests.of_path(path) == again.steps["train"].outputs["model"].digest

    [made] = [job.made["train"]["model"] for job in project.cloud.jobs.jobs.values()]
    (made / "model.skops").write_text("evil")
    with pytest.raises(StoreCorruptedError, match=r"the output train.model of run \S+ was changed: expected sha256:"):
        project.runs("elsewhere").fetched(project.runs("elsewhere").get(known.id), (MODEL,))
    shutil.rmtree(made)
    with pytest.raises(NotFoundError, match="is not at the cloud any more: train wrote no model") as gone:
        project.runs("elsewhere").fetched(project.runs("elsewhere").get(known.id), (MODEL,))
    assert "groundplan run --force" in gone.value.hint


def test_an_output_that_is_not_of_its_type_fails_as_it_does_on_the_laptop(project: CloudProject) -> None:
    run = project.run()
    [made] = [job.made["train"]["model"] for job in project.cloud.jobs.jobs.values()]
    (made / "model.pkl").write_bytes(b"\x80\x04x")

    with pytest.raises(StepFailedError, match=r"output 'model' is no model: model\.pkl is a pickle"):
        project.runs().described(run, (MODEL,))
    assert project.runs().get(run.id).steps["train"].outputs["model"].digest == ""


def test_metrics_that_are_none_fail_the_run(project: CloudProject) -> None:
    text = (project.root / "train.py").read_text().replace('{"rows": len(rows)}', '{"rows": "many"}')
    (project.root / "train.py").write_text(text)
    project.up()

    with pytest.raises(StepFailedError, match="output 'scores' is no metrics: 'rows' is not a number"):
        project.run()

    assert project.runs().get("latest").status == "failed"


def test_what_is_recorded_reaches_the_cloud_once_and_keeps_what_others_found_out(project: CloudProject) -> None:
    run = project.run()
    runs = project.runs()
    runs.described(run, (MODEL,))

    recorded = runs.record(replace(run, models={"churn": "v1"}))
    changes = project.cloud.fuse.changes
    assert runs.record(recorded) == recorded

    assert (recorded.models, recorded.mlflow_run_id) == ({"churn": "v1"}, f"job-{run.id}")
    assert recorded.steps["train"].outputs["model"].digest.startswith("sha256:")
    assert project.cloud.fuse.changes == changes
    assert project.cloud.jobs.experiments[run.id].models == {"churn": "v1"}


def test_a_run_of_an_environment_that_is_gone_is_listed_and_its_outputs_are_refused_plainly(
    project: CloudProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = project.runs().run(project.request(environment="prod"), Heard())
    del project.cloud.records["prod"]

    assert project.runs().get("latest") == run
    with pytest.raises(NotFoundError, match="is of the environment 'prod', which the config does not have any more"):
        project.runs().fetched(run, (MODEL,))
