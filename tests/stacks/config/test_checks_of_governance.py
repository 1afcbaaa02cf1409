"""What is wrong with a governance section whose types are right. Proves nothing of what rules make of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from groundplan.core.errors import ConfigError
from groundplan.stacks.config.checks_of_governance import governance_files
from groundplan.stacks.config.reading import read

TWO_LINES = "project: churn\nplatform: local\n"
A_DIGEST = "a digest such as sha256: and 64 hexadecimal digits"
A_TIER = "one of minimal, limited, high, prohibited"


def problems(folder: Path, text: str) -> list[tuple[str, str]]:
    (folder / "groundplan.yaml").write_text(TWO_LINES + text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read(folder)
    return [(one.where.rpartition("groundplan.yaml:")[2], one.message) for one in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("governance: {assessments: [{type: DPIA, id: D-1, approved: '2026-02-30', next_review: '2027-01-31'}]}\n",
         [("3:60", "2026-02-30 is no day of the calendar")]),
        ("governance: {assessments: [{type: DPIA, id: D-1, approved: '2026-05-01', next_review: '2026-05-01'}]}\n",
         [("3:87", "the assessment D-1 is to be reviewed before it was approved")]),
        ("governance: {inventory: systems.yaml}\n", [("3:25", "the inventory is no .json file")]),
        ("governance: {documents: {technical: ../docs.md}}\n",
         [("3:37", "the path '../docs.md' leaves its folder with '..'")]),
        ("models: {churn: {retirement: '2027-13-01'}}\n", [("3:30", "2027-13-01 is no day of the calendar")]),
        ("models: {churn: {attestations: /tmp/a.jsonl}}\n", [("3:32", "the path '/tmp/a.jsonl' is not relative")]),
        ("data: {sources: {main: {path: a.csv, digest: 'md5:1'}}}\n",
         [("3:46", f"data.sources.main.digest: expected {A_DIGEST}; got the text 'md5:1'")]),
        ("governance: {risk_tier: unacceptable}\n",
         [("3:25", f"governance.risk_tier: expected {A_TIER}; got the text 'unacceptable'")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, expected: list[tuple[str, str]]) -> None:
    assert problems(tmp_path, text) == expected


def test_the_files_that_rules_read_are_those_that_the_config_names(tmp_path: Path) -> None:
    text = (
        "governance: {documents: {technical: docs/a.md}, inventory: systems.json}\n"
        "models: {churn: {attestations: a.jsonl}}\n"
        "endpoints: {churn: {runbook: docs/run.md}, web: {model: churn, runbook: 'https://wiki.example.com/churn'}}\n"
        f"data: {{sources: {{main: {{path: a.csv, digest: 'sha256:{'0a' * 32}', classification: restricted}}}}}}\n"
    )
    (tmp_path / "groundplan.yaml").write_text(TWO_LINES + text, encoding="utf-8")

    assert list(governance_files(read(tmp_path).config)) == [
        (("governance", "documents", "technical"), "docs/a.md"),
        (("governance", "inventory"), "systems.json"),
        (("models", "churn", "attestations"), "a.jsonl"),
        (("endpoints", "churn", "runbook"), "docs/run.md"),
    ]
