"""A pipeline on Vertex AI: its KFP template and code in the artifacts' bucket, and the schedule that runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pulumi
from pulumi_gcp import colab, storage

from ...core.errors import UsageError
from ...lifecycle.contract.pipeline import DataInput
from ..contract.component import Component
from ..contract.context import AfterUp, Context
from ..contract.identity import workloads
from ..contract.pipeline import PipelineArguments, PipelineOutputs
from . import (
    chosen_names,
    compiling,
    connections,
    data_upload,
    names,
    pipeline_job,
    step_code,
    step_environment,
    workload,
)


class Pipeline(Component):
    """Compiles the neutral pipeline, keeps each version of it, and schedules the newest."""

    platform = "vertex"

    def __init__(
        self,
        name: str,
        context: Context,
        arguments: PipelineArguments,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, context, opts)
        self._arguments = arguments
        pipeline = arguments.pipeline
        self._name = chosen_names.hyphenated(context, pipeline.name)
        self._machines = pipeline_job.step_machines(
            pipeline, {name: one.machine for name, one in arguments.computes.items()}
        )
        self._images = {step.name: step_environment.of(step) for step in pipeline.steps.values()}
        code = step_code.archive(arguments.root, pipeline)
        ready: list[pulumi.Resource] = [self._object("code.tar.base64", code, "text/plain", {})] if code else []
        compiled = json.dumps(self._compiled("code.tar.base64" if code else ""), sort_keys=True)
        metadata = {
            "machines": workload.text(pipeline, self._machines),
            "region": context.region,
            "steps": pipeline_job.steps(arguments.root, pipeline),
        }
        template = self._object(pipeline_job.TEMPLATE, compiled, "application/json", metadata)
        schedule = self._schedule(arguments.schedule, compiled, [template, *ready]) if arguments.schedule else None
        self.steps = (*self._uploads(), *self._remarks())
        self.outputs = PipelineOutputs(
            name=self._name,
            id=self._uri(pipeline_job.TEMPLATE),
            schedule_id=None if schedule is None else schedule.id,
        )
        self.done({"name": self._name, "id": self.outputs.id, "schedule_id": self.outputs.schedule_id})

    def _tables(self) -> list[str]:
        """The addresses of the tables that steps read."""
        inputs = (one for step in self._arguments.pipeline.steps.values() for one in step.inputs.values())
        read = {self._arguments.data_uris[one.source] for one in inputs if isinstance(one, DataInput)}
        return sorted(uri for uri in read if uri.startswith("bq://"))

    def _compiled(self, code: str) -> compiling.Spec:
        target = compiling.Target(
            images=self._images,
            data_uris=self._arguments.data_uris,
            machines=self._machines,
            code_uri=self._uri(code) if code else "",
        )
        return compiling.compile(self._arguments.pipeline, target)

    def _uri(self, file: str) -> str:
        return pipeline_job.uri(self.context, self._arguments.pipeline, self._arguments.version, file)

    def _object(self, file: str, content: str, type: str, metadata: Mapping[str, str]) -> storage.BucketObject:
        """Older versions stay: a run that has started reads them, and a model tells which one made it.

        The template's metadata says on which machines a run is at once, for whoever adds up the quota, and what its
        steps are, for whoever wants to run others.
        """
        return storage.BucketObject(
            f"{self.name}-{file.partition('.')[0]}",
            bucket=names.artifacts_bucket(self.context),
            name=f"{pipeline_job.folder(self._arguments.pipeline, self._arguments.version)}/{file}",
            content=content,
            content_type=type,
            metadata={"version": self._arguments.version, **metadata},
            opts=self.child(retain_on_delete=True, depends_on=list(self._arguments.workspace.ready)),
        )

    def _schedule(self, cron: str, compiled: str, ready: list[pulumi.Resource]) -> colab.Schedule:
        """One run at a time: a start that comes while a run lasts is left out.

        Raises UsageError where a step reads a table, of which only ``run`` makes the file that it reads.
        """
        if tables := self._tables():
            raise UsageError(
                f"pipeline {self._arguments.pipeline.name!r} reads {', '.join(tables)}, and no step gets a table where "
                "Vertex AI starts the pipeline by itself",
                hint="Let CI start it (groundplan run) and take the schedule away, or name a file of it (gs://…).",
            )
        return colab.Schedule(
            f"{self.name}-schedule",
            project=self.context.account.project,
            location=self.context.region,
            display_name=self._name,
            cron=f"TZ=Etc/UTC {cron}",
            max_concurrent_run_count="1",
            allow_queueing=False,
            desired_state="ACTIVE",
            create_pipeline_job_request={
                "parent": names.location_path(self.context),
                "pipeline_job": self._job(compiled),
            },
            opts=self.child(depends_on=[*ready, *self._arguments.identity.ready, *self._arguments.network.ready]),
        )

    def _job(self, compiled: str) -> Any:
        arguments = self._arguments
        job: dict[str, Any] = {
            "display_name": self._name,
            "pipeline_spec": compiled,
            "service_account": workloads(arguments.identity).pipeline.id,
            "runtime_config": {
                "gcs_output_directory": names.pipeline_root(self.context),
                "failure_policy": pipeline_job.FAILURE_POLICY,
            },
            "labels": pipeline_job.job_labels(self.context, arguments.pipeline, arguments.version),
        }
        peered = connections.peered(self.context, arguments.foundation, arguments.network)
        interface = connections.interface(arguments.network)
        if peered is not None:
            job["network"] = peered
        elif interface is not None:
            job["psc_interface_config"] = interface
        if arguments.encryption is not None:
            job["encryption_spec"] = {"kms_key_name": arguments.encryption.key_id}
        return job

    def _uploads(self) -> Iterator[AfterUp]:
        """What jobs of the schedule read of the project; ``groundplan run`` uploads what its own job reads."""
        arguments, pipeline = self._arguments, self._arguments.pipeline
        read = {one.source for step in pipeline.steps.values() for one in step.inputs.values()
                if isinstance(one, DataInput)}  # fmt: skip
        commands = [data_upload.command(arguments.root, pipeline.sources[name], arguments.data_uris[name])
                    for name in sorted(read)]  # fmt: skip
        if arguments.schedule is not None and any(commands):
            yield AfterUp(
                title=f"Upload the data that the schedule of pipeline {pipeline.name} reads, whenever it changed",
                reason="it lies in the project: groundplan run uploads what its own job reads, and retrain gathers the "
                "newest rows, but the schedule's jobs read this copy",
                command=" && ".join(filter(None, commands)),
            )

    def _remarks(self) -> list[AfterUp]:
        pipeline, images = self._arguments.pipeline, self._images
        installing = sorted(name for name, image in images.items() if image.package or image.requirements)
        kept = sorted(
            name for name, step in pipeline.steps.items()
            if (compute := self._arguments.computes.get(step.compute)) is not None and compute.id != ""
        )  # fmt: skip
        found: list[AfterUp] = []
        if installing:
            package = next((images[name].package for name in installing if images[name].package), "the requirements")
            found.append(
                AfterUp(
                    title=f"Let the steps of pipeline {pipeline.name} reach a package index, or give them an image",
                    reason=f"{', '.join(installing)} install {package} when they start; an image that has it, named in "
                    "'environment.image' without 'requirements', needs no index and starts sooner",
                )
            )
        if kept:
            found.append(
                AfterUp(
                    title=f"Runs of pipeline {pipeline.name} bring machines of their own",
                    reason=f"a pipeline of Vertex AI cannot name the kept machines of {', '.join(kept)}",
                )
            )
        return found
