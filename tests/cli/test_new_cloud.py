"""`groundplan new` for a cloud: a config that holds, the Pulumi project as an export writes it, questions and refusals.

test_workflow.py holds the generated CI, test_new.py what is the same on every platform.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from groundplan.cli.scaffold.cloud import ENVIRONMENTS
from groundplan.cli.scaffold.project import Request, project_files
from groundplan.cli.scaffold.template import answers, load
from groundplan.core import clock
from groundplan.stacks.config.reading import read_all, read_stacks
from groundplan.stacks.exporting.project import files_of, project_of
from groundplan.stacks.exporting.writing import write
from groundplan.stacks.planning.planning import plans
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from terminal import call, clean_environment

AZURE = [
    "region=westeurope", "subscription=00000000-0000-4000-8000-000000000001",
    "tenant=00000000-0000-4000-8000-0000000000aa",
]  # fmt: skip
GOOGLE = ["region=europe-west4", "cloud_project=acme-churn"]
NUMBERS = ["cloud_number=123456789012", "billing_account=0A0A0A-1B1B1B-2C2C2C"]
TEAM = ["repository=acme/churn", "contact=team@example.com", "cost_center=CC-4711", "system_id=SYS-0815"]
STATE = ["state_backend=gs://acme-state", "secrets_provider=gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k"]


def new(folder: Path, platform: str, *given: str) -> Path:
    settings = [word for answer in given for word in ("--set", answer)]
    done = call("new", "churn", "--platform", platform, *settings, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "churn"


@pytest.mark.parametrize(
    ("platform", "given"),
    [
        ("azureml", AZURE),
        ("vertex", GOOGLE),
        ("azureml", [*AZURE, *TEAM]),
        ("vertex", [*GOOGLE, *NUMBERS, *TEAM, *STATE]),
    ],
    ids=["azureml", "vertex", "azureml with a team", "vertex with a team and a shared state"],
)
def test_a_config_with_region_and_account_is_valid_as_it_stands(
    tmp_path: Path, platform: str, given: list[str]
) -> None:
    project = new(tmp_path, platform, *given)

    assert tuple(read_all(project)) == ENVIRONMENTS


@pytest.mark.parametrize(("platform", "given"), [("azureml", AZURE), ("vertex", [*GOOGLE, *STATE])])
def test_the_pulumi_project_is_what_an_export_writes(tmp_path: Path, platform: str, given: list[str]) -> None:
    project = new(tmp_path, platform, *given)

    exported = write(project / "infra", files_of(project_of(read_stacks(project), project / "infra")))

    assert {one.path: one.outcome for one in exported if one.outcome != "unchanged"} == {}
    assert len(exported) == 8


@pytest.mark.parametrize(("platform", "given"), [("azureml", AZURE), ("vertex", GOOGLE)])
def test_the_page_of_the_infrastructure_reads_outputs_that_the_shared_stack_has(
    tmp_path: Path, platform: str, given: list[str]
) -> None:
    project = new(tmp_path, platform, *given, *TEAM)
    read = set(re.findall(r"stack output (\w+)", (project / "infra" / "README.md").read_text()))

    (shared,) = plans(read_stacks(project), ["shared"])

    assert len(read) == {"azureml": 4, "vertex": 8}[platform]
    assert read - set(shared.outputs) == set()


def test_what_is_known_is_said_and_the_rest_waits_as_a_comment(tmp_path: Path) -> None:
    project = new(tmp_path, "vertex", *GOOGLE, *NUMBERS, *TEAM)
    config = read_all(project)["prod"].config

    assert config.governance.model_dump(exclude_defaults=True) == {"cost_center": "CC-4711", "system_id": "SYS-0815"}
    assert (config.governance.data_classification, config.governance.risk_tier) == ("internal", "limited")
    assert config.identity.federation is not None
    assert config.identity.federation.repository == "acme/churn"
    assert config.budget is not None
    assert (config.budget.amount, config.budget.contacts) == (500, ["team@example.com"])
    assert config.state.backend is None
    assert "# state:\n#   backend: gs://BUCKET\n" in (project / "groundplan.yaml").read_text()


@pytest.mark.parametrize("contact", ["", "team@example.com"])
def test_a_budget_starts_with_this_month_unless_another_is_given(tmp_path: Path, contact: str) -> None:
    before = f"{clock.now():%Y-%m}-01"
    project = new(tmp_path, "azureml", *AZURE, f"contact={contact}")
    after = f"{clock.now():%Y-%m}-01"
    text = (project / "groundplan.yaml").read_text()
    manifest = json.loads((project / ".groundplan-manifest.json").read_text())

    start = manifest["answers"]["budget_start"]
    assert start in {before, after}
    assert f'start: "{start}"' in text
    assert (read_all(project)["dev"].config.budget is not None) == bool(contact)

    (tmp_path / "other").mkdir()
    other = new(tmp_path / "other", "azureml", *AZURE, "contact=team@example.com", "budget_start=2027-02-01")
    budget = read_all(other)["dev"].config.budget
    assert budget is not None
    assert budget.start == "2027-02-01"


@pytest.mark.parametrize(
    ("platform", "region", "message", "hint"),
    [
        ("azureml", "westeurop", "'westeurop' is not a region of azureml", "Did you mean 'westeurope'?"),
        ("vertex", "northamerica-south1", "Vertex AI is not offered in 'northamerica-south1'",
         "Such as europe-west4."),
    ],
)  # fmt: skip
def test_a_region_that_the_cloud_does_not_have_makes_nothing(
    tmp_path: Path, platform: str, region: str, message: str, hint: str
) -> None:
    done = call("new", "churn", "--platform", platform, "--set", f"region={region}", "--format", "json", cwd=tmp_path)

    assert done.returncode == 2
    (error,) = json.loads(done.stdout)["errors"]
    assert (error["message"], error["hint"]) == (message, hint)
    assert list(tmp_path.iterdir()) == []


def test_the_laptop_gets_nothing_of_a_cloud(tmp_path: Path) -> None:
    done = call("new", "churn", "--format", "json", cwd=tmp_path)

    files = json.loads(done.stdout)["data"]["files"]
    assert [name for name in files if name.startswith(("infra", ".github"))] == []
    assert "governance" not in (tmp_path / "churn" / "groundplan.yaml").read_text()


def test_a_cloud_asks_for_its_region_and_account_on_a_terminal(tmp_path: Path) -> None:
    pexpect: Any = pytest.importorskip("pexpect")

    child = pexpect.spawn(
        sys.executable, ["-m", "groundplan.cli.main", "new", "churn", "--platform", "vertex"],
        cwd=str(tmp_path), env={**clean_environment(TERM="dumb"), "CI": ""}, timeout=120,
    )  # fmt: skip
    child.expect("Template")
    child.sendline("")
    child.expect("CSV file to learn from")
    child.sendline("")
    child.expect("Google Cloud region, such as europe-west4")
    child.sendline("europe-west4")
    child.expect("Id of the Google Cloud project")
    child.sendline("acme-churn")
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == 0
    account = read_all(tmp_path / "churn")["dev"].config.account
    assert account is not None
    assert account.project == "acme-churn"


OF_CI = (".github", "infra/ci")


@settings(deadline=None, max_examples=12)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=60))
def test_an_answer_is_data_in_every_generated_file_whatever_it_holds(text: str) -> None:
    told = ("repository", "state_backend", "secrets_provider", "cost_center", "contact", "owner")
    files = rendered(dict.fromkeys(told, text))
    config, project, stack = (
        YAML(typ="safe", pure=True).load(files[path])  # pyright: ignore[reportUnknownMemberType]
        for path in ("groundplan.yaml", "infra/Pulumi.yaml", "infra/Pulumi.dev.yaml")
    )

    assert config["identity"]["federation"]["repository"] == text
    assert config["state"] == {"backend": text, "secrets_provider": text}
    assert (config["governance"]["cost_center"], config["budget"]["contacts"]) == (text, [text])
    assert project["backend"]["url"] == text
    assert stack == {"secretsprovider": text}


def test_no_answer_reaches_what_ci_runs() -> None:
    plain = {path: content for path, content in rendered({}).items() if path.startswith(OF_CI)}
    hostile = rendered({"owner": "$(id)", "repository": "${{ github.token }}", "contact": "`id`@example.com"})

    assert sorted(plain) == [
        ".github/workflows/groundplan.yml", ".github/workflows/retrain.yml", "infra/ci/install.sh", "infra/ci/plan.sh",
        "infra/ci/pulumi.sh", "infra/ci/retrain.sh",
    ]  # fmt: skip
    assert {path: hostile[path] for path in plain} == plain


def rendered(told: Mapping[str, object]) -> dict[str, str]:
    template = load("tabular-classification")
    request = Request(
        project="churn", template=template, platform="azureml", answers=answers(template, "azureml", told)
    )  # fmt: skip
    return {file.path: file.content.decode() for file in project_files(request)}
