"""How Azure ML's registry numbers versions, through the SDK's real client and real HTTP.

The service is a stand-in; see test_registry_on_clouds.py.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest
from groundplan.core.errors import ResourceFailedError
from groundplan.lifecycle.contract.registry import RegisteredVersion

import cloud_registry_kit
from cloud_registry_kit import IMPATIENT, RegistryRig


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Generator[RegistryRig]:
    with cloud_registry_kit.rig("azureml", tmp_path_factory.mktemp("azureml")) as made:
        yield made


@pytest.fixture
def rig(started: RegistryRig) -> RegistryRig:
    started.reset()
    return started


def register(rig: RegistryRig, weights: str) -> RegisteredVersion:
    folder, digest = rig.model(f"model-{weights}", weights)
    return rig.registry().register("churn", folder, digest=digest, labels={})


def test_a_version_among_many_is_registered_without_a_look_at_all_of_them(rig: RegistryRig) -> None:
    rig.service.models.page = 5
    for number in range(1, 31):
        rig.strangers("churn", number)
    register(rig, weights="1")
    rig.service.requests.clear()

    made = register(rig, weights="2")

    assert (made.version, rig.service.asked("GET", "/models/churn/versions")) == (32, 2)  # ours, and the SDK's own
    rig.service.requests.clear()
    assert register(rig, weights="1").version == 31
    assert rig.service.asked("GET", "/models/churn/versions") == 0


def test_a_number_that_somebody_took_after_a_kill_is_left_to_them(rig: RegistryRig) -> None:
    folder, digest = rig.model("model", "killed")
    rig.service.strike(kind="reset", path="/models/churn/versions/1")
    with pytest.raises(ResourceFailedError):
        rig.registry(IMPATIENT).register("churn", folder, digest=digest, labels={})
    rig.service.strikes.clear()
    rig.strangers("churn", 1)

    made = [rig.registry().register("churn", folder, digest=digest, labels={}) for _ in range(2)]

    assert [(one.version, one.digest) for one in made] == [(2, digest), (2, digest)]
    assert rig.registered() == ["churn/1", "churn/2"]
