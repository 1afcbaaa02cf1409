"""``check`` with files of exemptions and of policies, and what it says of the file that it judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from terminal import call

LIST = """[
 {"type": "gcp:storage/bucket:Bucket", "name": "eu", "properties": {"publicAccessPrevention": "inherited"}},
 {"type": "gcp:storage/bucket:Bucket", "name": "us", "properties": {"publicAccessPrevention": "inherited"}}
]"""
ONE = """\
- rule: {rule}
  resource: {resource}
  reason: {reason}
  owner: ada@example.com
  expires: "{expires}"
"""
RIGHT = {"rule": "GCS-02", "resource": "eu", "reason": "a public data set of the city", "expires": "2026-12-24"}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("groundplan.core.clock.today", lambda: "2026-11-21")
    (tmp_path / "list.json").write_text(LIST)
    return tmp_path


def exempt(cwd: Path, *entries: dict[str, str]) -> Path:
    (cwd / "exemptions.yaml").write_text("".join(ONE.format(**{**RIGHT, **one}) for one in entries))
    return cwd


def document(cwd: Path, *words: str, code: int = 0) -> dict[str, Any]:
    only = ("--input", "list.json", "--only", "GCS-02", "--format", "json")
    result = call("check", *only, *words, cwd=cwd)
    assert (result.returncode, result.stderr) == (code, "")
    return json.loads(result.stdout)


def told(cwd: Path, *words: str) -> list[tuple[str, str, str]]:
    return [(one["where"], one["message"], one["hint"]) for one in document(cwd, *words, code=2)["errors"]]


def test_a_file_of_exemptions_covers_what_it_names(place: Path) -> None:
    found = document(exempt(place, {}), "--exemptions", "exemptions.yaml", code=5)["data"]["findings"]

    assert [(one["name"], one["status"]) for one in found] == [("us", "open"), ("eu", "exempted")]
    assert found[1]["exemption"]["where"] == "exemptions.yaml:1:3"


def test_it_stands_besides_the_exemptions_of_the_config(place: Path) -> None:
    config = ONE.format(**{**RIGHT, "resource": "us"}).replace("\n", "\n    ")
    (place / "groundplan.yaml").write_text(f"project: churn\nplatform: local\npolicies:\n  exemptions:\n    {config}")

    data = document(exempt(place, {}), "--exemptions", "exemptions.yaml")["data"]

    assert sorted(one["exemption"]["where"] for one in data["findings"]) == [
        "exemptions.yaml:1:3",
        "groundplan.yaml:5:13",
    ]


def test_an_expired_one_brings_the_finding_back_and_an_unused_one_is_a_warning(place: Path) -> None:
    exempt(place, {"expires": "2026-11-20"}, {"resource": "asia"})

    found = document(place, "--exemptions", "exemptions.yaml", code=5)

    expired = [(one["name"], one["expired_exemption"] is not None) for one in found["data"]["findings"]]
    assert expired == [("eu", True), ("us", False)]
    assert found["warnings"] == ["the exemption of GCS-02 for asia covers nothing (exemptions.yaml:6:3)"]


def test_everything_wrong_with_exemptions_is_told_at_once_with_its_line(place: Path) -> None:
    exempt(place, {"rule": "GCS-2"}, {"resource": '"*"'}, {"expires": "2027-11-21"}, {"expires": "2026-02-30"})

    assert told(place, "--exemptions", "exemptions.yaml") == [
        ("exemptions.yaml:1:9", "there is no rule 'GCS-2'", "Did you mean 'GCS-02'?"),
        ("exemptions.yaml:7:13", "the exemption of GCS-02 is for everything",
         "Name the resource; * stands for a part of a name. For a whole rule there is policies.levels."),
        ("exemptions.yaml:15:12", "the exemption of GCS-02 ends more than 90 days ahead",
         'The latest day is "2027-02-19".'),
        ("exemptions.yaml:20:12", "'2026-02-30' is no day", 'Write it as "2027-01-31".'),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("- ruel: GCS-02\n", "exemptions.yaml:1:3", "there is no key 'ruel' in policies.exemptions.0"),
        ("rule: GCS-02\n", "exemptions.yaml:1:1", "a file of exemptions is a list"),
        ("- rule: [\n", "exemptions.yaml:2:1", "a bracket is not closed, or a comma is missing"),
    ],
)
def test_a_file_that_holds_no_exemptions_is_told(place: Path, text: str, where: str, message: str) -> None:
    (place / "exemptions.yaml").write_text(text)

    assert (where, message) in [one[:2] for one in told(place, "--exemptions", "exemptions.yaml")]


def test_an_empty_file_of_exemptions_exempts_nothing(place: Path) -> None:
    (place / "exemptions.yaml").write_text("# none yet\n")

    assert document(place, "--exemptions", "exemptions.yaml", code=5)["warnings"] == []


@pytest.mark.parametrize("option", ["--exemptions", "--policies"])
def test_a_file_that_is_not_there_is_told(place: Path, option: str) -> None:
    result = call("check", "--input", "list.json", option, "none.yaml", cwd=place)

    assert (result.returncode, "there is no file none.yaml" in result.stderr) == (6, True)


def test_a_file_of_policies_says_packs_levels_and_exemptions_without_a_project(place: Path) -> None:
    entry = ONE.format(**RIGHT).replace("\n", "\n    ")
    (place / "p.yaml").write_text(
        f"policies:\n  packs: [gdpr]\n  levels: {{GCS-02: advise}}\n  exemptions:\n    {entry}"
    )

    data = document(place, "--policies", "p.yaml")["data"]
    everything = json.loads(
        call("check", "--input", "list.json", "--policies", "p.yaml", "--format", "json", cwd=place).stdout
    )

    assert [(one["name"], one["level"], one["status"]) for one in data["findings"]] == [
        ("us", "advise", "open"), ("eu", "advise", "exempted"),
    ]  # fmt: skip
    assert {"GCS-02"} < {one["id"] for one in everything["data"]["rules"]}
    assert all("gdpr" in one["packs"] or one["id"] == "GCS-02" for one in everything["data"]["rules"])


def test_what_a_file_of_policies_says_wrongly_is_told_with_its_line(place: Path) -> None:
    (place / "p.yaml").write_text("policies:\n  packs: [hardend]\n  levels: {GCS-2: off}\n")
    (place / "q.yaml").write_text("policies:\n  levels: {GCS-02: of}\npolicy: 1\n")

    assert told(place, "--policies", "p.yaml") == [
        ("p.yaml:2:11", "there is no pack 'hardend'", "Did you mean 'hardened'?"),
        ("p.yaml:3:19", "there is no rule 'GCS-2'", "Did you mean 'GCS-02'?"),
    ]
    assert [one[0] for one in told(place, "--policies", "q.yaml")] == ["q.yaml:2:20", "q.yaml:3:1"]


def preview(cwd: Path) -> Path:
    urn = "urn:pulumi:dev::shop::gcp:storage/bucket:Bucket::data"
    inputs = {"publicAccessPrevention": "enforced"}
    new = {"urn": urn, "type": "gcp:storage/bucket:Bucket", "custom": True, "inputs": inputs}
    read = {**new, "urn": f"{urn}-2", "external": True}
    steps = [{"op": "create", "urn": urn, "newState": new}, {"op": "read", "urn": read["urn"], "newState": read}]
    (cwd / "list.json").write_text(json.dumps({"steps": steps, "changeSummary": {"create": 1, "same": 3}}))
    return cwd


def test_a_report_says_what_was_judged_and_what_may_be_missing(place: Path) -> None:
    found = document(preview(place))

    assert found["data"]["source"] == {
        "file": "list.json", "format": "pulumi preview", "project": "shop", "stacks": ["dev"], "skipped": {"read": 1},
        "unseen": 3,
    }  # fmt: skip
    unseen, read = found["warnings"]
    assert unseen == (
        "3 resources stay as they are and are not in list.json, so they are not judged, and a rule about several "
        "resources may miss one; pulumi preview --json --show-sames shows them"
    )
    assert read == "1 resources are read only, not made by this program; they are not judged"


def test_people_read_which_format_a_file_has(place: Path) -> None:
    result = call("check", "--input", "list.json", "--only", "GCS-02", cwd=preview(place))

    assert "list.json: pulumi preview of dev; besides its resources 1 read\n" in result.stderr


def test_the_source_of_a_projects_own_check_is_its_config(tmp_path: Path) -> None:
    (tmp_path / "groundplan.yaml").write_text("project: churn\nplatform: local\nenvironments: {dev: , prod: }\n")

    result = call("check", "--only", "MLG-001", "--fail-on", "never", "--format", "json", cwd=tmp_path)
    source = json.loads(result.stdout)["data"]["source"]

    assert (source["file"], source["format"], source["project"]) == ("groundplan.yaml", "groundplan.yaml", "churn")
    assert source["stacks"] == ["shared", "dev", "prod"]


TWO = """[
 {"type": "gcp:storage/bucket:Bucket", "name": "eu", "environment": "dev"},
 {"type": "gcp:storage/bucket:Bucket", "name": "us", "environment": "prod"}
]"""


def test_an_exemption_in_an_environment_that_is_left_out_is_not_called_unused(place: Path) -> None:
    (place / "list.json").write_text(TWO)
    exempt(place, {"resource": "us"})

    found = document(place, "--exemptions", "exemptions.yaml", "--environment", "dev", code=5)

    assert ([one["name"] for one in found["data"]["findings"]], found["warnings"]) == (["eu"], [])


def test_an_environment_that_the_file_does_not_have_is_an_error_and_no_pass(place: Path) -> None:
    (place / "list.json").write_text(TWO)

    errors = document(place, "--environment", "pord", code=6)["errors"]

    assert [(one["message"], one["hint"]) for one in errors] == [
        ("there is no environment 'pord'", "Did you mean 'prod'?")
    ]


@pytest.mark.parametrize(
    ("id", "hint"),
    [
        ("gcs-2", "Did you mean 'GCS-02'?"),
        ("CKV_AZURE_1444", "Did you mean 'CKV_AZURE_144'?"),
        ("nobody's", "groundplan policies list shows the rules, groundplan policies coverage the published ones."),
    ],
)
def test_a_rule_that_there_is_not_leads_to_the_one_that_is_meant(place: Path, id: str, hint: str) -> None:
    assert [one["hint"] for one in document(place, "--only", id, code=6)["errors"]] == [hint]


def test_a_level_for_a_published_rule_leads_to_the_rule_that_answers_it(place: Path) -> None:
    (place / "policies.yaml").write_text("policies: {levels: {CKV_AZURE_144: off}}\n")

    assert [hint for _where, _message, hint in told(place, "--policies", "policies.yaml")] == [
        "AML-01 answers it: write that."
    ]
