"""The model card: all of the evidence, overrides first, and no text of people that becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from groundplan.lifecycle import model_card
from groundplan.lifecycle.contract.evidence import DisturbanceValue, FairnessValue, SliceValue
from groundplan.lifecycle.contract.model import AuditEntry, ModelVersion, Override
from hypothesis import given
from hypothesis import strategies as st

from registry_kit import LINEAGE, MODEL, make_comparison, make_evidence, make_plan, make_verdict

VERSION = ModelVersion(
    name=MODEL, version=3, stage="staging", status="registered", digest="sha256:d16e57", path=Path("model"),
    created="2026-01-01T00:00:00.000Z", lineage=LINEAGE,
    evidence=replace(
        make_evidence("sha256:d16e57", made="2026-01-01T00:00:00.000Z"),
        slices=(SliceValue(column="city", value="Bern", metric="f1", measured=0.5, rows=40),),
        fairness=(FairnessValue(column="sex", metric="equalized_odds_difference", measured=0.1, min_rows=30,
                                groups={"f": 50, "m": 40}),),
        disturbances=(DisturbanceValue(kind="noise", amount=0.1, seed=42, metric="f1", measured=0.4, drop=0.1),),
        comparison=replace(make_comparison(0.01), champion_version="2", champion_digest="sha256:c4a"),
        notes=("log_loss: the model gives no probabilities",),
    ),
    verdict=make_verdict("staging"), size_bytes=1_500_000,
)  # fmt: skip
ENTRY = AuditEntry(
    sequence=1, when="2026-01-02T00:00:00.000Z", who="ada", action="promote", model=MODEL, version=3,
    environment="staging", reason="better", details={"approved_by": ["bob"]},
)  # fmt: skip


def test_a_card_tells_everything_that_is_known() -> None:
    plan = make_plan(owner="team-x", description="Who leaves.", intended_use="Calls.", limitations="No children.")

    card = model_card.render(plan, VERSION, [ENTRY, replace(ENTRY, version=2, reason="of another version")])

    for line in (
        "# churn, version 3", "Who leaves.", "Calls.", "No children.", "| Owner | team-x |", "| Stage | staging |",
        "| Digest | `sha256:d16e57` |", "| Size | 1.50 MB |", "| roc_auc | at least 0.8 | 0.9 | passed |",
        "| city | Bern | f1 | 0.5 | 40 |", "| sex | equalized_odds_difference | 0.1 | f: 50, m: 40 |",
        "| noise | 0.1 | f1 | 0.4 | 0.1 |", "- log_loss: the model gives no probabilities",
        "Better by 0.02; with 95 % confidence by at least 0.01 (1000 paired bootstrap resamples).",
        "| Run | `run-1` of pipeline train |", "| Data main | `sha256:da7a` |", "| Commit | `abc123` |",
        "| 2026-01-02T00:00:00.000Z | ada | promote | staging | bob | better |",
        "    groundplan deploy --environment staging",
    ):  # fmt: skip
        assert line in card.splitlines()
    assert "of another version" not in card


def test_a_card_says_what_a_model_must_not_do_and_whom_to_ask_only_where_somebody_wrote_it() -> None:
    plan = make_plan(out_of_scope="Credit.", ethical_considerations="May miss the old.", contact="ml@example.com")

    lines = model_card.render(plan, VERSION, []).splitlines()
    silent = model_card.render(make_plan(), VERSION, [])

    assert "| Contact | ml@example.com |" in lines
    assert lines[lines.index("## Out of scope") : lines.index("## Gate")] == [
        "## Out of scope", "", "Credit.", "", "## Ethical considerations", "", "May miss the old.", "",
    ]  # fmt: skip
    assert "Out of scope" not in silent
    assert "Contact" not in silent


def test_the_same_input_gives_the_same_card() -> None:
    assert model_card.render(make_plan(), VERSION, [ENTRY]) == model_card.render(make_plan(), VERSION, [ENTRY])


def test_an_override_stands_at_the_top() -> None:
    override = Override(person="eve", reason="holiday", environment="staging", when="2026-01-01T00:00:00.000Z",
                        failures=("roc_auc: found 0.7",))  # fmt: skip

    lines = model_card.render(make_plan(), replace(VERSION, overrides=(override,)), []).splitlines()

    assert lines[2:5] == [
        "> **OVERRIDE for staging**: eve let a failed gate pass on 2026-01-01T00:00:00.000Z.",
        "> Reason: holiday.",
        "> Failed: roc_auc: found 0.7.",
    ]


def test_a_version_without_evidence_has_a_card() -> None:
    card = model_card.render(make_plan(), replace(VERSION, evidence=None, verdict=None, stage=None), [])

    assert "Not judged." in card
    assert "    groundplan models promote churn 3" in card.splitlines()


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
        ("[x](http://evil)", "\\[x\\](http://evil)"),
        ("a | b", "a \\| b"),
        ("# title", "\\# title"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("*bold* `code`", "\\*bold\\* \\`code\\`"),
        ("{{ 7 * 7 }}{% raw %}", "{{ 7 \\* 7 }}{% raw %}"),
        ("one\ntwo", "one two"),
    ],
)
def test_people_s_text_is_shown_as_it_is(hostile: str, shown: str) -> None:
    card = model_card.render(make_plan(description=hostile), VERSION, [replace(ENTRY, reason=hostile)])

    assert shown in card.splitlines()
    assert f"| {shown} |" in card


@given(st.text())
def test_no_text_makes_html_or_breaks_a_table(text: str) -> None:
    card = model_card.render(make_plan(owner=text), VERSION, [replace(ENTRY, reason=text)])

    assert not re.search(r"<(?![\s\d=])", card)
    rows = [line for line in card.splitlines() if line.startswith("| 2026-01-02")]
    assert [row.replace("\\\\", "").replace("\\|", "").count("|") for row in rows] == [7]
