"""Stops every endpoint of the laptop and removes the platform's state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from ...core import files
from ...core.errors import GroundplanError, StoreCorruptedError, UsageError
from ...core.layout import Layout
from ...lifecycle.contract.platform import Endpoints
from ...modules.local.removal import Removal, RemovalItem, removal, remove
from ...stacks.config.resolved import Resolved
from ..output import Output
from ..result import Result
from ..session import Session
from ..sizes import for_people


def destroy(session: Session, config: Resolved, *, yes: bool, dry_run: bool) -> Result:
    """Stop every endpoint, then remove the project's state folder; on a terminal it asks first."""
    platform = session.platform(config)
    layout = Layout(config.root)
    _refuse_clouds(layout)
    found = removal(layout)
    deployments = platform.endpoints.places()
    if dry_run or not layout.state.is_dir():
        return _result(found, deployments, done=False)
    if not yes:
        _ask(session, found, deployments, project=config.config.project)
    with session.training(config), session.locked(config):
        found, deployments = removal(layout), platform.endpoints.places()
        with session.endpoint(config, *deployments):
            _stop(session, platform.endpoints, deployments)
            remove(layout)
    return _result(found, deployments, done=True)


def _refuse_clouds(layout: Layout) -> None:
    """The state of a cloud may lie in the same folder, and must outlive the laptop's."""
    left = sorted(path for path in layout.engine_state.glob(".pulumi/stacks/*/*.json") if _holds_resources(path))
    if left:
        raise UsageError(
            f"this folder also keeps the state of a cloud: stack {left[0].stem} still has resources there",
            where=str(left[0]),
            hint="Set platform back to that cloud and run groundplan destroy, or move the state to a shared backend.",
        )


def _holds_resources(path: Path) -> bool:
    """A state that cannot be read may hold some."""
    try:
        latest: Mapping[str, object] = files.read_json(path)["checkpoint"]["latest"] or {}
        return bool(latest.get("resources"))
    except (StoreCorruptedError, KeyError, TypeError, AttributeError):
        return True


def _ask(session: Session, found: Removal, deployments: Sequence[tuple[str, str]], *, project: str) -> None:
    if not session.interactive:
        raise UsageError(
            "destroy removes runs, models and logs for good, and nobody can be asked here",
            hint="groundplan destroy --yes (groundplan destroy --dry-run shows what would go)",
        )
    stderr = Output(verbosity=session.output.verbosity)
    for line in (*_summary(found, deployments), *(_item_line(item) for item in found.items)):
        stderr.message(f"  {line}")
    click.confirm(f"Remove all of this from {project}?", default=False, abort=True, err=True)


def _stop(session: Session, endpoints: Endpoints, deployments: Sequence[tuple[str, str]]) -> None:
    """All of them are tried; the first that cannot be stopped ends the command before anything is removed."""
    failed: list[GroundplanError] = []
    for name, environment in deployments:
        session.output.message(f"stopping endpoint {name}@{environment}", "dim")
        try:
            endpoints.undeploy(name, environment)
        except GroundplanError as error:
            failed.append(error)
    if failed:
        raise failed[0]


def _result(found: Removal, deployments: Sequence[tuple[str, str]], *, done: bool) -> Result:
    def text(output: Output) -> None:
        if not found.items and not deployments:
            output.line("nothing to remove")
            return
        output.line("removed" if done else "would remove", "bold")
        for line in (*_summary(found, deployments), *(_item_line(item) for item in found.items)):
            output.line(f"  {line}")
        output.line("the project's own files are untouched")

    return Result(
        data={
            "removed": done,
            "endpoints": [{"name": name, "environment": environment} for name, environment in deployments],
            "runs": found.runs,
            "models": found.models,
            "versions": found.versions,
            "size_bytes": found.size_bytes,
            "items": [_item(item) for item in found.items],
        },
        text=text,
        next=["groundplan up"] if done else ["groundplan destroy"] if found.items else [],
    )


def _summary(found: Removal, deployments: Sequence[tuple[str, str]]) -> list[str]:
    registered = "?" if found.versions is None else str(found.versions)
    lines = [
        f"{registered} registered model versions, {found.runs} runs, {for_people(found.size_bytes)} in all",
        *(f"endpoint {name}@{environment}, stopped first" for name, environment in deployments),
    ]
    if found.versions is None:
        lines.append("the tracking store cannot be read; it goes as it is")
    return lines


def _item_line(item: RemovalItem) -> str:
    return f"{item.path}  {item.description}  {for_people(item.size_bytes)}"


def _item(item: RemovalItem) -> dict[str, object]:
    return {
        "path": str(item.path),
        "description": item.description,
        "files": item.files,
        "size_bytes": item.size_bytes,
    }
