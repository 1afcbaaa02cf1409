"""What a request to run a pipeline becomes at the cloud: the registered definition, and what this run sets of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..lifecycle.contract.jobs import Submission
from ..lifecycle.contract.pipeline import ParameterValue, Pipeline
from ..lifecycle.contract.run import RunRequest
from ..modules.contract.submission import SubmissionArguments, SubmittedCompute, SubmittedData
from . import pipelines, settings
from .config.config import Config
from .config.resolved import Resolved
from .places import places
from .platforms import module


def submission(
    configs: Mapping[str, Resolved], request: RunRequest, files: Mapping[str, tuple[Path, str]]
) -> Submission:
    """The submission of a request; ``configs`` as of ``read_stacks``, ``files`` and their digests by data source.

    A source without a file is at the cloud already. Raises UsageError for what the cloud cannot express.
    """
    resolved, name = configs[request.environment], request.pipeline.name
    config = resolved.config
    defined = pipelines.pipeline(resolved, name)
    arguments = SubmissionArguments(
        pipeline=defined,
        version=settings.pipeline_version(resolved, defined),
        root=resolved.root,
        parameters=_set(defined, request.pipeline),
        computes={
            one: SubmittedCompute(
                type=compute.type, kind=compute.kind, size=compute.size, spot=compute.spot, min_nodes=compute.min_nodes
            )
            for one, compute in config.compute.items()
        },
        data={source: _data(config, source, files.get(source)) for source in config.data.sources},
        access=config.network.access,
        address_space=config.network.address_space,
        connection=config.network.connection,
        key=places(configs)[request.environment].key,
        use_cache=request.use_cache,
    )
    made: Submission = module(config.platform, "submission").submission(
        settings.context(resolved, request.environment), arguments
    )
    return made


def _set(defined: Pipeline, wanted: Pipeline) -> dict[str, dict[str, ParameterValue]]:
    """By step the parameters that are not as the config defines them."""
    found = {
        name: {one: value for one, value in step.parameters.items() if value != defined.steps[name].parameters[one]}
        for name, step in wanted.steps.items()
    }
    return {name: values for name, values in found.items() if values}


def _data(config: Config, name: str, file: tuple[Path, str] | None) -> SubmittedData:
    source = config.data.sources[name]
    if file is None:
        return SubmittedData(uri=source.uri or "")
    path, digest = file
    return SubmittedData(below=settings.below_data(source), file=path, digest=digest)
