"""Plans of small programs: toy resources, a config to hang them on, resources made by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
from groundplan.modules.contract.planned import PlannedResource
from groundplan.modules.contract.rules import TypeRules
from groundplan.stacks.causes import Places
from groundplan.stacks.config.reading import read_stacks
from groundplan.stacks.config.resolved import Resolved
from groundplan.stacks.planning.drafting import drafted, exports
from groundplan.stacks.planning.recording import record
from groundplan.stacks.planning.redaction import redacted
from groundplan.stacks.planning.validation.checking import Draft, in_order, refused

import cloud_configs

CONFIG = cloud_configs.AZURE


class Toy(pulumi.CustomResource):
    """A resource of no cloud; ``made`` and the id are known only after up."""

    made: pulumi.Output[str]

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None, **inputs: Any) -> None:
        super().__init__("toy:index:Toy", name, {**inputs, "made": None}, opts)


class Box(pulumi.ComponentResource):
    """A component of no cloud."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundplan:toy:Box", name, {}, opts)


def config(folder: Path, text: str = CONFIG) -> Resolved:
    """The config of the first environment."""
    (folder / "groundplan.yaml").write_text(text, encoding="utf-8")
    return read_stacks(folder)["dev"]


def draft(program: Callable[[], None], resolved: Resolved, *, stack: str = "dev") -> Draft:
    """What a program makes, its secrets still in it."""
    recording = record(program, project="churn", stack=stack)
    kinds = {urn: seen.kind for urn, seen in recording.seen.items()}
    return Draft(config=resolved, stack=stack, resources=drafted(recording, Places(resolved)), kinds=kinds)


def planned(program: Callable[[], None], resolved: Resolved) -> dict[str, PlannedResource]:
    """What a plan shows of the program's resources, by logical name."""
    recording = record(program, project="churn", stack="dev")
    resources, _ = redacted(drafted(recording, Places(resolved)), {})
    return {one.name: one for one in resources}


def exported(program: Callable[[], None]) -> dict[str, object]:
    """What a plan shows of the program's exports."""
    recording = record(program, project="churn", stack="dev")
    return redacted((), exports(recording))[1]


def complaints(
    program: Callable[[], None], resolved: Resolved, rules: Mapping[str, TypeRules] | None = None
) -> list[tuple[str, str, str]]:
    """Line and column, message and hint of everything that the cloud would refuse."""
    problems = in_order(refused([draft(program, resolved)], rules or {}))
    return [(one.where.rpartition("groundplan.yaml:")[2], one.message, one.hint) for one in problems]


def urn(name: str, kind: str = "toy:index:Toy", *, stack: str = "dev") -> str:
    """The URN of a resource that nothing holds."""
    return f"urn:pulumi:{stack}::churn::{kind}::{name}"


def resource(name: str, kind: str = "toy:index:Toy", *, stack: str = "dev", **fields: Any) -> PlannedResource:
    """A planned resource."""
    return PlannedResource(urn=urn(name, kind, stack=stack), type=kind, name=name, **fields)
