"""Custom rules on the command line: who must say yes, and what happens when a rule is none, breaks or hangs.

Their process is proved in tests/policies/test_custom_rules.py.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from groundplan.policies.custom.process import Limits

from custom_rules import folder, rule
from terminal import call

LIST = """[
 {"type": "gcp:storage/bucket:Bucket", "name": "eu", "properties": {"location": "EU"}},
 {"type": "gcp:storage/bucket:Bucket", "name": "us", "properties": {"location": "US"}}
]"""
IN_EUROPE = rule("T-01", 'return equals("location", "EU")(resource, facts)')


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with two buckets and a rule of its own, which one of them breaks."""
    (tmp_path / "list.json").write_text(LIST)
    folder(tmp_path / "rules", {"t_01.py": IN_EUROPE})
    return tmp_path


def document(cwd: Path, *words: str, code: int = 0) -> dict[str, Any]:
    result = call(*words, "--format", "json", cwd=cwd)
    assert (result.returncode, result.stderr) == (code, "")
    return json.loads(result.stdout)


def found(cwd: Path, *words: str, code: int = 0) -> list[tuple[str, ...]]:
    data = document(cwd, "check", "--input", "list.json", *words, code=code)["data"]
    return [(one["rule"], one["verdict"], one["level"], one["name"], one["found"]) for one in data["findings"]]


def configured(cwd: Path, policies: str) -> Path:
    (cwd / "groundplan.yaml").write_text(f"project: churn\nplatform: local\n{policies}", encoding="utf-8")
    return cwd


def test_a_folder_that_is_named_is_judged_beside_our_rules(place: Path) -> None:
    said = found(place, "--rules", "rules", "--only", "T-01", "--only", "GCS-02", code=5)

    assert said == [
        ("GCS-02", "fail", "enforce", "eu", "not set, which means inherited"),
        ("GCS-02", "fail", "enforce", "us", "not set, which means inherited"),
        ("T-01", "fail", "enforce", "us", "US"),
    ]


def test_a_folder_that_is_named_is_on_whatever_the_packs(place: Path) -> None:
    rules = [one[0] for one in found(configured(place, "policies: {packs: [gdpr]}\n"), "--rules", "rules", code=5)]

    assert "T-01" in rules
    assert "GCS-02" not in rules


def test_a_config_sets_the_level_of_a_custom_rule(place: Path) -> None:
    configured(place, "policies: {levels: {T-01: advise}}\n")

    assert found(place, "--rules", "rules", "--only", "T-01") == [("T-01", "fail", "advise", "us", "US")]


@pytest.mark.parametrize(
    "words",
    [
        ("check", "--input", "list.json"),
        ("policies", "list"),
        ("policies", "show", "AML-01"),
        ("policies", "explain", "GCS-02", "--input", "list.json"),
        ("policies", "test", "AML-01"),
        ("policies", "coverage"),
    ],
)
def test_folders_of_a_config_are_refused_until_they_are_trusted(place: Path, words: tuple[str, ...]) -> None:
    configured(place, "policies:\n  rules: [rules]\n")
    marker = place / "ran"
    (place / "rules" / "t_01.py").write_text(f"open({str(marker)!r}, 'w').close()\n{IN_EUROPE}")

    told = document(place, *words, code=2)["errors"]

    assert [(one["message"], one["file"], one["line"], one["hint"]) for one in told] == [
        (
            "rules are programs, and those in rules run only for who trusts them",
            "groundplan.yaml",
            4,
            "Look at them, then add --trust-rules.",
        )
    ]
    assert not marker.exists()


def test_folders_of_a_config_are_judged_when_they_are_trusted_seen_from_the_config(place: Path) -> None:
    configured(place, "policies:\n  rules: [rules]\n  packs: [gdpr]\n")
    below = place / "below"
    below.mkdir()
    (below / "list.json").write_text(LIST)

    assert found(below, "--trust-rules", "--only", "T-01", code=5) == [("T-01", "fail", "enforce", "us", "US")]


