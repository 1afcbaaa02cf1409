"""A registered model leads back to the run and the data that made it.

What: the lineage of the version that is there, or on its way there, names its run and the digest of at least one data
set. A model version that the plan registers itself (Azure ML) has ``jobName`` and ``datasets``.

Why: who must explain an answer, or take one person's data out again, starts from the model and must find the data.

Fix: register models by a run (``groundplan run``); give ``jobName`` and ``datasets`` to a ModelVersion of your own.
"""

from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import mapping
from ..rule import ConfigRule, Example, Facts, Said, Severity
from ..values import ABSENT
from ..versions import Version, not_at_hand, versions

REGISTERED = "azure-native:machinelearningservices:ModelVersion"
LINEAGE = "the run and the data that made it"


def _check(config: ProjectConfig, facts: Facts) -> Said:
    found = versions(config)
    judged = [not_at_hand(LINEAGE)] if found is None else [_of_version(one) for one in found]
    return [*judged, *_of_plan(config, facts)] or not_applicable("no version is there")


def _of_version(version: Version) -> Outcome:
    path = f"models.{version.model}"
    if not version.text("lineage.run_id"):
        return failed(path, f"no run is known of {version.name}", LINEAGE)
    if not any(mapping(version.get("lineage.data")).values()):
        return failed(path, f"no data is known of {version.name}", LINEAGE)
    return passed(path, version.name)


def _of_plan(config: ProjectConfig, facts: Facts) -> Iterator[Outcome]:
    for one in facts.graph.of(REGISTERED):
        if one.environment != config.environment:
            continue
        missing = [key for key in ("jobName", "datasets") if one.get(f"properties.{key}") in (ABSENT, "", [], {})]
        if missing:
            yield failed("models", f"{one.name} has no {' and no '.join(missing)}", LINEAGE)
        else:
            yield passed("models", one.name)


_CONFIG: Mapping[str, object] = {"models": {"churn": {}}}
_LINEAGE = {"run_id": "20261120-1", "data": {"main": "sha256:0b"}}


def _known(lineage: object) -> dict[str, Mapping[str, object]]:
    return {"churn": {"version": "3", "lineage": lineage}}


def _registered(properties: Mapping[str, object]) -> list[Mapping[str, object]]:
    return [{"type": REGISTERED, "name": "churn-3", "properties": {"name": "churn", "properties": properties}}]


RULE = ConfigRule(
    id="MLG-012",
    title="Registered model links to its run and data",
    severity=Severity.HIGH,
    scope="evidence",
    check=_check,
    relates_to=("EU-AI-Act 11", "EU-AI-Act Annex IV(2)", "NIST-AI-RMF MAP 4.1", "ISO-42001 A.6.2.3"),
    packs=("governance",),
    failing=(
        Example(name="no run", config=_CONFIG, evidence=_known({**_LINEAGE, "run_id": ""})),
        Example(name="no data", config=_CONFIG, evidence=_known({**_LINEAGE, "data": {}})),
        Example(name="no lineage", config=_CONFIG, evidence=_known(None)),
        Example(
            name="a model version of the plan's own",
            config=_CONFIG,
            evidence={},
            resources=_registered({"modelUri": "azureml://datastores/d/paths/m", "jobName": "job-1"}),
        ),
    ),
    passing=(
        Example(name="both are known", config=_CONFIG, evidence=_known(_LINEAGE)),
        Example(
            name="a model version with job and data",
            config=_CONFIG,
            evidence={},
            resources=_registered({"jobName": "job-1", "datasets": {"main": ["azureml:churn:3"]}}),
        ),
    ),
)
