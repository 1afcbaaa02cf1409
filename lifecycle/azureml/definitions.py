"""The pipelines that ``up`` registered: whether the one that a run wants is there, and what changed where it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ...core.errors import NotFoundError
from ..contract.jobs import Submission
from . import errors, folders
from .calls import Calls
from .places import last

_COMPONENT = re.compile(r"(?:components/|^(?:azureml:)?)(?P<name>[^/:]+)(?:/versions/|:)(?P<version>[^/:]+)$")

_Answer = TypeVar("_Answer")


def demand(calls: Calls, workspace: str, submission: Submission, *, environment: str) -> str:
    """The id of the registered component. Raises NotFoundError that says what changed since ``up``."""
    name, _, version = submission.definition.partition(":")
    if _component(calls, workspace, name, version) is not None:
        return f"{workspace}/components/{name}/versions/{version}"
    there = _asked(calls, workspace, lambda: list(_components(calls, workspace).list(name=name)), "list the components")
    if not there:
        what = f"{submission.pipeline} is not registered in {last(workspace)}"
    else:
        newest = max(there, key=lambda one: one.creation_context.created_at)
        changed = _changed(submission, _component(calls, workspace, name, newest.version))
        what = f"{submission.pipeline} is not registered as it is here in {last(workspace)}: since up, {changed}"
    raise NotFoundError(what, where=submission.definition, hint=f"groundplan up -e {environment}")


def name_of(component: str) -> str:
    """A component as a submission names its definition, ``name:version``, by its id in any form; else ""."""
    found = _COMPONENT.search(component)
    return f"{found['name']}:{found['version']}" if found else ""


def _changed(submission: Submission, registered: Any) -> str:
    """What differs, in the config's words."""
    nodes: Mapping[str, Any] = {} if registered is None else registered.jobs
    there = {node: str(one.component).rpartition("/")[2].rpartition(":")[2] for node, one in nodes.items()}
    wanted = {node: submission.settings[f"step.{node}"] for node in submission.steps}
    names = [
        *(
            f"{name} changed"
            for node, name in submission.steps.items()
            if there.get(node, wanted[node]) != wanted[node]
        ),
        *(f"{name} is new" for node, name in submission.steps.items() if node not in there),
        *(f"{one.display_name or node} is gone" for node, one in nodes.items() if node not in wanted),
    ]
    return ", ".join(names) or "its parameters, data, limits or computes changed"


def _component(calls: Calls, workspace: str, name: str, version: str) -> Any:
    doing = f"look for the pipeline {name}"
    return _asked(calls, workspace, lambda: _components(calls, workspace).get(name=name, version=version), doing)


def _components(calls: Calls, workspace: str) -> Any:
    return calls.of(workspace).components


def _asked(calls: Calls, workspace: str, act: Callable[[], _Answer], doing: str) -> _Answer | None:
    return calls.found(
        lambda: folders.silently(act), calls.looking(), doing=doing, resource=workspace, role=errors.RUNNER
    )
