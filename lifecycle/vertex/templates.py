"""The template of a pipeline as ``up`` uploaded it, and the job that Vertex AI is asked to make of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ...core.errors import NotFoundError
from ...core.extras import load
from ..contract.jobs import Submission
from ..patience import Pace, Patience
from .bucket import Bucket, place_of

Spec = dict[str, Any]
"""A KFP pipeline spec as JSON holds it."""


def read(submission: Submission, environment: str, patience: Patience, pace: Pace | None) -> Spec:
    """The template. Raises NotFoundError, with what changed since ``up``, where nobody uploaded this one."""
    name = place_of(submission.definition)[1]
    bucket, doing = Bucket(place_of(submission.definition)[0], pace), f"read the template of {submission.pipeline}"
    found = bucket.read(name, patience, doing=doing)
    if found is not None:
        return json.loads(found[0])
    folder, _, file = name.rpartition("/")
    others = bucket.described(f"{folder.rpartition('/')[0]}/", patience, doing=doing)
    there = [metadata for one, metadata in others if one.endswith(f"/{file}")]
    said = (
        f"as it is here in {environment}: since up, {_changed(submission, there[-1])}" if there else f"in {environment}"
    )
    raise NotFoundError(
        f"pipeline {submission.pipeline} is not registered {said}",
        where=submission.definition,
        hint=f"groundplan up -e {environment}",
    )


def _changed(submission: Submission, registered: Mapping[str, str]) -> str:
    """What differs from the newest template, in the config's words."""
    wanted, there = _steps(submission.settings["steps"]), _steps(registered.get("steps", ""))
    names = [
        *(f"{name} changed" for name, digest in wanted.items() if there.get(name, digest) != digest),
        *(f"{name} is new" for name in wanted if name not in there),
        *(f"{name} is gone" for name in there if name not in wanted),
    ]
    return ", ".join(names) or "its schedule changed"


def _steps(text: str) -> Mapping[str, str]:
    return dict(part.split("=", 1) for part in text.split())


def job(submission: Submission, template: Spec) -> Any:
    """The job as Vertex AI takes it."""
    vertex, settings = load("google.cloud.aiplatform_v1"), submission.settings
    network = {"network": settings["network"]} if "network" in settings else {}
    if "network_attachment" in settings:
        network = {"psc_interface_config": {"network_attachment": settings["network_attachment"]}}
    return vertex.PipelineJob(
        display_name=settings["display_name"],
        pipeline_spec=_cached(template, submission),
        service_account=submission.account,
        labels=dict(submission.labels),
        runtime_config={
            "gcs_output_directory": settings["pipeline_root"],
            "failure_policy": vertex.PipelineFailurePolicy[settings["failure_policy"]],
            "parameter_values": {**submission.inputs, **submission.data},
        },
        encryption_spec={"kms_key_name": settings["kms_key"]} if "kms_key" in settings else None,
        **network,
    )


def _cached(template: Spec, submission: Submission) -> Spec:
    """The template with results of earlier runs taken as this run wants.

    By the template, data is a new artifact each time, as its address says nothing of its content. Where the address
    follows from the content, the same data is the same artifact, and what was made of it is taken again.
    """
    tasks: Mapping[str, Spec] = template["root"]["dag"]["tasks"]
    if not submission.use_cache:
        for task in tasks.values():
            task["cachingOptions"] = {"enableCache": False}
        return template
    held = {one.uri for one in submission.uploads}
    same = {name for name, uri in submission.data.items() if uri in held}
    executors = template["deploymentSpec"]["executors"]
    by_content: dict[str, bool] = {}
    for task in tasks.values():
        label = template["components"][task["componentRef"]["name"]]["executorLabel"]
        source = task.get("inputs", {}).get("parameters", {}).get("uri", {}).get("componentInputParameter")
        by_content[label] = by_content.get(label, True) and source in same
    for label, holds in by_content.items():
        if holds and "importer" in executors[label]:
            executors[label]["importer"]["reimport"] = False
    return template
