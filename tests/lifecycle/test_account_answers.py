"""What clouds say of permissions and quota, read: Azure's wildcards, the names under which Google lists its quotas."""

from __future__ import annotations

from typing import Any

import pytest
from google.auth import exceptions as auth
from groundplan.core.errors import AuthenticationError, GroundplanError, ResourceFailedError
from groundplan.lifecycle.azureml.permissions import lacking
from groundplan.lifecycle.contract.account import Asked, Quota
from groundplan.lifecycle.patience import Again
from groundplan.lifecycle.vertex import errors, quotas

WRITE = "Microsoft.Storage/storageAccounts/write"


@pytest.mark.parametrize(
    ("lists", "held"),
    [
        ([], False),
        ([{"actions": ["*"]}], True),
        ([{"actions": ["microsoft.storage/STORAGEACCOUNTS/write"]}], True),
        ([{"actions": ["Microsoft.Storage/*"]}], True),
        ([{"actions": ["Microsoft.Storage/*/write"]}], True),
        ([{"actions": ["*/write"]}], True),
        ([{"actions": ["*/read"]}], False),
        ([{"actions": ["Microsoft.Storage/storageAccounts"]}], False),
        ([{"actions": ["Microsoft.Storage/storageAccounts/writeMore"]}], False),
        ([{"actions": ["Microsoft_Storage/storageAccounts/write"]}], False),
        ([{"actions": ["*"], "notActions": ["Microsoft.Storage/*"]}], False),
        ([{"actions": ["*"], "notActions": ["Microsoft.Storage/*"]}, {"actions": [WRITE]}], True),
        ([{"dataActions": ["*"]}], False),
        ([{"actions": None, "notActions": None}], False),
    ],
)
def test_an_action_is_held_where_one_role_allows_it_and_does_not_take_it_away(
    lists: list[dict[str, Any]], held: bool
) -> None:
    assert lacking([Asked(name=WRITE)], lists) == (() if held else (WRITE,))


def test_actions_on_contents_are_lists_of_their_own() -> None:
    asked = [Asked(name="A/blobs/read", data=True), Asked(name="A/blobs/write", data=True)]

    assert lacking(asked, [{"actions": ["*"], "dataActions": ["A/*"], "notDataActions": ["*/write"]}]) == (
        "A/blobs/write",
    )


def metric(name: str, shown: str, **limits: str) -> dict[str, Any]:
    buckets = [
        {"effectiveLimit": limit, **({} if region == "every" else {"dimensions": {"region": region}})}
        for region, limit in limits.items()
    ]
    return {
        "metric": f"aiplatform.googleapis.com/{name}",
        "displayName": shown,
        "consumerQuotaLimits": [{"quotaBuckets": buckets}],
    }


@pytest.mark.parametrize(
    ("family", "name", "shown"),
    [
        ("Custom model training CPUs for N2 machine types", "custom_model_training_n2_cpus", ""),
        ("Custom model training CPUs for N1/E2 machine types", "custom_model_training_cpus", ""),
        ("Custom model serving CPUs for C3 machine types", "x", "Custom Model Serving CPUs for C3 machine types"),
        ("Custom model serving NVIDIA_TESLA_T4 GPUs", "custom_model_serving_nvidia_t4_gpus", ""),
        ("Custom model serving NVIDIA_L4 GPUs", "x", "Custom model serving Nvidia L4 GPUs per region"),
        ("Custom model training NVIDIA_A100_80GB GPUs", "custom_model_training_nvidia_a100_80gb_gpus", ""),
        ("Custom model training NVIDIA_H100_80GB GPUs", "custom_model_training_nvidia_h100_gpus", ""),
        ("Custom model training NVIDIA_H100_MEGA_80GB GPUs", "custom_model_training_nvidia_h100_mega_gpus", ""),
        ("Custom model training NVIDIA_H200_141GB GPUs", "custom_model_training_nvidia_h200_gpus", ""),
    ],
)  # fmt: skip
def test_a_family_is_found_by_the_metrics_own_or_shown_name(family: str, name: str, shown: str) -> None:
    others = [metric("custom_model_training_nvidia_a100_gpus", "", every="1"), metric("custom_model", "", every="2")]

    assert quotas.of_vertex([*others, metric(name, shown, every="8")], "r", [family]) == {family: Quota(limit=8)}


def test_a_gpu_with_more_memory_is_another_quota() -> None:
    listed = [metric("custom_model_training_nvidia_a100_gpus", "", every="8")]

    assert quotas.of_vertex(listed, "r", ["Custom model training NVIDIA_A100_80GB GPUs"]) == {}


@pytest.mark.parametrize(
    ("limits", "limit"),
    [
        ({"every": "4"}, 4), ({"every": "4", "here": "9"}, 9), ({"here": "9", "every": "4"}, 9),
        ({"every": "-1"}, float("inf")),
    ],
)  # fmt: skip
def test_the_regions_own_limit_comes_before_the_general_one(limits: dict[str, str], limit: float) -> None:
    family = "Custom model training CPUs for N2 machine types"

    found = quotas.of_vertex([metric("custom_model_training_n2_cpus", "", **limits)], "here", [family])

    assert found == {family: Quota(limit=limit)}


def test_a_limit_of_another_region_is_none() -> None:
    listed = [metric("custom_model_training_n2_cpus", "", there="4")]

    assert quotas.of_vertex(listed, "here", ["Custom model training CPUs for N2 machine types"]) == {}


@pytest.mark.parametrize(
    ("error", "kind", "again"),
    [
        (auth.RefreshError("internal_failure", retryable=True), ResourceFailedError, Again()),
        (auth.TransportError("reset"), ResourceFailedError, Again()),
        (auth.RefreshError("invalid_grant"), AuthenticationError, None),
    ],
)
def test_a_sign_in_that_failed_on_its_way_is_none_that_was_refused(
    error: Exception, kind: type[GroundplanError], again: Again | None
) -> None:
    told = errors.of_account(error, doing="sign you in", scope="projects/acme-churn", role="roles/browser")

    assert (type(told), errors.again(error)) == (kind, again)


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("Compute Engine N1/E2 CPUs", "CPUS"),
        ("Compute Engine N2 CPUs", "N2_CPUS"),
        ("Compute Engine NVIDIA_TESLA_T4 GPUs", "NVIDIA_T4_GPUS"),
        ("Compute Engine NVIDIA_A100_80GB GPUs", "NVIDIA_A100_80GB_GPUS"),
    ],
)
def test_compute_engine_counts_by_its_own_names(family: str, name: str) -> None:
    listed = [{"metric": name, "limit": 24.0, "usage": 3.0}, {"metric": "NETWORKS", "limit": 5.0, "usage": 1.0}]

    assert quotas.of_compute(listed, [family]) == {family: Quota(limit=24, used=3)}
