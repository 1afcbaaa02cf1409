"""What the lifecycle asks Google Cloud permission for is held by those who do it, where they do it.

Not proved: that a permission is enough for a call; what Google's own roles hold was looked up, and may change.
"""

from __future__ import annotations

from collections.abc import Collection

import pytest
from groundplan.lifecycle.contract.need import Need
from groundplan.lifecycle.vertex import needs
from groundplan.modules.contract.context import Tier
from groundplan.modules.vertex import provisioning, roles
from groundplan.modules.vertex.custom_roles import CUSTOM_ROLES
from groundplan.modules.vertex.team import PROMOTING_CI, TEAM, Allowance

_MODELS = {"aiplatform.models.get", "aiplatform.models.list"}
_LOOKS = {*_MODELS, "aiplatform.endpoints.get", "aiplatform.deploymentResourcePools.queryDeployedModels",
          "aiplatform.operations.list", "aiplatform.contexts.get", "aiplatform.datasets.list",
          "aiplatform.pipelineJobs.get", "aiplatform.pipelineJobs.list", "aiplatform.modelMonitoringJobs.list",
          "aiplatform.schedules.list",
          "aiplatform.featureOnlineStores.get", "aiplatform.featureViewSyncs.list",
          *(f"aiplatform.modelMonitors.{verb}" for verb in ("get", "list", "searchModelMonitoringAlerts",
                                                            "searchModelMonitoringStats"))}  # fmt: skip
_WORKS = {
    *_LOOKS, "aiplatform.endpoints.deploy", "aiplatform.endpoints.predict", "aiplatform.endpoints.undeploy",
    "aiplatform.endpoints.update", "aiplatform.models.update", "aiplatform.models.upload",
    *(f"aiplatform.batchPredictionJobs.{verb}" for verb in ("cancel", "create", "get", "list")),
    *(f"aiplatform.contexts.{verb}" for verb in ("addContextChildren", "create", "update")),
    *(f"aiplatform.modelMonitors.{verb}" for verb in ("create", "delete", "update")),
    "aiplatform.modelMonitoringJobs.create", "aiplatform.schedules.create", "aiplatform.schedules.update",
    "aiplatform.datasets.create", "aiplatform.pipelineJobs.cancel", "aiplatform.pipelineJobs.create",
    "aiplatform.featureViews.fetchFeatureValues",
}  # fmt: skip
_READS = {"storage.objects.get", "storage.objects.list"}
_WRITES = {*_READS, "storage.objects.create", "storage.objects.delete"}

OF_GOOGLE = {
    roles.AIPLATFORM_VIEWER: _LOOKS,
    roles.AIPLATFORM_USER: _WORKS,
    roles.VERTEX_ADMIN: _WORKS,
    roles.STORAGE_OBJECT_VIEWER: _READS,
    roles.STORAGE_OBJECT_USER: _WRITES,
    roles.STORAGE_ADMIN: _WRITES,
    roles.MONITORING_VIEWER: {"monitoring.timeSeries.list"},
    roles.MONITORING_EDITOR: {"monitoring.timeSeries.list"},
    roles.LOG_VIEWER: {"logging.logEntries.list"},
    roles.BIGQUERY_JOB_USER: {"bigquery.jobs.create"},
    roles.BIGQUERY_DATA_VIEWER: {"bigquery.tables.get", "bigquery.tables.getData"},
    roles.BIGQUERY_DATA_OWNER: {"bigquery.tables.get", "bigquery.tables.getData"},
}
"""What Google's own roles hold of the permissions that the lifecycle needs, as of August 2026."""

EVERYTHING = {need.work for need in needs.NEEDS}


def lacking(allowed: Allowance, work: str) -> set[tuple[str, str]]:
    """What somebody lacks for a kind of work, and on what."""
    return {(one, need.on) for need in needs.NEEDS if need.work == work for one in _lacking(allowed, need)}


def _lacking(allowed: Allowance, need: Need) -> set[str]:
    if need.on.endswith(" account"):
        return set() if need.on.removesuffix(" account") in allowed.acts_as else set(need.permissions)
    narrower = {
        "artifacts": allowed.artifacts,
        "data": allowed.data,
        "requests": allowed.requests,
        "features": allowed.features,
        "views": (),
        "endpoint": allowed.endpoints,
        "project": (),
    }[need.on]
    given = (*allowed.project, *allowed.custom, *narrower)
    return set(need.permissions) - {one for role in given for one in _held(role)}


def _held(role: str) -> Collection[str]:
    return CUSTOM_ROLES[role].permissions if role in CUSTOM_ROLES else OF_GOOGLE.get(role, ())


@pytest.mark.parametrize(
    ("tier", "works"),
    [
        ("development", EVERYTHING),
        ("staging", EVERYTHING - {needs.SEND_DATA, needs.READ_FEATURES, needs.READ_VIEWS}),
        ("production", {needs.LOOK, needs.READ_RECORDS, needs.PREDICT, needs.FETCH}),
    ],
)
def test_an_ml_engineer_can_do_what_the_tier_lets_them_and_no_more(tier: Tier, works: set[str]) -> None:
    allowed = TEAM["ml-engineer"][tier]

    assert {work: missing for work in works if (missing := lacking(allowed, work))} == {}
    assert {work for work in EVERYTHING if not lacking(allowed, work)} == works


def test_ci_can_do_everything_in_its_environment() -> None:
    ci = Allowance(project=provisioning.PROVISIONS, acts_as=("endpoint", "pipeline"))

    assert {work: missing for work in EVERYTHING if (missing := lacking(ci, work))} == {}


def test_ci_of_a_later_environment_promotes_in_the_first_one_and_registers_nothing_there() -> None:
    assert {work for work in EVERYTHING if not lacking(PROMOTING_CI, work)} == {
        needs.READ_RECORDS, needs.KEEP_RECORDS, needs.FETCH, needs.PROMOTE,
    }  # fmt: skip
