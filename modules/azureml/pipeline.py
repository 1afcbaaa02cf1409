"""A pipeline at Azure ML: its steps and itself as components, what they run in, and its schedule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from ...core.layout import Layout
from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.pipeline import PipelineArguments, PipelineOutputs
from . import compiling, names, step_code
from .definition import CODE_CONTAINER, definition
from .submission import is_fixed

_WORKSPACE = "Microsoft.MachineLearningServices/workspaces"
_INDEX_HOSTS = ("pypi.org", "files.pythonhosted.org", "conda.anaconda.org", "mcr.microsoft.com")


class Pipeline(Component):
    """The pipeline compiled by Azure ML's own SDK, registered under versions that follow from what was compiled.

    A version is never changed: what runs are of an older version keep it, so an older version stays when a new one
    comes. Azure makes the container of an asset with its first version. A run acts as the identity of pipelines.
    """

    platform = "azureml"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: PipelineArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        computes = {name: one.name for name, one in arguments.computes.items()}
        self._definition = definition(arguments.root, arguments.pipeline, computes)
        compiled = self._definition.compiled
        assets = [*self._environments(), *self._codes()]
        components = [self._component(f"step-{step}", one, assets) for step, one in compiled.steps.items()]
        pipeline = self._component("component", compiled.pipeline, components)
        schedule = self._schedule(compiled.pipeline, pipeline)
        self.outputs = PipelineOutputs(
            name=compiled.pipeline.name, id=pipeline.id, schedule_id=None if schedule is None else schedule.id
        )
        self.steps = tuple(self._after_up())
        self.done({"id": pipeline.id, "version": compiled.pipeline.version})

    def _environments(self) -> Iterator[pulumi.Resource]:
        for version, image in sorted({image.version: image for image in self._definition.images.values()}.items()):
            yield ml.EnvironmentVersion(
                f"{self.name}-environment-{version}",
                name=self._arguments.pipeline.name,
                version=version,
                properties=ml.EnvironmentVersionPropertiesArgs(
                    image=image.image,
                    conda_file=image.packages or None,
                    os_type="Linux",
                    tags=self.context.tags,
                ),
                **self._where(),
                opts=self._kept(self._arguments.workspace.ready),
            )

    def _codes(self) -> Iterator[pulumi.Resource]:
        container = f"https://{self._arguments.storage.name}.blob.core.windows.net/{CODE_CONTAINER}"
        if any(self._definition.code.values()):
            yield ml.CodeVersion(
                f"{self.name}-code",
                name=self._arguments.pipeline.name,
                version=self._definition.code_version,
                properties=ml.CodeVersionPropertiesArgs(
                    code_uri=f"{container}/{self._definition.folder}",
                    tags=self.context.tags,
                ),
                **self._where(),
                opts=self._kept((*self._arguments.workspace.ready, *self._arguments.storage.ready)),
            )

    def _component(self, what: str, compiled: compiling.CompiledComponent, needs: list[Any]) -> ml.ComponentVersion:
        return ml.ComponentVersion(
            f"{self.name}-{what}",
            name=compiled.name,
            version=compiled.version,
            properties=ml.ComponentVersionPropertiesArgs(
                component_spec=self._located(compiled.spec),
                tags={**self.context.tags, "definition": self._arguments.version},
            ),
            **self._where(),
            opts=self._kept(needs or self._arguments.workspace.ready),
        )

    def _schedule(self, compiled: compiling.CompiledComponent, pipeline: ml.ComponentVersion) -> ml.Schedule | None:
        arguments = self._arguments
        if arguments.schedule is None:
            return None
        identity = arguments.identity.pipeline
        uris = {source: arguments.data_uris[source] for source in compiling.sources(arguments.pipeline)}
        return ml.Schedule(
            f"{self.name}-schedule",
            name=arguments.pipeline.name,
            properties=ml.SchedulePropertiesArgs(
                display_name=arguments.pipeline.name,
                is_enabled=True,
                trigger=ml.CronTriggerArgs(trigger_type="Cron", expression=arguments.schedule, time_zone="UTC"),
                action=ml.JobScheduleActionArgs(
                    action_type="CreateJob",
                    job_definition=ml.PipelineJobArgs(
                        job_type="Pipeline",
                        component_id=self._id("components", compiled.name, compiled.version),
                        display_name=arguments.pipeline.name,
                        experiment_name=arguments.pipeline.name,
                        identity=None
                        if identity is None
                        else ml.ManagedIdentityArgs(identity_type="Managed", client_id=identity.client_id),
                        inputs={
                            compiling.parameter("data", source): ml.UriFileJobInputArgs(
                                job_input_type="uri_file", mode="ReadOnlyMount", uri=uri
                            )
                            for source, uri in uris.items()
                        },
                        settings={
                            "continue_on_step_failure": False,
                            "force_rerun": not all(map(is_fixed, uris.values())),
                        },
                        tags=self.context.tags,
                    ),
                ),
                tags=self.context.tags,
            ),
            **self._where(),
            opts=self.child(depends_on=[pipeline]),
        )

    def _uploads(self) -> Iterator[AfterUp]:
        """What a job that the schedule starts needs; ``groundplan run`` uploads what its own job needs by itself."""
        arguments, name = self._arguments, self._arguments.pipeline.name
        if any(self._definition.code.values()):
            yield AfterUp(
                title=f"Upload the code of pipeline {name}, or run it, before its schedule does",
                reason="groundplan run uploads it by itself; Pulumi uploads files by the storage account's keys only, "
                "and the account has none",
                command=step_code.upload(
                    arguments.root,
                    self._definition.code,
                    account=arguments.storage.name,
                    container=CODE_CONTAINER,
                    folder=self._definition.folder,
                ),
            )
        uploads = [step for source in compiling.sources(arguments.pipeline) if (step := self._data_upload(source))]
        if uploads:
            yield AfterUp(
                title=f"Upload the data that the schedule of pipeline {name} reads, whenever it changed",
                reason="it lies in the project: groundplan run uploads what its own job reads, and retrain gathers the "
                "newest rows, but the schedule's jobs read this copy",
                command=" && ".join(uploads),
            )

    def _after_up(self) -> Iterator[AfterUp]:
        arguments, name = self._arguments, self._arguments.pipeline.name
        if arguments.schedule is not None:
            yield from self._uploads()
        built = [image for image in self._definition.images.values() if image.packages]
        closed = [host for host in _INDEX_HOSTS if host not in arguments.network.allowed_outbound]
        if built and arguments.network.access == "private" and closed:
            yield AfterUp(
                title=f"Let the image of pipeline {name} be built",
                reason="the workspace reaches approved hosts only, and packages come from the package indexes: "
                f"add {', '.join(closed)} to network.allowed_outbound, or give the steps an image that has them",
            )

    def _data_upload(self, name: str) -> str:
        """The command that uploads a data source of the project; empty for one that is at the cloud already."""
        arguments, source = self._arguments, self._arguments.pipeline.sources[name]
        if source.path is not None:
            file, first = source.path.relative_to(arguments.root).as_posix(), ""
        elif source.sklearn is not None:
            file = (Layout(arguments.root).data / f"{source.sklearn}.csv").relative_to(arguments.root).as_posix()
            first = f"groundplan data check {name} && "  # which writes the file
        else:
            return ""
        blob = arguments.data_uris[name].removeprefix(f"{arguments.storage.data_uri}/")
        return first + step_code.upload_file(file, account=arguments.storage.name, container="data", name=blob)

    def _where(self) -> dict[str, Any]:
        return {
            "resource_group_name": self._arguments.foundation.group,
            "workspace_name": self._arguments.workspace.name,
        }

    def _kept(self, needs: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        return self.child(depends_on=list(needs), retain_on_delete=True)

    def _located(self, spec: compiling.Spec) -> compiling.Spec:
        """The spec with the ids of what it refers to, as the SDK writes them once it has registered everything."""
        located = dict(spec)
        for key, kind in (("environment", "environments"), ("code", "codes")):
            if key in spec:
                located[key] = "azureml:" + self._id(kind, *spec[key].split(":")[1:])
        if "jobs" in spec:
            located["jobs"] = {name: self._located_node(node) for name, node in spec["jobs"].items()}
        return located

    def _located_node(self, node: compiling.Spec) -> compiling.Spec:
        computes = {one.name: one.id for one in self._arguments.computes.values()}
        return {
            **node,
            "componentId": self._id("components", *node["componentId"].split(":")[1:]),
            "computeId": computes[node["computeId"].removeprefix("azureml:")],
        }

    def _id(self, kind: str, name: str, version: str) -> str:
        type = f"{_WORKSPACE}/{kind}/versions"
        return names.resource_id(self.context, type, self._arguments.workspace.name, name, version)
