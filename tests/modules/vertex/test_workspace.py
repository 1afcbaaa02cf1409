"""The workspace: stores of lineage and training curves, folders, and what a person must do about the default store."""

from __future__ import annotations

import shlex

from google_stack import LABELS, PROJECT, REGION, Made


def test_lineage_and_curves_belong_to_the_environment(default: Made) -> None:
    assert default.inputs("workspace-metadata-store") == {
        "project": PROJECT,
        "region": REGION,
        "name": "churn-dev",
        "description": "Lineage of churn dev",
    }
    assert default.inputs("workspace-tensorboard") == {
        "project": PROJECT,
        "region": REGION,
        "displayName": "churn-dev",
        "description": "Training curves of churn dev",
        "labels": LABELS,
    }


def test_the_artifacts_bucket_has_its_folders(default: Made) -> None:
    bucket = default.inputs("storage-artifacts")["name"]

    assert [default.inputs(name) for name in default.names("workspace-folder-")] == [
        {"bucket": bucket, "name": f"{folder}/", "forceDestroy": False}
        for folder in ("artifacts", "cache", "runs", "staging")
    ]


def test_production_protects_lineage_and_curves(hardened: Made) -> None:
    assert hardened["workspace-metadata-store"].protect
    assert hardened["workspace-tensorboard"].protect


def test_with_a_key_of_ones_own_the_default_store_is_a_step(default: Made, hardened: Made) -> None:
    step = next(one for one in hardened.steps if "metadata store" in one.title)

    assert [one.title for one in default.steps] == []
    assert step.title == "Encrypt the metadata store named default in europe-west4"
    assert shlex.split(step.command)[-1] == (
        "https://europe-west4-aiplatform.googleapis.com/v1/projects/acme-churn/locations/europe-west4/metadataStores"
        "?metadataStoreId=default"
    )
