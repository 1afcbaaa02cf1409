"""``groundplan check`` as a user types it, on plans of both clouds. What a cloud enforces itself is not proved here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cloud_configs import AZURE
from terminal import call

EXEMPTION = """
policies:
  packs: [hardened]
  exemptions:
    - rule: %s
      resource: workspace*
      reason: agreed with the owners of the network
      owner: ada@example.com
      expires: "%s"
"""


def project(folder: Path, more: str = "") -> Path:
    (folder / "groundplan.yaml").write_text(f"{AZURE}environments: {{dev: , prod: }}\n{more}", encoding="utf-8")
    return folder


def document(folder: Path, *words: str, code: int = 0) -> dict[str, Any]:
    result = call("check", *words, "--format", "json", cwd=folder)
    assert (result.returncode, result.stderr) == (code, "")
    return json.loads(result.stdout)


def test_a_finding_names_the_rule_the_resource_the_property_and_the_line(tmp_path: Path) -> None:
    found = document(project(tmp_path), "--only", "AML-02", code=5)["data"]["findings"]

    assert [(one["rule"], one["verdict"], one["severity"], one["level"]) for one in found] == [
        ("AML-02", "fail", "high", "enforce"),
        ("AML-02", "fail", "high", "enforce"),
    ]
    assert [(one["environment"], one["type"], one["name"]) for one in found] == [
        (name, "azure-native:machinelearningservices:Workspace", "workspace-workspace") for name in ("dev", "prod")
    ]
    assert found[0]["urn"].startswith("urn:pulumi:dev::churn::")
    assert (found[0]["file"], found[0]["remedy"]) == ("groundplan.yaml", "network.address_space: 10.10.0.0/16")


def test_only_takes_the_id_of_a_published_rule_and_skip_wins(tmp_path: Path) -> None:
    folder = project(tmp_path)

    by_published = document(folder, "--only", "CKV_AZURE_144")["data"]
    skipped = document(folder, "--only", "AML-01", "--only", "AML-02", "--skip", "aml-02")["data"]

    assert [one["id"] for one in by_published["rules"]] == [one["id"] for one in skipped["rules"]] == ["AML-01"]
    assert by_published["summary"]["passed"] == 2


def test_an_enforced_rule_ends_with_5_and_fail_on_moves_that(tmp_path: Path) -> None:
    folder = project(tmp_path)

    codes = {level: call("check", "--only", "AML-02", "--fail-on", level, cwd=folder).returncode for level in (
        "enforced", "critical", "high", "low", "never",
    )}  # fmt: skip

    assert codes == {"enforced": 5, "critical": 0, "high": 5, "low": 5, "never": 0}


def test_an_exemption_covers_until_its_day_and_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundplan.core.clock.today", lambda: "2026-11-21")
    folder = project(tmp_path, EXEMPTION % ("AML-02", "2026-11-30"))

    exempted = document(folder, "--only", "AML-02")["data"]
    monkeypatch.setattr("groundplan.core.clock.today", lambda: "2026-12-01")
    expired = document(folder, "--only", "AML-02", code=5)["data"]["findings"]

    assert [one["status"] for one in exempted["findings"]] == ["exempted", "exempted"]
    assert exempted["findings"][0]["exemption"]["owner"] == "ada@example.com"
    assert [(one["status"], one["expired_exemption"]["expires"]) for one in expired] == [("open", "2026-11-30")] * 2


def test_an_exemption_that_covers_nothing_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groundplan.core.clock.today", lambda: "2026-11-21")

    folder = project(tmp_path, EXEMPTION % ("AML-01", "2026-11-30"))
    warnings = document(folder, "--only", "AML-01")["warnings"]

    assert document(folder, "--only", "AML-01", "--all-verdicts")["warnings"] == warnings
    assert len(warnings) == 1
    assert warnings[0].startswith("the exemption of AML-01 for workspace* covers nothing (groundplan.yaml:")


def test_everything_wrong_with_the_policies_is_told_at_once_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundplan.core.clock.today", lambda: "2026-11-21")
    folder = project(
        tmp_path,
        """policies:
  packs: [hardend]
  levels: {AMLL-01: off}
  settings: {AML-01: {colour: blue}}
  exemptions:
    - {rule: AMLL-02, resource: "*", reason: agreed with the owners of the network, owner: ada, expires: "2027-11-30"}
