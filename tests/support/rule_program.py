"""A program that registers the resources of a plain list, and the engine's preview of it with the rules' pack."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pulumi
from google.protobuf import json_format, struct_pb2
from groundplan.core.layout import Layout
from groundplan.stacks.engine import installation
from groundplan.stacks.engine.command import EngineCommand, Limits
from groundplan.stacks.engine.events import Collector
from groundplan.stacks.engine.pack import PolicyPack
from groundplan.stacks.engine.steps import Violation
from groundplan.stacks.engine.workspace import Project, open_stack
from pulumi.automation import CommandResult
from pulumi.automation.errors import CommandError
from pulumi.runtime.proto import resource_pb2

import waiting

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET_SIGN = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The engine's signs: of a special value, of a secret, of a text that is not known yet."""

_REFERENCE = re.compile(r"\$\{([^.}\s]+)[^}]*\}")
_BLINDED = "[secret]"


@dataclass(frozen=True, kw_only=True)
class Previewed:
    """What the engine made of a program: what the pack said, what ``pulumi preview --json`` prints, why it failed."""

    violations: Sequence[Violation]
    json: str
    errors: Sequence[str]
    failure: str = ""


class _Kept(EngineCommand):
    """Keeps what the engine prints."""

    printed = ""

    def run(self, args: list[str], *more: Any, **named: Any) -> CommandResult:
        try:
            result = super().run(args, *more, **named)
        except CommandError as error:
            self.printed = str(error).partition("stdout: ")[2].partition("\n stderr:")[0]
            raise
        self.printed = result.stdout if "preview" in args else self.printed
        return result


def preview(root: Path, name: str, stack: str, entries: Iterable[Mapping[str, Any]], pack: PolicyPack) -> Previewed:
    """Preview the resources of a list as a stack of project ``name``."""
    project = Project(layout=Layout(root), name=name, platform="azureml", engine=installation.find(None))
    command = _Kept(project.engine, Limits(tell=print), with_pack=True)
    collector, listed = Collector(), list(entries)
    urns = {str(one["name"]): f"urn:pulumi:{stack}::{name}::{one['type']}::{one['name']}" for one in listed}
    loops: list[asyncio.AbstractEventLoop] = []

    def program() -> None:
        loops.append(asyncio.get_running_loop())
        _register(listed, urns)

    opened, _notice = open_stack(project, stack, program, command=command, create=True)
    failure = ""
    try:
        opened.preview(on_event=collector, json=True, **pack.options)
    except CommandError as error:  # as it does when what is mandatory fails
        failure = str(error)
    for loop in loops:  # the Automation API leaves it open when the engine ends before the program
        with waiting.beside(lambda loop=loop: not loop.is_running(), loop.close):
            pass
    said = [text for texts in collector.causes.values() for text in texts]
    return Previewed(violations=tuple(collector.violations), json=command.printed, errors=tuple(said), failure=failure)


def _register(entries: Sequence[Mapping[str, Any]], urns: Mapping[str, str]) -> None:
    """Register by the protocol itself, what others refer to first: the SDK takes ten times as long."""
    monitor = cast("Any", pulumi.runtime.settings.get_monitor())
    waiting = {str(one["name"]): one for one in entries}

    def register(name: str) -> None:
        entry = waiting.pop(name)
        properties = cast("Mapping[str, object]", entry.get("properties", {}))
        causes = {key: [one for one in _names(value) if one in urns] for key, value in properties.items()}
        for cause in {one for found in causes.values() for one in found}:
            if cause in waiting:
                register(cause)
        monitor.RegisterResource(
            resource_pb2.RegisterResourceRequest(
                type=str(entry["type"]), name=name, custom=True, protect=entry.get("protect") is True,
                object=json_format.ParseDict({key: _sent(one) for key, one in properties.items()}, struct_pb2.Struct()),
                dependencies=sorted({urns[one] for found in causes.values() for one in found}),
                propertyDependencies={
                    key: resource_pb2.RegisterResourceRequest.PropertyDependencies(urns=[urns[one] for one in found])
                    for key, found in causes.items()
                },
                acceptSecrets=True, supportsPartialValues=True,
            )
        )  # fmt: skip

    while waiting:
        register(next(iter(waiting)))


def _names(value: object) -> list[str]:
    """The resources that a value refers to."""
    if isinstance(value, Mapping):
        return [name for one in cast("Mapping[str, object]", value).values() for name in _names(one)]
    if isinstance(value, (list, tuple)):
        return [name for one in cast("Sequence[object]", value) for name in _names(one)]
    return _REFERENCE.findall(value) if isinstance(value, str) else []


def _sent(value: object) -> Any:
    """A value as a program sends it: what refers to a resource is not known yet, what is blinded is a secret."""
    if isinstance(value, Mapping):
        given = cast("Mapping[str, object]", value)
        if given.get(SIGNATURE) == SECRET_SIGN:
            return {"value": "hidden", **given}
        return {key: _sent(one) for key, one in given.items()}
    if isinstance(value, (list, tuple)):
        return [_sent(one) for one in cast("Sequence[object]", value)]
    if value == _BLINDED:
        return {SIGNATURE: SECRET_SIGN, "value": "hidden"}
    return UNKNOWN if _names(value) else value
