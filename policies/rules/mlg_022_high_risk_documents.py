"""A system of high risk has its documents.

What: where ``governance.risk_tier`` is high, ``governance.documents`` names the technical documentation, the risk
management file, the plan to watch it in use and the quality management, and each of them is a file of the project with
something in it.

Why: the EU AI Act asks for them before such a system is put into service, and who reviews a change must find them
beside it.

Fix: write the documents in the project and name them in ``governance.documents``.

Decided: whether a document was renewed after the last large change of the model is not judged; the day of a file in a
fresh clone says nothing.
"""

from collections.abc import Iterator

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import is_high_risk, text
from ..rule import ConfigRule, Example, Facts, Said, Severity

DOCUMENTS = ("technical", "risk_management", "post_market_monitoring", "quality_management")


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    return list(_of(config)) if is_high_risk(config) else not_applicable("the system is not of high risk")


def _of(config: ProjectConfig) -> Iterator[Outcome]:
    for name in DOCUMENTS:
        path = f"governance.documents.{name}"
        file = text(config, path)
        content = config.files.get(file)
        if not file:
            yield failed(path, "not named", "a file of the project")
        elif content is None:
            yield failed(path, f"{file}, which is not there", "a file of the project")
        elif not content.strip():
            yield failed(path, f"{file}, which is empty", "a document")
        else:
            yield passed(path, file)


_NAMED = {name: f"docs/{name}.md" for name in DOCUMENTS}
_FILES = dict.fromkeys(_NAMED.values(), "# What there is to say\n")
_CONFIG = {"governance": {"risk_tier": "high", "documents": _NAMED}}

RULE = ConfigRule(
    id="MLG-022",
    title="High-risk system has its documents and risk file",
    severity=Severity.CRITICAL,
    check=_check,
    relates_to=("EU-AI-Act 9", "EU-AI-Act 11", "EU-AI-Act 17", "EU-AI-Act 72"),
    packs=("governance",),
    remedy="governance: {documents: {technical: docs/technical.md, risk_management: docs/risks.md}}",
    failing=(
        Example(name="none is named", config={"governance": {"risk_tier": "high", "documents": {}}}),
        Example(name="one is not there", config=_CONFIG, files={**_FILES, "docs/technical.md": None}),
        Example(name="one is empty", config=_CONFIG, files={**_FILES, "docs/risk_management.md": "\n"}),
    ),
    passing=(Example(name="all are there", config=_CONFIG, files=_FILES),),
)