""",
    )

    result = call("check", "--format", "json", cwd=folder)
    told = [(one["line"], one["message"], one["hint"]) for one in json.loads(result.stdout)["errors"]]

    assert result.returncode == 2
    assert told == [
        (7, "there is no pack 'hardend'", "Did you mean 'hardened'?"),
        (8, "there is no rule 'AMLL-01'", "Did you mean 'AML-01'?"),
        (9, "AML-01 has no setting 'colour'", "groundplan policies show AML-01 lists its settings."),
        (11, "there is no rule 'AMLL-02'", "Did you mean 'AML-02'?"),
        (
            11,
            "the exemption of AMLL-02 is for everything",
            "Name the resource; * stands for a part of a name. For a whole rule there is policies.levels.",
        ),
    ]


def test_a_baseline_hides_what_was_there_but_not_another_value_in_the_same_place(tmp_path: Path) -> None:
    folder = project(tmp_path)
    call("check", "--only", "AML-02", "--write-baseline", "known.json", cwd=folder)

    known = document(folder, "--only", "AML-02", "--baseline", "known.json")["data"]
    entries = json.loads((folder / "known.json").read_text())
    entries["findings"][0]["fingerprint"] = "of another value"
    (folder / "known.json").write_text(json.dumps(entries))
    new = document(folder, "--only", "AML-02", "--baseline", "known.json", code=5)["data"]

    assert [one["status"] for one in known["findings"]] == ["known", "known"]
    assert sorted(one["status"] for one in new["findings"]) == ["known", "open"]


@pytest.mark.parametrize("content", ["", "[]", '{"format": 2, "findings": []}', '{"format": 1}'])
def test_a_file_that_is_no_baseline_is_told(tmp_path: Path, content: str) -> None:
    (project(tmp_path) / "known.json").write_text(content)

    result = call("check", "--only", "AML-01", "--baseline", "known.json", cwd=tmp_path)

    assert (result.returncode, "known.json is no baseline" in result.stderr) == (2, True)


LIST = """
[{"type": "azure-native:storage:StorageAccount", "name": "data", "properties": {"minimumTlsVersion": "TLS1_0"}},
 {"type": "gcp:storage:Bucket", "name": "models",
  "properties": {"publicAccessPrevention": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}},
 {"type": "random:index:RandomId", "name": "suffix", "properties": {}}]
"""


def test_resources_of_others_are_judged_without_a_project(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(LIST)

    found = document(tmp_path, "--input", "list.json", "--only", "CKV_AZURE_44", "--only", "GCS-02", code=5)["data"]

    assert [(one["rule"], one["verdict"], one["name"], one["path"]) for one in found["findings"]] == [
        ("GCS-02", "unknown", "models", "publicAccessPrevention"),
        ("STO-02", "fail", "data", "minimumTlsVersion"),
    ]
    assert (found["resources"], found["unjudged"]) == (3, {"random:index:RandomId": 1})


def test_a_verdict_on_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text(LIST)

    result = call("policies", "explain", "STO-02", "--input", "list.json", cwd=tmp_path)

    assert result.returncode == 0
    assert "found     TLS1_0" in result.stdout


def test_a_project_says_what_its_rules_are_for_a_file_too(tmp_path: Path) -> None:
    (project(tmp_path, "policies: {levels: {STO-02: advise}}\n") / "list.json").write_text(LIST)

    found = document(tmp_path, "--input", "list.json", "--only", "STO-02")["data"]["findings"]

    assert [(one["rule"], one["level"]) for one in found] == [("STO-02", "advise")]
