"""The foundation: services that stay on, agents, audit logs, logs that are kept. Not proved: what Google then logs."""

from __future__ import annotations

import pytest

from google_stack import NUMBER, PROJECT, REGION, Made


def test_services_are_switched_on_and_stay_on(default: Made) -> None:
    assert default.inputs("foundation-aiplatform") == {
        "project": PROJECT,
        "service": "aiplatform.googleapis.com",
        "disableOnDestroy": False,
        "disableDependentServices": False,
    }


def test_every_resource_waits_for_the_services(default: Made) -> None:
    services = set(default.names("foundation-"))
    waiting = {
        name: {urn.rpartition("::")[2] for urn in one.dependencies}
        for name, one in default.by_name.items()
        if not name.startswith("foundation-") and name != "online"
    }
    direct = {name for name, of in waiting.items() if of & services}
    through_others = {name for name, of in waiting.items() if of and not of & services}

    assert set(waiting) == direct | through_others
    assert {name for name in through_others if not waiting[name] & (direct | through_others)} == set()


@pytest.mark.parametrize("service", ["aiplatform", "cloudkms", "iam", "storage", "sts"])
def test_reads_and_writes_of_data_are_logged_also_after_the_stack_is_gone(default: Made, service: str) -> None:
    made = default[f"foundation-{service}-audit"]

    assert made.properties == {
        "project": PROJECT,
        "service": f"{service}.googleapis.com",
        "auditLogConfigs": [{"logType": "ADMIN_READ"}, {"logType": "DATA_READ"}, {"logType": "DATA_WRITE"}],
    }
    assert made.retain_on_delete


def test_logs_are_kept_in_the_region_for_as_long_as_asked(default: Made) -> None:
    assert default.inputs("foundation-logs") == {
        "project": PROJECT,
        "location": REGION,
        "bucketId": "churn-dev",
        "description": "Audit logs and logs of the platform: churn dev",
        "retentionDays": 90,
        "enableAnalytics": True,
    }
    assert default.inputs("foundation-sink") == {
        "project": PROJECT,
        "name": "churn-dev",
        "description": "Fills the log bucket of the same name",
        "destination": f"logging.googleapis.com/projects/{PROJECT}/locations/{REGION}/buckets/churn-dev",
        "filter": 'log_id("cloudaudit.googleapis.com/activity") OR log_id("cloudaudit.googleapis.com/data_access") OR '
        'log_id("cloudaudit.googleapis.com/policy") OR resource.type:"aiplatform.googleapis.com/" OR '
        'resource.type="ml_job"',
        "uniqueWriterIdentity": True,
    }


def test_production_protects_its_logs(default: Made, hardened: Made) -> None:
    assert (default["foundation-logs"].protect, hardened["foundation-logs"].protect) == (False, True)


def test_agents_are_named_by_the_projects_number(hardened: Made) -> None:
    members = {name: hardened.inputs(name)["member"] for name in hardened.names("") if "-key-" in name}

    assert members == {
        "storage-key-bigquery": f"serviceAccount:bq-{NUMBER}@bigquery-encryption.iam.gserviceaccount.com",
        "storage-key-storage": f"serviceAccount:service-{NUMBER}@gs-project-accounts.iam.gserviceaccount.com",
        "workspace-key-aiplatform": f"serviceAccount:service-{NUMBER}@gcp-sa-aiplatform.iam.gserviceaccount.com",
        "workspace-key-compute": f"serviceAccount:service-{NUMBER}@compute-system.iam.gserviceaccount.com",
        "workspace-key-notebooks": f"serviceAccount:service-{NUMBER}@gcp-sa-notebooks.iam.gserviceaccount.com",
    }


def test_without_a_number_agents_are_told_from_the_address_of_vertex_ais_own(joined: Made) -> None:
    found = joined["storage-key-bigquery"].property_dependencies["member"]

    assert [urn.rpartition("::")[2] for urn in found] == ["foundation-aiplatform-agent"]
