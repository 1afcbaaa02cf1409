"""The workspace: Vertex AI has none, so that it is what a project's work is kept in, next to the storage.

Lineage has a store of its own for each environment, as the store named ``default`` is one for a whole project and
region, and Vertex AI makes that one by itself at a pipeline's first run.
"""

from __future__ import annotations

import pulumi
from pulumi_gcp import storage, vertex

from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.encryption import EncryptionKey
from ..contract.workspace import WorkspaceArguments, WorkspaceOutputs
from . import encryption, names
from .labels import labels


class Workspace(Component):
    """Makes the stores of lineage and of training curves, and the folders of the artifacts' bucket."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: WorkspaceArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        key = arguments.encryption
        before: list[pulumi.Resource] = [
            *arguments.foundation.ready,
            *arguments.network.ready,
            *arguments.storage.ready,
            *encryption.grants(self, key, arguments.foundation, "aiplatform", "compute", "notebooks"),
        ]
        lineage = self._metadata_store(key, before)
        curves = self._tensorboard(key, before)
        folders = [self._folder(folder, arguments.storage.name, before) for folder in names.FOLDERS]
        if key is not None:
            self.steps = (_encrypt_default_store(context, key),)
        self.outputs = WorkspaceOutputs(
            uri=names.location_path(context),
            name=names.within(context, 63),
            insights_id=curves.id,
            ready=(*before, lineage, curves, *folders),
        )
        self.done({"name": self.outputs.name, "tensorboard": curves.id, "metadata_store": lineage.id})

    def _metadata_store(self, key: EncryptionKey | None, before: list[pulumi.Resource]) -> vertex.AiMetadataStore:
        spec = None if key is None else vertex.AiMetadataStoreEncryptionSpecArgs(kms_key_name=key.key_id)
        return vertex.AiMetadataStore(
            f"{self.name}-metadata-store",
            project=self.context.account.project,
            region=self.context.region,
            name=names.within(self.context, 128),
            description=f"Lineage of {self.context.project} {self.context.environment}",
            encryption_spec=spec,
            opts=self.child(stateful=True, depends_on=before),
        )

    def _tensorboard(self, key: EncryptionKey | None, before: list[pulumi.Resource]) -> vertex.AiTensorboard:
        spec = None if key is None else vertex.AiTensorboardEncryptionSpecArgs(kms_key_name=key.key_id)
        return vertex.AiTensorboard(
            f"{self.name}-tensorboard",
            project=self.context.account.project,
            region=self.context.region,
            display_name=names.within(self.context, 128),
            description=f"Training curves of {self.context.project} {self.context.environment}",
            encryption_spec=spec,
            labels=labels(self.context),
            opts=self.child(stateful=True, depends_on=before),
        )

    def _folder(self, folder: str, bucket: str, before: list[pulumi.Resource]) -> storage.ManagedFolder:
        """A folder to which permissions can be given; it is kept as long as there is something in it."""
        return storage.ManagedFolder(
            f"{self.name}-folder-{folder}",
            bucket=bucket,
            name=f"{folder}/",
            force_destroy=False,
            opts=self.child(depends_on=before),
        )


def _encrypt_default_store(context: Context, key: EncryptionKey) -> AfterUp:
    stores = f"https://{context.region}-aiplatform.googleapis.com/v1/{names.location_path(context)}/metadataStores"
    return AfterUp(
        title=f"Encrypt the metadata store named default in {context.region}",
        reason="runs of pipelines write their lineage there too; Vertex AI makes it at the first run, one for all "
        "environments of the Google project, and its key can be set only when it is made",
        command=(
            'curl --fail --header "Authorization: Bearer $(gcloud auth print-access-token)" '
            f"""--json '{{"encryptionSpec": {{"kmsKeyName": "{key.key_id}"}}}}' "{stores}?metadataStoreId=default\""""
        ),
    )
