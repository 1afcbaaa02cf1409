"""For each production endpoint it is known who is called, and what they do.

What: in production each endpoint has ``oncall`` and ``runbook``; a runbook that is a file of the project is there and
not empty. An address is taken as it is.

Why: at three in the morning somebody who did not build it must find out within minutes what to do.

Fix: write ``endpoints.<name>.oncall`` and ``endpoints.<name>.runbook`` in groundplan.yaml.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import text
from ..rule import ConfigRule, Example, Facts, Said, Severity


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    if config.tier != "production":
        return not_applicable("it is asked of production")
    return [one for name in config.section("endpoints") for one in _of(config, name)] or not_applicable("no endpoint")


def _of(config: ProjectConfig, name: str) -> Iterator[Outcome]:
    path = f"endpoints.{name}.oncall"
    yield passed(path, text(config, path)) if text(config, path) else failed(path, "nobody", "who is called")
    path = f"endpoints.{name}.runbook"
    runbook = text(config, path)
    if not runbook:
        yield failed(path, "none", "a file of the project, or an address")
    elif not runbook.startswith("https://") and not (config.files.get(runbook) or "").strip():
        yield failed(path, f"{runbook}, which is not there or empty", "a file of the project")
    else:
        yield passed(path, runbook)


def _config(**endpoint: str) -> Mapping[str, object]:
    return {"endpoints": {"churn": {"oncall": "oncall@example.com", **endpoint}}}


RULE = ConfigRule(
    id="MLG-034",
    title="Incident contact and runbook per endpoint",
    severity=Severity.MEDIUM,
    check=_check,
    relates_to=("EU-AI-Act 73", "EU-AI-Act 26(5)", "NIST-AI-RMF MANAGE 4.3", "ISO-42001 A.8.4"),
    packs=("governance",),
    remedy="endpoints: {churn: {oncall: oncall@example.com, runbook: docs/runbook.md}}",
    failing=(
        Example(name="nobody", config=_config(oncall="", runbook="https://wiki.example.com/churn")),
        Example(name="no runbook", config=_config()),
        Example(name="one that is not there", config=_config(runbook="docs/run.md"), files={"docs/run.md": None}),
    ),
    passing=(
        Example(name="a file", config=_config(runbook="docs/run.md"), files={"docs/run.md": "# First\n"}),
        Example(name="an address", config=_config(runbook="https://wiki.example.com/churn")),
    ),
)
