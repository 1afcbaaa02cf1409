"""When the state cannot be saved: seen before anything is made, or else a copy of it that knows what was made."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...core.errors import GroundplanError, Problem, ResourceFailedError
from ...core.files import read_json
from .errors import StateBackendError
from .operations import Driver
from .recovery_export import Export, exported, of_text, write
from .recovery_files import StateFiles, state_files
from .recovery_journal import Journal
from .recovery_state import copies
from .steps import Outcome, Step
from .workspace import Project

_ROOM_BYTES = 16 * 2**20
_COPIES = 4
"""An update writes the state, the one before and two of the history."""
_EMPTY = '{"version": 3, "deployment": {"manifest": {}, "resources": []}}'
_PROVIDERS = "pulumi:providers:"


class UnsavedStateError(ResourceFailedError):
    """What was made stands in no state; a copy that names it was written elsewhere."""

    code = "STATE_UNSAVED"


def refuse_unwritable(project: Project, stack: str) -> None:
    """Raise StateBackendError before an operation whose state could not be saved; only folders of this machine."""
    files = state_files(project, stack)
    if files is None:
        return
    folder = next((one for one in (files.state, *files.state.parents) if one.is_dir()), files.folder)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StateBackendError(
            f"the state of stack {stack} could not be saved: {folder} cannot be written; nothing was changed",
            where=str(folder),
            hint="Make it writable, or name another place with state.backend or PULUMI_BACKEND_URL.",
        )
    size = files.state.stat().st_size if files.state.is_file() else 0
    free, needed = shutil.disk_usage(folder).free, _ROOM_BYTES + _COPIES * size
    if free < needed:
        raise StateBackendError(
            f"the state of stack {stack} could not be saved: {free // 1000} kB are free in {folder}, "
            f"{needed // 1000} kB are needed; nothing was changed",
            where=str(folder),
            hint="Free some space there, or name another place with state.backend or PULUMI_BACKEND_URL.",
        )


def rescued(driver: Driver, outcome: Outcome, before: str) -> GroundplanError:
    """The error of an operation that could not save its state, with the copy and the commands that bring it back.

    ``before`` is the state as it was exported before the operation. Raises GroundplanError when no copy can be written.
    """
    assert outcome.error is not None  # noqa: S101 that is why it is called
    export = _last_known(driver, outcome.stack, before)
    added = _add(export, outcome.steps)
    files = state_files(driver.project, outcome.stack)
    path = _written(driver.project, outcome.stack, export.content if files is None else _checkpoint(export))
    message = f"{outcome.error.message}; {added} resources that were made stand in no state but in the copy {path}"
    problem = Problem(
        message=message, where=outcome.error.where, hint=_hint(driver.project, outcome.stack, files, path)
    )
    return UnsavedStateError(message, where=problem.where, hint=problem.hint, problems=[problem])


def _hint(project: Project, stack: str, files: StateFiles | None, path: Path) -> str:
    back = (
        f"pulumi stack import --stack {project.full_name(stack)} --file {path}"
        if files is None
        else f"groundplan state restore --environment {stack} --from {path} --yes"
    )
    return f"When the place can be written again: {back}; groundplan repair --environment {stack}"


def _last_known(driver: Driver, stack: str, before: str) -> Export:
    """What the backend has, else the newest copy beside it, else what it had before, else nothing."""
    with contextlib.suppress(GroundplanError):
        return exported(driver, stack)
    files = state_files(driver.project, stack)
    found = copies(files) if files is not None else ()
    if found:
        content = read_json(found[0].path)
        latest: dict[str, Any] = content["checkpoint"].get("latest") or {}
        made = {"version": content["version"], "deployment": latest}
        return Export(content=made, journal=Journal(project=driver.project), stack=stack)
    return of_text(before or _EMPTY, driver, stack)


def _checkpoint(export: Export) -> dict[str, object]:
    """As a backend of files keeps it."""
    return {"version": export.content["version"], "checkpoint": {"stack": export.stack, "latest": export.deployment}}


def _add(export: Export, steps: Sequence[Step]) -> int:
    """Name in the state what was made and it does not know; how many those are."""
    known = {one["urn"] for one in export.resources}
    made = [one for one in steps if one.change == "create" and one.status == "done" and one.id and one.urn not in known]
    # Providers first: what they made refers to them.
    for step in sorted(made, key=lambda one: not one.type.startswith(_PROVIDERS)):
        own = step.type.startswith(_PROVIDERS)
        inputs = {name: value for name, value in step.inputs.items() if own and isinstance(value, str)}
        export.resources.append({
            "urn": step.urn, "type": step.type, "custom": True, "id": step.id, "inputs": inputs, "outputs": inputs,
            **({} if own else {"provider": export.provider(step.type)}),
        })  # fmt: skip
    added = {step.urn for step in made}
    pending = [one for one in export.pending if one["resource"]["urn"] not in added]
    export.deployment["pending_operations"] = pending
    return sum(not step.is_bookkeeping for step in made)


def _written(project: Project, stack: str, content: dict[str, object]) -> Path:
    """In the project, else in the temporary folder: the full disk may be the project's own."""
    name = f"unsaved-{stack}"
    try:
        return write(project.layout.engine / "rescue", name, content)
    except GroundplanError:
        return write(Path(tempfile.gettempdir()), name, content)
