"""Storage: what keeps data is never public, versioned, and opened to the environment's own identities only."""

from __future__ import annotations

from groundplan.modules.contract.planned import PlannedResource

from google_stack import LABELS, PROJECT, REGION, Made


def test_a_bucket_is_closed_versioned_and_labelled(default: Made) -> None:
    assert default.inputs("storage-data") == {
        "project": PROJECT,
        "name": default.inputs("storage-data")["name"],
        "location": REGION.upper(),
        "storageClass": "STANDARD",
        "uniformBucketLevelAccess": True,
        "publicAccessPrevention": "enforced",
        "versioning": {"enabled": True},
        "softDeletePolicy": {"retentionDurationSeconds": 604800},
        "lifecycleRules": [
            {"action": {"type": "Delete"}, "condition": {"daysSinceNoncurrentTime": 30, "withState": "ARCHIVED"}}
        ],
        "forceDestroy": False,
        "labels": {**LABELS, "purpose": "data"},
    }


def test_models_stay_while_runs_and_caches_go(default: Made) -> None:
    assert default.inputs("storage-artifacts")["lifecycleRules"] == [
        {"action": {"type": "Delete"}, "condition": {"daysSinceNoncurrentTime": 30, "withState": "ARCHIVED"}},
        {
            "action": {"type": "Delete"},
            "condition": {"age": 30, "matchesPrefixes": ["cache/", "staging/"], "withState": "LIVE"},
        },
        {"action": {"type": "Delete"}, "condition": {"age": 365, "matchesPrefixes": ["runs/"], "withState": "LIVE"}},
    ]


def test_features_stay_and_logged_requests_go(default: Made) -> None:
    features = {
        "project": PROJECT,
        "datasetId": "churn_dev_features",
        "location": REGION,
        "description": "Tables that hold features",
        "maxTimeTravelHours": "168",
        "deleteContentsOnDestroy": False,
        "labels": {**LABELS, "purpose": "features"},
    }
    half_a_year = 15552000000

    assert default.inputs("storage-features") == features
    assert default.inputs("storage-requests") == {
        **features,
        "datasetId": "churn_dev_requests",
        "description": "Requests that endpoints log",
        "defaultTableExpirationMs": half_a_year,
        "defaultPartitionExpirationMs": half_a_year,
        "labels": {**LABELS, "purpose": "requests"},
    }


def test_no_place_for_requests_where_none_are_logged(public: Made) -> None:
    assert "storage-requests" not in public.by_name


def test_production_protects_what_keeps_data(default: Made, hardened: Made) -> None:
    stateful = ("storage-data", "storage-artifacts", "storage-features", "storage-requests")

    assert [hardened[name].protect for name in stateful] == [True] * 4
    assert [default[name].protect for name in stateful] == [False] * 4


def test_agents_that_no_resource_makes_are_a_step_before_the_key_is_used(default: Made, hardened: Made) -> None:
    (step,) = (one for one in hardened.steps if "service agents" in one.title)

    assert default.steps == ()
    assert step.command == (
        "gcloud storage service-agent --project=acme-churn && bq show --encryption_service_account "
        "--project_id=acme-churn"
    )


def test_each_identity_gets_its_work_and_no_more(default: Made) -> None:
    assert {name: _grant(default[name]) for name in default.names("storage-") if "member" in default.inputs(name)} == {
        "storage-pipeline-data": ("<identity-pipeline.member>", "roles/storage.objectUser", "data"),
        "storage-pipeline-artifacts": ("<identity-pipeline.member>", "roles/storage.objectUser", "artifacts"),
        "storage-endpoint-artifacts": ("<identity-endpoint.member>", "roles/storage.objectViewer", "artifacts"),
        "storage-workspace-data": ("<identity-workspace.member>", "roles/storage.objectViewer", "data"),
        "storage-workspace-artifacts": ("<identity-workspace.member>", "roles/storage.objectUser", "artifacts"),
        "storage-pipeline-features": ("<identity-pipeline.member>", "roles/bigquery.dataEditor", "features"),
        "storage-endpoint-features": ("<identity-endpoint.member>", "roles/bigquery.dataViewer", "features"),
        "storage-workspace-features": ("<identity-workspace.member>", "roles/bigquery.dataViewer", "features"),
    }


def _grant(made: PlannedResource) -> tuple[object, object, str]:
    target = str(made.properties.get("bucket") or made.properties["datasetId"])
    purpose = next(one for one in ("data", "artifacts", "features") if one in target.replace("_", "-").split("-"))
    return made.properties["member"], made.properties["role"], purpose