def test_every_command_of_the_catalogue_knows_them(place: Path) -> None:
    given = ("--rules", "rules")

    listed = document(place, "policies", "list", "--pack", "all", *given)["data"]["rules"]
    shown = document(place, "policies", "show", "T-01", *given)["data"]["rules"]
    explained = document(place, "policies", "explain", "T-01", "--input", "list.json", *given)["data"]["verdicts"]
    tested = document(place, "policies", "test", "T-01", *given)["data"]
    beyond = document(place, "policies", "coverage", *given)["data"]["beyond"]

    assert [one["origin"] for one in listed if one["id"] == "T-01"] == ["rules"]
    assert shown[0]["manual"]["why"] == "a test asks for it."
    assert [(one["name"], one["verdict"]) for one in explained] == [("us", "fail"), ("eu", "pass")]
    assert (tested["rules"], tested["broken"]) == (1, 0)
    assert "T-01" in beyond


def test_what_new_writes_passes_the_commands_that_it_names_next(tmp_path: Path) -> None:
    made = document(
        tmp_path, "policies", "new", "ACME-01", "--title", "An owner", "--type", "gcp:storage/bucket:Bucket"
    )

    assert made["next"] == [
        "groundplan policies test ACME-01 --rules rules", "groundplan check --only ACME-01 --rules rules",
    ]  # fmt: skip
    assert document(tmp_path, *made["next"][0].split()[1:])["data"]["broken"] == 0


def test_files_that_are_no_rules_and_ids_that_are_taken_are_told_at_once(place: Path) -> None:
    more = {"a.py": rule("AML-01", "return PASS"), "b.py": rule("T-01", "return PASS"), "c.py": "raise SystemExit(0)\n"}
    for name, text in more.items():
        (place / "rules" / name).write_text(text)

    told = document(place, "check", "--input", "list.json", "--rules", "rules", "--rules", "none", code=2)["errors"]

    assert [(one["where"], one["message"]) for one in told] == [
        ("", "the folder of rules none is not there"),
        ("rules/a.py", "the id AML-01 is taken by a rule of groundplan"),
        ("rules/c.py:1", "the rule cannot be loaded: SystemExit: 0"),
        ("rules/t_01.py", "the id T-01 is taken by a rule of rules/b.py"),
    ]


def test_a_rule_that_breaks_hangs_or_prints_is_a_finding_and_blocks(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groundplan.policies.custom.rules.Limits", lambda: Limits(seconds=1.0))
    broken = {
        "t_02.py": rule("T-02", "raise ValueError('broken')"),
        "t_03.py": rule("T-03", "while True: pass"),
        "t_04.py": rule("T-04", "print('{}', flush=True); os.write(1, b'{}'); return PASS"),
    }
    for name, text in broken.items():
        (place / "rules" / name).write_text(text)

    only = [word for id in ("T-01", "T-02", "T-03", "T-04") for word in ("--only", id)]
    said = found(place, "--rules", "rules", *only, code=5)

    assert said == [
        ("T-02", "error", "enforce", "eu", "ValueError: broken"),
        ("T-02", "error", "enforce", "us", "ValueError: broken"),
        ("T-03", "error", "enforce", "eu", "it ran longer than 1 s"),
        ("T-03", "error", "enforce", "us", "it ran longer than 1 s"),
        ("T-01", "fail", "enforce", "us", "US"),
    ]
    assert found(place, "--rules", "rules", "--only", "T-02", "--fail-on", "never") != []


def test_rules_of_installed_packages_are_there_and_their_packs_turn_them_on(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = place / "site"
    own = rule("ACME-1", 'return equals("location", "EU")(resource, facts)', more='packs=("acme",),')
    folder(site / "acme_rules", {"__init__.py": "", "owner.py": own})
    named = "[groundplan.rules]\nowner = acme_rules.owner\n"
    folder(site / "acme-1.0.dist-info", {"METADATA": "Metadata-Version: 2.1\nName: acme\n", "entry_points.txt": named})
    monkeypatch.setattr(sys, "path", [str(site), *sys.path])
    path = {"PYTHONPATH": str(site)}

    def rules(pack: str) -> dict[str, Any]:
        configured(place, f"policies: {{packs: [{pack}]}}\n")
        result = call("check", "--input", "list.json", "--format", "json", cwd=place, env=path)
        return {one["id"]: one["origin"] for one in json.loads(result.stdout)["data"]["rules"]}

    assert rules("acme") == {"ACME-1": "acme"}
    assert "ACME-1" not in rules("baseline")
