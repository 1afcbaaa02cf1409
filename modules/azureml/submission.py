"""What a run of a pipeline at Azure ML names: the component that ``up`` registered, its inputs, what is uploaded first.

Code lies where the code asset says. A file of data lies in a folder named by its digest, so that what an earlier run
read stays as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ...core import digests
from ...core.errors import UsageError
from ...lifecycle.contract.jobs import Submission, Upload
from ...lifecycle.contract.pipeline import Pipeline
from ..contract.context import Context
from ..contract.submission import SubmissionArguments, SubmittedCompute, SubmittedData
from . import compiling, compute, names, step_code, step_command
from .definition import CODE_CONTAINER, Definition, definition
from .storage import datastore_uri

_VERSIONED: Final = re.compile(r"azureml:[^:/@]+:[^:/@]+|(?:azureml:)?/.+/data/[^/]+/versions/[^/]+")
"""How a data asset is named whose version nobody changes."""

_IDENTITY: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"


def submission(context: Context, arguments: SubmissionArguments) -> Submission:
    """The submission of a pipeline. Raises UsageError for what its component would refuse."""
    pipeline = arguments.pipeline
    computes = {name: _compute(context, name, one) for name, one in arguments.computes.items()}
    defined = definition(arguments.root, pipeline, computes)
    sources = {name: _source(name, arguments.data) for name in compiling.sources(pipeline)}
    component = defined.compiled.pipeline
    return Submission(
        pipeline=pipeline.name,
        definition=f"{component.name}:{component.version}",
        inputs=_inputs(arguments),
        data={compiling.parameter("data", name): _uri(name, one) for name, one in sources.items()},
        steps={compiling.identifier(name): name for name in pipeline.steps},
        outputs=_outputs(pipeline),
        uploads=(*_code(arguments, defined), *_data(sources)),
        account=names.resource_id(context, _IDENTITY, names.identity_name(context, "pipeline")),
        labels={**context.tags, "definition": arguments.version},
        settings=_versions(defined),
        use_cache=arguments.use_cache and all(map(_is_fixed, sources.values())),
    )


def _compute(context: Context, name: str, wanted: SubmittedCompute) -> str:
    size = wanted.size or compute.DEFAULT_SIZES[wanted.kind]
    if wanted.type == "workstation":
        return compute.workstation_name(context, name, size)
    return compute.cluster_name(name, size, spot=wanted.spot)


def _inputs(arguments: SubmissionArguments) -> Mapping[str, str]:
    """Every parameter. An empty text is left to the registered default: the SDK gives a job none."""
    found: dict[str, str] = {}
    for step in arguments.pipeline.steps.values():
        for name, default in step.parameters.items():
            value = arguments.parameters.get(step.name, {}).get(name, default)
            if value == "" != default:
                raise UsageError(
                    f"Azure ML cannot run step {step.name} with the parameter {name} set to nothing",
                    hint=f"Leave it as the config has it ({default}), or set it to nothing in the config.",
                )
            found[compiling.parameter(step.name, name)] = step_command.encoded(value)
    return {name: value for name, value in found.items() if value}


def _outputs(pipeline: Pipeline) -> Mapping[str, str]:
    """The port of each output, with the file in it where the output is that one file of a folder."""
    return {
        f"{step.name}.{port}": step_command.output_of(port, kind)
        for step in pipeline.steps.values()
        for port, kind in step.outputs.items()
    }


def _source(name: str, known: Mapping[str, SubmittedData]) -> SubmittedData:
    if name not in known:
        raise UsageError(f"the data source {name!r} is not there", hint=f"Known: {', '.join(known) or 'none'}.")
    return known[name]


def _uri(name: str, source: SubmittedData) -> str:
    if source.file is None:
        return source.uri
    version = source.digest.removeprefix("sha256:")[:16]
    return f"{datastore_uri('data')}/sources/{name}/{version}/{source.file.name}"


def is_fixed(uri: str) -> bool:
    """Whether what is read is always the same: Azure ML itself tells inputs apart by their address alone."""
    return _VERSIONED.fullmatch(uri) is not None


def _is_fixed(source: SubmittedData) -> bool:
    return source.file is not None or is_fixed(source.uri)


def _code(arguments: SubmissionArguments, defined: Definition) -> Iterator[Upload]:
    folder = f"{datastore_uri(CODE_CONTAINER)}/{defined.folder}"
    for name in step_code.names(arguments.root, defined.code):
        path = arguments.root / name
        yield Upload(uri=f"{folder}/{name}", path=path, digest=digests.of_file(path))


def _data(sources: Mapping[str, SubmittedData]) -> Iterator[Upload]:
    for name, one in sources.items():
        if one.file is not None:
            yield Upload(uri=_uri(name, one), path=one.file, digest=one.digest, asset=name)


def _versions(defined: Definition) -> Mapping[str, str]:
    """The version of each step's component by its node, and of the code: what tells what changed since ``up``."""
    steps = {f"step.{compiling.identifier(name)}": one.version for name, one in defined.compiled.steps.items()}
    return steps | {"code": defined.code_version}
