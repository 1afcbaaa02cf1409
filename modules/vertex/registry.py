"""The registry at Google Cloud: repositories of images and KFP templates; models are in the project's own registry."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi_gcp import artifactregistry

from ..contract.component import Component
from ..contract.context import Context
from ..contract.registry import RegistryArguments, RegistryOutputs
from . import encryption, names
from .labels import labels

_DAY = 86400
_KEPT_VERSIONS = 10


def registry_outputs(context: Context) -> RegistryOutputs:
    """What the registry of a stack is called, which its context says alone; ``context`` is that stack's.

    ``id`` is the place of the model registry, which every project has.
    """
    project, region = context.account.project, context.region
    return RegistryOutputs(
        id=names.location_path(context),
        images_id=f"{names.location_path(context)}/repositories/{_images(context)}",
        images_uri=f"{region}-docker.pkg.dev/{project}/{_images(context)}",
        templates_uri=f"https://{region}-kfp.pkg.dev/{project}/{_templates(context)}",
    )


class Registry(Component):
    """Makes the repositories in the stack's region, from where every region pulls."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: RegistryArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        granted = encryption.grants(self, arguments.encryption, arguments.foundation, "artifactregistry")
        self._options: dict[str, Any] = {"depends_on": [*granted, *arguments.foundation.ready]}
        self._key = None if arguments.encryption is None else arguments.encryption.key_id
        self._policies = _cleanup(arguments.retention_days)
        self._images()
        self._templates()
        self.outputs = registry_outputs(context)
        self.done({"images_uri": self.outputs.images_uri, "templates_uri": self.outputs.templates_uri})

    def _images(self) -> artifactregistry.Repository:
        return artifactregistry.Repository(
            f"{self.name}-images",
            project=self.context.account.project,
            location=self.context.region,
            repository_id=_images(self.context),
            format="DOCKER",
            mode="STANDARD_REPOSITORY",
            description=f"Images of {self.context.project}; a tag that is taken stays what it is",
            docker_config={"immutable_tags": True},
            cleanup_policies=self._policies,
            cleanup_policy_dry_run=False,
            kms_key_name=self._key,
            labels=labels(self.context),
            opts=self.child(stateful=True, **self._options),
        )

    def _templates(self) -> artifactregistry.Repository:
        return artifactregistry.Repository(
            f"{self.name}-templates",
            project=self.context.account.project,
            location=self.context.region,
            repository_id=_templates(self.context),
            format="KFP",
            mode="STANDARD_REPOSITORY",
            description=f"Pipeline templates of {self.context.project}",
            kms_key_name=self._key,
            labels=labels(self.context),
            opts=self.child(stateful=True, **self._options),
        )


def _images(context: Context) -> str:
    return names.within(context, 63, "images")


def _templates(context: Context) -> str:
    return names.within(context, 63, "templates")


def _cleanup(retention_days: int | None) -> Any:
    """What no tag names goes; Artifact Registry does not know which tagged image runs somewhere, so that these stay."""
    if retention_days is None:
        return None
    return [
        {
            "id": "delete-untagged",
            "action": "DELETE",
            "condition": {"tag_state": "UNTAGGED", "older_than": f"{retention_days * _DAY}s"},
        },
        {
            "id": "keep-newest",
            "action": "KEEP",
            "most_recent_versions": {"keep_count": _KEPT_VERSIONS},
        },
    ]
