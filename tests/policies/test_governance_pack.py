"""The rules of the governance pack do not contradict each other: one project meets all that ask about it.

Proves nothing of plans; the rules about resources are held to groundplan's own plans elsewhere.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from groundplan.cli.checking import configs
from groundplan.policies import catalogue, checking
from groundplan.policies.config import Action
from groundplan.policies.outcome import Verdict
from groundplan.policies.rule import ConfigRule
from groundplan.policies.settings import Settings
from groundplan.stacks.config.reading import read_stacks

RULES = {
    id: rule for id, rule in catalogue.ours().items() if isinstance(rule, ConfigRule) and "governance" in rule.packs
}
TODAY = "2026-11-28"
DIGEST = "0a" * 32

CONFIG = """\
project: churn
platform: local
owner: ml@example.com
governance:
  system_id: SYS-1
  risk_tier: high
  personal_data: true
  documents: {technical: a.md, risk_management: a.md, post_market_monitoring: a.md, quality_management: a.md}
  assessments:
    - {type: FRIA, id: F-1, approved: "2026-03-01", next_review: "2027-03-01"}
    - {type: DPIA, id: D-1, approved: "2026-03-01", next_review: "2027-03-01"}
  inventory: systems.json
  user_facing: true
  disclosure: A machine decides.
data: {sources: {main: {path: churn.csv, owner: sales, classification: internal}}}
evaluation:
  metrics: {roc_auc: {min: 0.8}}
  fairness: [{column: age_group, metric: equalized_odds_difference, max: 0.1}]
models:
  churn:
    intended_use: Tells who may leave.
    out_of_scope: Prices.
    limitations: Knows nothing of new customers.
    ethical_considerations: May miss the old.
    source: google/gemma
    licence: Apache-2.0
    approved_by: jo@example.com
    attestations: churn.jsonl
    retirement: "2027-12-31"
endpoints:
  churn: {oncall: oncall@example.com, runbook: a.md, rollout: {strategy: canary}}
retraining: {schedule: "0 4 * * 1", max_age: 30d}
policies:
  exemptions:
    - {rule: STO-11, resource: storage-account, reason: The data must not leave., owner: jo, expires: "2027-01-31"}
environments:
  dev:
  prod: {approval: {approvers: [bob@example.com, eve@example.com]}}
"""

VERSION: Mapping[str, object] = {
    "version": "3",
    "digest": f"sha256:{DIGEST}",
    "created": "2026-11-20T10:00:00Z",
    "author": "ada@example.com",
    "approvals": ("bob@example.com", "eve@example.com"),
    "replaces": "2",
    "overridden": False,
    "evidence": {
        "made": "2026-11-20T10:00:00Z",
        "model_digest": f"sha256:{DIGEST}",
        "data_digest": "sha256:0b",
        "comparison": {"champion_version": "2"},
    },
    "verdict": {"passed": True, "failures": []},
    "lineage": {
        "run_id": "r-1",
        "data": {"main": "sha256:0c"},
        "commit": "4f2a91c",
        "dirty": False,
        "code_digest": "sha256:0d",
    },
    "card": {"text": "# churn, version 3\n"},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    statement = {"subject": [{"name": "churn", "digest": {"sha256": DIGEST}}]}
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    entry = {"owner": "ml@example.com", "risk_tier": "high", "purpose": "Tells who may leave."}
    for name, text in {
        "groundplan.yaml": CONFIG,
        "a.md": "# What there is to say\n",
        "churn.csv": "age,target\n",
        "systems.json": json.dumps({"SYS-1": entry}),
        "churn.jsonl": json.dumps({"payload": payload, "signatures": [{"sig": "x"}]}),
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def said(
    project: Path, *, evidence: Mapping[str, Mapping[str, object]] | None = None, action: Action | None = None
) -> list[tuple[str, Verdict, str]]:
    """What the rules find in production: rule, verdict, path."""
    prod = configs.of_config(read_stacks(project)["prod"], evidence=evidence, action=action)
    check = checking.Check(rules=RULES, configs={"prod": prod}, settings={"": Settings()}, today=TODAY)
    return [(one.rule.id, one.verdict, one.path) for one in checking.run(check).findings]


def test_one_project_meets_them_all(project: Path) -> None:
    assert said(project, evidence={"churn": VERSION}) == []


def test_an_action_is_held_to_the_same(project: Path) -> None:
    given = {key: value for key, value in VERSION.items() if key not in ("version", "digest")}
    action = Action(
        kind="promote",
        model="churn",
        version="3",
        environment="prod",
        digest=f"sha256:{DIGEST}",
        **given,  # pyright: ignore[reportArgumentType]
    )

    assert said(project, action=action) == []


def test_without_a_registry_evidence_is_unknown_and_nothing_fails(project: Path) -> None:
    rules = sorted(id for id, rule in RULES.items() if rule.scope == "evidence")

    assert sorted(said(project)) == [(id, Verdict.UNKNOWN, "models") for id in rules]
