"""What may be deployed, decided against a registry and endpoints that only note what they are told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from groundplan.core import clock
from groundplan.core.errors import GateFailedError, NotFoundError, StoreCorruptedError
from groundplan.lifecycle import deployment
from groundplan.lifecycle.contract.deployment import Deployment, EndpointSettings, EndpointState, ServedModel
from groundplan.lifecycle.contract.evidence import Check, Evidence, Verdict
from groundplan.lifecycle.contract.model import Lineage, ModelPlan, ModelVersion, Override
from groundplan.lifecycle.contract.pipeline import StepInput
from groundplan.lifecycle.contract.rubric import Rubric

if TYPE_CHECKING:
    from groundplan.lifecycle.contract.platform import Platform

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DIGEST = "sha256:" + "a" * 64

PLAN = ModelPlan(
    name="churn", pipeline="train", task="classification", target="left",
    model_output=StepInput(step="train", output="model"), test_output=StepInput(step="prepare", output="test"),
    rubrics={
        name: Rubric(environment=name, metrics={}, max_age_seconds=86400) for name in ("dev", "staging", "production")
    },
)  # fmt: skip

EVIDENCE = Evidence(
    model="churn", task="classification", model_digest=DIGEST, data_digest="", rows=10, metrics={},
    made=clock.to_text(NOW - timedelta(hours=1)), code_version="", groundplan_version="",
)  # fmt: skip

FAILED = Verdict(environment="dev", checks=(Check(name="accuracy", expected="≥ 0.9", found="0.5", passed=False),))


def _version(number: int = 1, **changes: Any) -> ModelVersion:
    made = ModelVersion(
        name="churn", version=number, stage="dev", status="registered", digest=DIGEST, path=Path("/models/churn"),
        created="", evidence=EVIDENCE, verdict=Verdict(environment="dev"), trusted_types=("numpy.dtype",),
        lineage=Lineage(run_id="", pipeline="", data={}, commit="", dirty=False, code_digest="", config_digest=""),
    )  # fmt: skip
    return replace(made, **changes)


@dataclass
class _Platform:
    versions: Sequence[ModelVersion]
    tampered: bool = False
    audited: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    deployed: list[ServedModel] = field(default_factory=list[ServedModel])

    @property
    def models(self) -> _Platform:
        return self

    @property
    def endpoints(self) -> _Platform:
        return self

    def list(self, name: str) -> Sequence[ModelVersion]:
        return self.versions

    def verify(self, version: ModelVersion) -> None:
        if self.tampered:
            raise StoreCorruptedError("changed")

    def audit(self, **entry: object) -> None:
        self.audited.append(entry)

    def deploy(self, settings: EndpointSettings, served: ServedModel, *, who: str) -> EndpointState:
        self.deployed.append(served)
        made = Deployment(
            settings=settings, served=served, previous=None, port=8080, deployed=clock.to_text(NOW), deployed_by=who
        )
        return EndpointState(deployment=made, health="ready", pid=1)


def _deploy(platform: _Platform, environment: str = "dev") -> EndpointState:
    settings = EndpointSettings(name="churn", environment=environment, model="churn")
    return deployment.deploy(cast("Platform", platform), PLAN, settings, who="ada", now=NOW)


def test_the_stages_version_is_served_and_logged() -> None:
    platform = _Platform([_version()])

    state = _deploy(platform)

    assert platform.deployed == [
        ServedModel(name="churn", version=1, digest=DIGEST, path=Path("/models/churn"), task="classification",
                    trusted_types=("numpy.dtype",))
    ]  # fmt: skip
    assert platform.audited == [
        {
            "who": "ada", "action": "deploy", "model": "churn", "version": 1, "environment": "dev", "reason": "",
            "details": {
                "endpoint": "churn", "url": "http://127.0.0.1:8080", "digest": DIGEST, "previous_version": None
            },
        }
    ]  # fmt: skip
    assert state.health == "ready"


def test_without_an_environment_the_furthest_that_has_a_model_is_meant() -> None:
    versions = [_version(3, stage=None), _version(2, stage="dev"), _version(1, stage="staging")]

    assert deployment.stage_version(versions, PLAN).version == 1
    assert deployment.stage_version(versions, PLAN, "dev").version == 2


@pytest.mark.parametrize(
    ("environment", "hint"),
    [(None, "groundplan models promote churn"), ("production", "groundplan models promote churn --to production")],
)
def test_an_empty_stage_says_how_to_fill_it(environment: str | None, hint: str) -> None:
    with pytest.raises(NotFoundError) as missing:
        deployment.stage_version([_version(stage=None)], PLAN, environment)

    assert missing.value.hint == hint


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"evidence": None}, "churn version 1 has no evidence"),
        ({"evidence": replace(EVIDENCE, model_digest="sha256:b")}, "is of another model"),
        ({"evidence": replace(EVIDENCE, made=clock.to_text(NOW - timedelta(hours=25)))}, "25 h 00 min old; dev takes"),
        ({"evidence": replace(EVIDENCE, made=clock.to_text(NOW + timedelta(hours=1)))}, "is from the future"),
        ({"verdict": None}, "has not passed the gate of dev"),
        ({"verdict": FAILED}, "has not passed the gate of dev"),
        ({"verdict": Verdict(environment="staging")}, "has not passed the gate of dev"),
        (
            {"verdict": FAILED,
             "overrides": (Override(person="eve", reason="trust me", environment="staging", when=""),)},
            "has not passed the gate of dev",
        ),
    ],
)  # fmt: skip
def test_without_evidence_that_stands_nothing_is_deployed(changes: dict[str, Any], message: str) -> None:
    platform = _Platform([_version(**changes)])

    with pytest.raises(GateFailedError, match=message):
        _deploy(platform)

    assert platform.deployed == platform.audited == []


def test_an_override_for_the_environment_lets_it_pass_and_shows() -> None:
    override = Override(person="eve", reason="demo day", environment="dev", when="")
    platform = _Platform([_version(verdict=FAILED, overrides=(override,))])

    state = _deploy(platform)

    assert state.deployment.served.override == "eve: demo day"
    assert platform.audited[0]["reason"] == "override by eve: demo day"


def test_a_model_changed_on_disk_is_not_deployed() -> None:
    platform = _Platform([_version()], tampered=True)

    with pytest.raises(StoreCorruptedError):
        _deploy(platform)

    assert platform.deployed == platform.audited == []
