"""The requests that a step of a rollout makes to a cloud, by what they are for, and those that its bare SDK makes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from groundplan.core.extras import load
from groundplan.lifecycle import rollouts
from groundplan.lifecycle.vertex.client import clients

import serving_kit
from conformance_kit import good
from conformance_on_clouds import CloudRig
from stand_in.services.http import Service

_SIGNING_IN = ("/token", "/sts/token", "/metadata/endpoints")


def counted(service: Service) -> Counter[str]:
    """The requests that arrived: looks at the service and changes of it, records read and written; no signing in."""
    return Counter(_kind(method, path) for method, path in service.requests if path not in _SIGNING_IN)


def _kind(method: str, path: str) -> str:
    stored = "/artifacts" in path or "storage/v1" in path
    if stored:
        return "records read" if method == "GET" else "records written"
    if "/operations/" in path:
        return "waiting"
    return "looking" if method == "GET" else "changing"


def at_half(rig: CloudRig) -> None:
    """Two versions, of which the new one has half of the requests."""
    rig.serve("a")
    rig.promote(rig.register("b"))
    rig.tell(good(1), good(2, mirrored=100))
    rig.deploy("canary")
    for minute in (2, 4):
        rig.look(minute)


def step(rig: CloudRig) -> Counter[str]:
    """The next step of the rollout, as one command makes it, once the version is signed in."""
    platform = rig.platform()
    rig.service.requests.clear()
    state = platform.rollouts.current("churn", "dev")
    assert state is not None
    rollouts.look(platform, state, who="ada", now=rig.at(6))
    return counted(rig.service)


def bare_step(started: serving_kit.Rig, shares: Mapping[str, int]) -> Counter[str]:
    """The same shares put in place by the SDK alone: what is there is looked at, then it is changed and waited for."""
    started.service.requests.clear()
    (_bare_vertex if started.platform == "vertex" else _bare_azureml)(started.endpoint, shares)
    return counted(started.service)


def _bare_azureml(endpoint: str, shares: Mapping[str, int]) -> None:
    _, _, subscription, _, group, *_, workspace, _, name = endpoint.split("/")
    credential: Any = load("azure.identity").DefaultAzureCredential()
    ml: Any = load("azure.ai.ml").MLClient(credential, subscription, group, workspace, enable_telemetry=False)
    there: Any = {one.name: one.provisioning_state for one in ml.online_deployments.list(endpoint_name=name)}
    assert {there[name] for name in shares} == {"Succeeded"}
    found: Any = ml.online_endpoints.get(name=name)
    found.traffic = dict(shares)
    ml.online_endpoints.begin_create_or_update(found).result()


def _bare_vertex(endpoint: str, shares: Mapping[str, int]) -> None:
    vertex: Any = load("google.cloud.aiplatform_v1")
    service: Any = clients(endpoint.split("/")[3]).endpoints
    found: Any = service.get_endpoint(name=endpoint)
    assert set(shares) <= {one.id for one in found.deployed_models}
    changed: Any = vertex.Endpoint(name=endpoint, traffic_split=dict(shares), etag=found.etag)
    service.update_endpoint(endpoint=changed, update_mask={"paths": ["traffic_split"]})
