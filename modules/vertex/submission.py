"""A run of a pipeline on Vertex AI: the template that ``up`` uploaded, and what a job of it is given."""

from __future__ import annotations

from ...core.errors import UsageError
from ...lifecycle.contract.jobs import Submission, Upload
from ...lifecycle.contract.pipeline import DataInput, Pipeline
from ..contract.context import Context
from ..contract.graph import text
from ..contract.submission import SubmissionArguments, SubmittedData
from . import chosen_names, compiling, machines, names, pipeline_job, step_code, workload

_SCHEME = "sha256:"
_TABLE = "bq://"


def submission(context: Context, arguments: SubmissionArguments) -> Submission:
    """What a job of the registered pipeline is given. Raises UsageError for a peered network without a number."""
    pipeline, version = arguments.pipeline, arguments.version
    read = {name: arguments.data[name] for name in _read(pipeline)}
    return Submission(
        pipeline=pipeline.name,
        definition=pipeline_job.uri(context, pipeline, version, pipeline_job.TEMPLATE),
        inputs={
            compiling.parameter(step, name): text(value)
            for step, values in arguments.parameters.items()
            for name, value in values.items()
        },
        data={compiling.parameter("data", name): _uri(context, name, one) for name, one in read.items()},
        steps=compiling.tasks(pipeline, with_code=bool(step_code.archive(arguments.root, pipeline))),
        outputs={
            f"{step.name}.{port}": compiling.output(port) for step in pipeline.steps.values() for port in step.outputs
        },
        uploads=tuple(
            Upload(uri=_uri(context, name, one), path=one.file, digest=one.digest)
            for name, one in read.items()
            if one.file is not None
        ),
        tables={
            compiling.parameter("data", name): f"gs://{names.data_bucket(context)}/{name}"
            for name, one in read.items()
            if one.uri.startswith(_TABLE)
        },
        account=names.service_account_email(context, "pipeline"),
        labels=pipeline_job.job_labels(context, pipeline, version),
        settings=_settings(context, arguments),
        use_cache=arguments.use_cache,
    )


def _read(pipeline: Pipeline) -> list[str]:
    """The data sources that steps read."""
    inputs = (one for step in pipeline.steps.values() for one in step.inputs.values())
    return sorted({one.source for one in inputs if isinstance(one, DataInput)})


def _uri(context: Context, name: str, data: SubmittedData) -> str:
    """Where a data source is at the cloud; a file of this machine has a place of its own for each content."""
    if data.file is None:
        return data.uri
    return f"gs://{names.data_bucket(context)}/{name}/{data.digest.removeprefix(_SCHEME)}/{data.file.name}"


def _settings(context: Context, arguments: SubmissionArguments) -> dict[str, str]:
    found = {
        "display_name": chosen_names.hyphenated(context, arguments.pipeline.name),
        "pipeline_root": names.pipeline_root(context),
        "failure_policy": pipeline_job.FAILURE_POLICY,
        "machines": _machines(arguments),
        "steps": pipeline_job.steps(arguments.root, arguments.pipeline),
        **_network(context, arguments),
    }
    return {**found, "kms_key": arguments.key} if arguments.key else found


def _machines(arguments: SubmissionArguments) -> str:
    """The machines that a run is on at once, of which the quota must have enough."""
    sizes = {
        name: machines.machine(machines.machine_type(one.size, one.kind), one.kind)
        for name, one in arguments.computes.items()
    }
    return workload.text(arguments.pipeline, pipeline_job.step_machines(arguments.pipeline, sizes))


def _network(context: Context, arguments: SubmissionArguments) -> dict[str, str]:
    """How the steps' machines enter the stack's network, where it has one."""
    if arguments.access == "public" and arguments.address_space is None:
        return {}
    if arguments.connection == "psc":
        return {"network_attachment": names.attachment_path(context)}
    if not context.account.number:
        raise UsageError(
            "Vertex AI takes a peered network by the project's number, which the config does not name",
            hint="Set account.number in groundplan.yaml: gcloud projects describe "
            f"{context.account.project} --format='value(projectNumber)'",
        )
    return {"network": f"projects/{context.account.number}/global/networks/{names.network(context)}"}
