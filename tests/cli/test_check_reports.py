"""The reports of ``check`` as the systems that read them take them. That a service shows them so is not proved here."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from groundplan.cli.json_text import pieces
from groundplan.cli.output import Output
from groundplan.cli.reports import comment
from groundplan.cli.reports.findings import github, gitlab, junit, markdown, sarif, text
from groundplan.cli.reports.findings.finding import finding_data
from groundplan.cli.reports.findings.lines import lines
from groundplan.policies import checking
from groundplan.policies.catalogue import ours
from groundplan.policies.checking import Check
from groundplan.policies.exemptions import Exemption
from groundplan.policies.finding import Report
from groundplan.policies.graph import Graph
from groundplan.policies.inputs import plain
from groundplan.policies.settings import Settings
from jsonschema import Draft4Validator

ROOT = Path(__file__).parents[2]
WORKSPACE = "azure-native:machinelearningservices:Workspace"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
EXEMPTED = "exempted until 2026-11-30 by ada@example.com: agreed with the owners of the network"
HOSTILE = "ml <script>alert(1)</script> @everyone ]]> ::error:: %0A\x00|\n# x"


def report(*names: str, exempted: str = "", known: bool = False, today: str = "2026-11-21") -> Report:
    """What AML-01 and AML-02 say of these workspaces, the last of which has an unknown property."""
    values = ["Enabled"] * (len(names) - 1) + [UNKNOWN]
    resources = [
        replace(one, where=f"groundplan.yaml:{line}:3" if line <= 3 else "")
        for line, one in enumerate(
            plain.resources(
                [
                    {"type": WORKSPACE, "name": name, "properties": {"publicNetworkAccess": value}}
                    for name, value in zip(names, values, strict=True)
                ],
                environment="prod",
            ),
            start=1,
        )
    ]
    exemption = Exemption(
        rule="AML-01", resource=exempted, reason="agreed with the owners of the network", owner="ada@example.com",
        expires="2026-11-30", today=today,
    )  # fmt: skip
    check = Check(
        rules={id: ours()[id] for id in ("AML-01", "AML-02")},
        graph=Graph(resources),
        settings={"": Settings(exemptions=[exemption] if exempted else [])},
        today=today,
    )
    found = checking.run(check)
    if not known:
        return found
    return checking.run(replace(check, baseline=frozenset(one.fingerprint for one in found.findings)))


def sarif_of(found: Report, *, suppressed: bool = True) -> dict[str, Any]:
    log = json.loads("".join(pieces(sarif.log(found, source="preview.json", suppressed=suppressed))))
    schema = json.loads((ROOT / ".tools" / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8-sig"))
    Draft4Validator(schema).validate(log)  # pyright: ignore[reportUnknownMemberType]
    return log["runs"][0]


def test_sarif_holds_rules_with_help_places_fingerprints_and_kinds() -> None:
    run = sarif_of(report("a", "b"))
    driver, results = run["tool"]["driver"], run["results"]

    assert [(one["ruleId"], one["kind"], one["level"]) for one in results] == [
        ("AML-01", "fail", "error"),
        ("AML-02", "fail", "error"),
        ("AML-02", "fail", "error"),
        ("AML-01", "open", "none"),
    ]
    assert [driver["rules"][one["ruleIndex"]]["id"] for one in results] == [one["ruleId"] for one in results]
    assert driver["rules"][0]["help"]["markdown"].count("CKV_AZURE_144") == 1
    assert results[0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "groundplan.yaml"},
        "region": {"startLine": 1, "startColumn": 3},
    }
    assert len({one["partialFingerprints"][sarif.FINGERPRINT] for one in results}) == 4


def test_sarif_says_what_is_suppressed_and_by_whom_or_leaves_it_out() -> None:
    found = report("a", "b", exempted="a")

    assert [one.get("suppressions") for one in sarif_of(found)["results"] if "suppressions" in one] == [
        [
            {
                "kind": "external",
                "status": "accepted",
                "justification": "ada@example.com, until 2026-11-30: agreed with the owners of the network",
            }
        ]
    ]
    assert [one for one in sarif_of(found, suppressed=False)["results"] if "suppressions" in one] == []


def test_a_finding_without_a_line_stands_in_the_file_that_was_judged() -> None:
    locations = [one["locations"][0] for one in sarif_of(report("a", "b", "c", "d", "e"))["results"]]

    files = {
        one["logicalLocations"][0]["name"]: one["physicalLocation"]["artifactLocation"]["uri"] for one in locations
    }
    assert files == {
        "a": "groundplan.yaml",
        "b": "groundplan.yaml",
        "c": "groundplan.yaml",
        "d": "preview.json",
        "e": "preview.json",
    }


def test_junit_counts_what_it_holds_whatever_the_names() -> None:
    root = ET.fromstring(junit.render(report(HOSTILE, "b", exempted="b")))

    cases = root.findall("testsuite/testcase")
    kinds = [child.tag for case in cases for child in case]
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("4", "3", "1")
    assert (len(cases), sorted(kinds)) == (4, ["failure", "failure", "failure", "skipped"])


def test_a_comment_leads_with_what_blocks_and_lets_no_name_format_mention_or_close_anything() -> None:
    page = markdown.render(report(HOSTILE, "b", exempted="b"))

    assert page.startswith("<!-- groundplan check -->\n## Policy check: 3 findings block")
    assert [one for one in ("<script", "@everyone", "\n# x") if one in page] == []
    assert page.index("### high: AML-01") < page.index("<summary>Exempted (1)")


def test_a_comment_fits_whatever_was_found() -> None:
    page = markdown.render(report(*(f"workspace-{number}" for number in range(3000))))

    assert len(page) <= comment.BUDGET


def test_annotations_stand_on_lines_and_no_name_starts_a_command() -> None:
    lines = github.render(report(HOSTILE, "b"), source="preview.json").splitlines()

    assert len(lines) == 3
    assert lines[0].startswith("::error file=groundplan.yaml,line=1,col=3,title=AML-01 Workspace public")
    assert "%250A" in lines[0]


def test_gitlab_gets_one_entry_for_each_finding_that_is_open_and_an_information_of_what_is_exempted() -> None:
    every = list(gitlab.entries(report("a", "b", exempted="a"), source="preview.json"))
    entries = [one for one in every if one["severity"] != "info"]

    assert [(one["check_name"], one["severity"], one["location"]) for one in entries] == [
        ("AML-02", "critical", {"path": "groundplan.yaml", "lines": {"begin": line}}) for line in (1, 2)
    ]
    assert len({one["fingerprint"] for one in every}) == len(every) == 3
    assert [one["description"] for one in every if one not in entries] == [f"AML-01 prod: a: {EXEMPTED}"]


def test_annotations_tell_all_exemptions_in_one_notice() -> None:
    lines = github.render(report("a", "b", exempted="[ab]"), source="preview.json").splitlines()

    told = f"AML-01 prod: a: {EXEMPTED}%0AAML-01 prod: b: {EXEMPTED}"
    assert [line for line in lines if line.startswith("::notice")] == [f"::notice title=2 exempted::{told}"]
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::error", "::notice"]


def test_what_was_known_before_is_no_annotation() -> None:
    known = report("a", "b", known=True)

    assert (github.render(known, source="x"), list(gitlab.entries(known, source="x"))) == ("", [])


def test_a_line_of_json_says_of_a_finding_what_is_said_of_it_elsewhere() -> None:
    found = [*report(HOSTILE, "b", "c", "d", "e", exempted=HOSTILE).findings, *report("a", "b", known=True).findings]
    expired = replace(found[0], expired=found[0].exemption or next(one.exemption for one in found if one.exemption))

    expected = [json.dumps(finding_data(one), ensure_ascii=False) for one in (expired, *found)]
    assert list(lines([expired, *found])) == expected
    assert {one.status for one in found} == {"open", "exempted", "known"}


@pytest.mark.parametrize(
    ("today", "told"),
    [
        ("2026-11-21", "agreed with the owners of the network"),
        ("2026-12-01", "expired on 2026-11-30"),
    ],
)
def test_every_report_tells_of_an_exemption_and_that_it_has_expired(
    today: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report("a", "b", exempted="a", today=today)
    text.write(Output(), found)
    reports = {
        "text": capsys.readouterr().out,
        "markdown": markdown.render(found),
        "junit": junit.render(found),
        "github": github.render(found, source="x"),
        "gitlab": str(list(gitlab.entries(found, source="x"))),
        "sarif": "".join(pieces(sarif.log(found, source="x"))),
    }

    assert {name for name, one in reports.items() if told not in one} == set()
