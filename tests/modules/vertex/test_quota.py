"""The quota a plan needs at Google Cloud: what each kind of resource adds to which quota.

Not proved: that Google counts exactly so; its quotas' names are shown in its console alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from groundplan.lifecycle.contract.pipeline import Pipeline, Step
from groundplan.modules.contract.compute import ComputeArguments, ComputeOutputs
from groundplan.modules.contract.endpoint import EndpointArguments
from groundplan.modules.contract.pipeline import PipelineArguments
from groundplan.modules.contract.planned import PlannedResource, QuotaNeed, Secret, Unknown
from groundplan.modules.vertex.catalogue.sizes import SIZES
from groundplan.modules.vertex.compute import Compute
from groundplan.modules.vertex.endpoint import Endpoint
from groundplan.modules.vertex.pipeline import Pipeline as PipelineComponent
from groundplan.modules.vertex.quota import quota

from google_stack import REGISTRY
from vertex_parts import DEV, Recorded, parts

REGION = "europe-west4"


def compute(name: str, **arguments: Any) -> list[PlannedResource]:
    return Recorded(
        lambda: Compute(f"compute-{name}", DEV, ComputeArguments(compute=name, **parts(**arguments)))
    ).resources


def endpoint(name: str, **arguments: Any) -> list[PlannedResource]:
    given = EndpointArguments(endpoint=name, model="churn", **parts(**arguments))
    return Recorded(lambda: Endpoint(f"endpoint-{name}", DEV, given)).resources


def need(family: str, amount: float, *reasons: str, unit: str = "vCPU") -> QuotaNeed:
    return QuotaNeed(family=family, region=REGION, amount=amount, unit=unit, reasons=reasons)


def test_an_endpoint_needs_twice_its_most_machines_for_a_rollout() -> None:
    reason = "endpoint-churn-endpoint, both versions of a rollout"

    assert quota(endpoint("churn", size="g2-standard-8", max_instances=3)) == (
        need("Custom model serving CPUs for G2 machine types", 2 * 3 * 8, reason),
        need("Custom model serving NVIDIA_L4 GPUs", 2 * 3, reason, unit="GPU"),
    )


def test_endpoints_of_one_family_add_up_and_a_pool_counts_once() -> None:
    resources = endpoint("a") + endpoint("b", max_instances=2) + endpoint("c", shared_pool=True, max_instances=2)

    assert quota(resources) == (
        need(
            "Custom model serving CPUs for N1/E2 machine types",
            2 * 4 + 2 * 2 * 4 + 2 * 4,
            "endpoint-a-endpoint, both versions of a rollout",
            "endpoint-b-endpoint, both versions of a rollout",
            "endpoint-c-pool",
        ),
    )


def test_machines_that_are_kept_count_at_their_most() -> None:
    resources = compute("kept", min_nodes=1, max_nodes=3) + compute("fixed", kind="gpu", min_nodes=2, max_nodes=1)

    assert quota(resources) == (
        need("Custom model training CPUs for N1/E2 machine types", 2 * 8, "compute-fixed-persistent-resource"),
        need("Custom model training CPUs for N2 machine types", 3 * 4, "compute-kept-persistent-resource"),
        need("Custom model training NVIDIA_TESLA_T4 GPUs", 2, "compute-fixed-persistent-resource", unit="GPU"),
    )


def test_a_workstation_needs_compute_engines_own_quota() -> None:
    assert quota(compute("desk", type="workstation", kind="gpu", size="n1-standard-4")) == (
        need("Compute Engine N1/E2 CPUs", 4, "compute-desk-workbench"),
        need("Compute Engine NVIDIA_TESLA_T4 GPUs", 1, "compute-desk-workbench", unit="GPU"),
    )


def test_a_pipeline_needs_what_its_steps_run_on_at_once_scheduled_or_not(tmp_path: Path) -> None:
    steps = {name: Step(name=name, command=("true",), compute="big", code=()) for name in ("a", "b")}
    given: dict[str, Any] = {
        "pipeline": Pipeline(name="train", steps=steps, sources={}), "version": "1", "root": tmp_path,
        "registry": REGISTRY, "data_uris": {},
        "computes": {"big": ComputeOutputs(name="big", id="", machine=SIZES["n2-standard-8"])}, **parts(),
    }  # fmt: skip
    resources = Recorded(lambda: PipelineComponent("pipeline-train", DEV, PipelineArguments(**given))).resources

    assert quota(resources) == (
        need("Custom model training CPUs for N2 machine types", 16, "pipeline-train-pipeline, one run"),
    )


def test_what_needs_no_machine_and_machines_that_nobody_knows_are_left_out() -> None:
    assert quota(compute("default", max_nodes=9)) == ()
    assert quota(endpoint("churn", size="z9-standard-1")) == ()
    assert quota(endpoint("nightly", kind="batch")) == ()


def test_values_that_are_known_only_after_up_do_not_stop_it() -> None:
    bucket = PlannedResource(urn="urn", type="gcp:storage/bucket:Bucket", name="data", properties={"name": Unknown()})
    secret = PlannedResource(
        urn="urn", type="gcp:storage/bucketObject:BucketObject", name="code", properties={"content": Secret(digest="x")}
    )

    assert quota([bucket, secret]) == ()
