"""The risk tier of the system is declared.

What: ``governance.risk_tier`` is minimal, limited or high. In production somebody wrote it down; a default is not a
declaration. A system that is prohibited is never deployed.

Why: how much documentation, oversight and evaluation a system needs depends on its risk, and so do other rules.

Fix: write ``governance.risk_tier`` in groundplan.yaml, after reading Annex III of the EU AI Act.
"""

from ..config import ProjectConfig
from ..outcome import failed, not_applicable, passed
from ..rule import ConfigRule, Example, Facts, Said, Severity

KEY = "governance.risk_tier"


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    tier = config.get(KEY)
    if tier == "prohibited":
        return failed(KEY, tier, "a system that may be deployed")
    if config.declared(KEY):
        return passed(KEY, tier)
    if config.tier != "production":
        return not_applicable("it need not be declared before production")
    return failed(KEY, "not declared", "minimal, limited or high, written down")


RULE = ConfigRule(
    id="MLG-021",
    title="AI system risk tier declared",
    severity=Severity.CRITICAL,
    check=_check,
    relates_to=(
        "EU-AI-Act 5",
        "EU-AI-Act 6",
        "EU-AI-Act Annex III",
        "NIST-AI-RMF MAP 1.1",
        "NIST-AI-RMF MAP 5.1",
        "ISO-42001 6.1.2",
        "ISO-42001 6.1.4",
        "ISO-42001 A.5.2",
    ),
    packs=("governance",),
    remedy="governance.risk_tier: limited",
    failing=(
        Example(name="only the default", config={"governance": {"risk_tier": "limited"}}, defaults=["governance"]),
        Example(name="prohibited", config={"governance": {"risk_tier": "prohibited"}}, environment="dev"),
    ),
    passing=(Example(name="declared", config={"governance": {"risk_tier": "high"}}),),
)
