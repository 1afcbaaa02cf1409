"""What a request to run a pipeline at a cloud is made of: data and code of this machine, what the cloud is given."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.layout import Layout
from ..lifecycle.contract.pipeline import DataInput
from ..lifecycle.contract.run import RunRequest
from ..lifecycle.local.data import sources
from ..lifecycle.local.running import code_version
from ..lifecycle.recorded.runs import Prepared
from ..stacks.config.resolved import Resolved
from ..stacks.submissions import submission


def prepared(configs: Mapping[str, Resolved], layout: Layout, request: RunRequest) -> Prepared:
    """The request, ready to be submitted; ``configs`` as of ``read_stacks``. Raises DataError, UsageError.

    Files that are at the cloud already are not looked at: without a digest in the config they may be other data each
    time. Tables are, by the cloud's jobs.
    """
    pipeline, steps = request.pipeline, request.pipeline.steps.values()
    read = sorted({one.source for step in steps for one in step.inputs.values() if isinstance(one, DataInput)})
    here = [name for name in read if pipeline.sources[name].path or pipeline.sources[name].sklearn]
    files = {name: sources.materialize(pipeline.sources[name], layout) for name in here}
    known = configs[request.environment].config.data.sources
    there = {name: known[name] for name in read if name not in files}
    made = submission(configs, request, files)
    tables = {made.data[input] for input in made.tables}
    codes = {step.name: code_version.of_step(request.root, step) for step in steps}
    return Prepared(
        submission=made,
        data={name: files[name][1] if name in files else there[name].digest or there[name].uri or "" for name in read},
        code=code_version.of_steps(request.root, codes),
        repeatable=all(step.cache for step in steps) and all(one.digest or one.uri in tables for one in there.values()),
    )
