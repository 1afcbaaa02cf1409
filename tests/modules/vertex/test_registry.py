"""The registry at Google Cloud: its repositories, and that environments compute the same names without it.

Not proved: that a cleanup removes what its policies say.
"""

from __future__ import annotations

from typing import Any

import pytest
from groundplan.modules.contract.registry import RegistryArguments, RegistryOutputs
from groundplan.modules.vertex.registry import Registry, registry_outputs

from google_stack import REGISTRY, context
from vertex_parts import ENCRYPTION, FOUNDATION, Recorded, labels, network, refused

SHARED = context("shared", "production")


def made(where: Any = SHARED, **arguments: Any) -> Recorded:
    given = RegistryArguments(foundation=FOUNDATION, network=network(), **arguments)
    return Recorded(lambda: Registry("registry", where, given))


def test_images_keep_their_tags_and_everything_is_kept() -> None:
    registry = made()

    assert registry.names == ["registry-images", "registry-templates"]
    assert registry.inputs("registry-images") == {
        "project": "acme-churn",
        "location": "europe-west4",
        "repositoryId": "churn-shared-images",
        "format": "DOCKER",
        "mode": "STANDARD_REPOSITORY",
        "description": "Images of churn; a tag that is taken stays what it is",
        "dockerConfig": {"immutableTags": True},
        "cleanupPolicyDryRun": False,
        "labels": labels("shared"),
    }
    assert registry.inputs("registry-templates") == {
        "project": "acme-churn",
        "location": "europe-west4",
        "repositoryId": "churn-shared-templates",
        "format": "KFP",
        "mode": "STANDARD_REPOSITORY",
        "description": "Pipeline templates of churn",
        "labels": labels("shared"),
    }


def test_only_what_no_tag_names_is_removed() -> None:
    assert made(retention_days=30).inputs("registry-images")["cleanupPolicies"] == [
        {"id": "delete-untagged", "action": "DELETE", "condition": {"tagState": "UNTAGGED", "olderThan": "2592000s"}},
        {"id": "keep-newest", "action": "KEEP", "mostRecentVersions": {"keepCount": 10}},
    ]


def test_an_own_key_is_given_to_the_service_before_it_is_used() -> None:
    registry = made(encryption=ENCRYPTION)
    grant = registry.children["registry-key-artifactregistry"]

    assert registry.inputs("registry-images")["kmsKeyName"] == ENCRYPTION.key_id
    assert registry.inputs("registry-templates")["kmsKeyName"] == ENCRYPTION.key_id
    assert grant.urn in registry.children["registry-images"].dependencies
    assert grant.properties["member"] == FOUNDATION.agents["artifactregistry"]


@pytest.mark.parametrize(("where", "protected"), [(SHARED, True), (context(), False)])
def test_images_and_templates_of_production_are_protected(where: Any, protected: bool) -> None:
    registry = made(where)

    assert [registry.children[name].protect for name in registry.names] == [protected, protected]


def test_an_environment_computes_what_the_shared_stack_made() -> None:
    assert registry_outputs(SHARED) == REGISTRY
    assert (
        made().component.outputs
        == REGISTRY
        == RegistryOutputs(
            id="projects/acme-churn/locations/europe-west4",
            images_id="projects/acme-churn/locations/europe-west4/repositories/churn-shared-images",
            images_uri="europe-west4-docker.pkg.dev/acme-churn/churn-shared-images",
            templates_uri="https://europe-west4-kfp.pkg.dev/acme-churn/churn-shared-templates",
        )
    )


@pytest.mark.parametrize("arguments", [{}, {"retention_days": 7}, {"encryption": ENCRYPTION}])
def test_google_would_take_it(arguments: dict[str, Any]) -> None:
    assert refused(made(**arguments).resources) == []
