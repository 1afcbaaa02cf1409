"""The data that models learn from and are judged on is one version of it.

What: a source with ``uri`` says which version it means: in the address (``/versions/3``, ``azureml:churn:3``), by
``version`` or by ``digest``. Neither an address nor a path holds a wildcard, nor ends in ``latest``; the same of
``dataUri`` of a data version that the plan registers.

Why: with other data the same code makes another model; what was measured can then not be measured again.

Fix: write ``data.sources.<name>.version`` or ``digest`` in groundplan.yaml, or an address that holds the version.

Decided: a file of the project and a data set of scikit-learn are pinned by the commit and the package's version; each
run records their digests as well.
"""

import re
from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import text
from ..rule import ConfigRule, Example, Facts, Said, Severity

DATA = "azure-native:machinelearningservices:DataVersion"
_WILD = re.compile(r"[*?]")
_VERSIONED = re.compile(r"(?i)(.*/versions/|azureml:[^:/]+:|.*@)(?!latest$)[\w.-]+|.*#\d+")


def _check(config: ProjectConfig, facts: Facts) -> Said:
    sources = [_of_source(config, name) for name in config.section("data.sources")]
    return [*sources, *_of_plan(config, facts)] or not_applicable("the config names no data")


def _of_source(config: ProjectConfig, name: str) -> Outcome:
    path = f"data.sources.{name}"
    for key in ("uri", "path"):
        address = text(config, f"{path}.{key}")
        if address and _is_loose(address):
            return failed(f"{path}.{key}", address, "an address of one version, without a wildcard or 'latest'")
    address = text(config, f"{path}.uri")
    said = text(config, f"{path}.digest") or text(config, f"{path}.version")
    if address and not said and not _VERSIONED.fullmatch(address):
        return failed(f"{path}.uri", address, "a version in the address, version or digest")
    return passed(path, said or address or "pinned by the project")


def _of_plan(config: ProjectConfig, facts: Facts) -> Iterator[Outcome]:
    for one in facts.graph.of(DATA):
        address = one.get("properties.dataUri")
        if one.environment == config.environment and isinstance(address, str) and _is_loose(address):
            yield failed("data.sources", f"{one.name}: {address}", "an address of one version, without a wildcard")


def _is_loose(address: str) -> bool:
    return bool(_WILD.search(address)) or address.rstrip("/").lower().endswith(("/latest", "@latest", ":latest"))


def _source(**source: object) -> Mapping[str, object]:
    return {"data": {"sources": {"main": source}}}


RULE = ConfigRule(
    id="MLG-010",
    title="Training and evaluation data versions pinned",
    severity=Severity.HIGH,
    check=_check,
    relates_to=(
        "EU-AI-Act 10(2)",
        "EU-AI-Act 12(1)",
        "NIST-AI-RMF MAP 4.1",
        "NIST-AI-RMF MEASURE 2.1",
        "ISO-42001 A.7.5",
    ),
    packs=("governance",),
    remedy='data: {sources: {main: {uri: "gs://acme/churn.csv", version: "2026-11-01"}}}',
    failing=(
        Example(name="an address alone", config=_source(uri="gs://acme/churn.csv")),
        Example(name="the newest", config=_source(uri="gs://acme/churn/latest/", version="1")),
        Example(name="all there is", config=_source(path="data/*.csv")),
        Example(
            name="a data version of everything",
            config=_source(sklearn="iris"),
            resources=[
                {
                    "type": DATA,
                    "name": "all",
                    "properties": {"properties": {"dataUri": "azureml://datastores/d/paths/*"}},
                }
            ],
        ),
    ),
    passing=(
        Example(name="by its version", config=_source(uri="gs://acme/churn.csv", version="2026-11-01")),
        Example(name="by its digest", config=_source(uri="gs://acme/churn.csv", digest="sha256:" + "0a" * 32)),
        Example(name="by its address", config=_source(uri="azureml:churn:3")),
        Example(name="by a generation of the object", config=_source(uri="gs://acme/churn.csv#1712345678901234")),
        Example(name="a file of the project", config=_source(path="data/churn.csv")),
    ),
)
