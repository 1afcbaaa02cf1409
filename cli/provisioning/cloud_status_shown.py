"""The status of a cloud's stacks: a screen for people, plain values for machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...core import clock
from ..output import Output, Style
from . import cloud_models

if TYPE_CHECKING:
    from .cloud_status import EndpointStatus, Picture, StackStatus, Standing

_STYLES: Mapping[Standing, Style] = {"up": "good", "not up": "plain", "interrupted": "bad", "unknown": "warn"}


def write(output: Output, picture: Picture) -> None:
    """A table of the stacks, then what each of them says of itself."""
    config = picture.config
    output.fields(
        [
            ("project", f"{config.config.project}  ({config.config.platform}, {config.root})"),
            ("state", picture.backend or "not looked at"),
        ]
    )
    output.line()
    output.table(
        ("stack", "", "resources", "changed", "tier", "region"),
        [
            (one.stack, one.standing, str(one.resources) if one.changed else "-", _changed(one), one.tier, one.region)
            for one in picture.stacks
        ],
    )
    for one in picture.stacks:
        _write_stack(output, one)
    if picture.models is not None:
        cloud_models.write(output, picture.models)
    for error in picture.problems:
        output.error(error, command="status")


def data(picture: Picture) -> dict[str, object]:
    """The status as JSON carries it."""
    config = picture.config
    return {
        "project": config.config.project,
        "platform": config.config.platform,
        "folder": str(config.root),
        "backend": picture.backend or None,
        "stacks": [_stack(one) for one in picture.stacks],
        **({} if picture.models is None else cloud_models.data(picture.models)),
    }


def _write_stack(output: Output, one: StackStatus) -> None:
    lines = list(_lines(one))
    if lines:
        output.line()
        output.line(one.stack, "bold")
    for text, style in lines:
        output.line(f"  {text}", style)


def _lines(one: StackStatus) -> Iterator[tuple[str, Style]]:
    for holder in one.running:
        yield f"an operation is running: {holder}", "warn"
    for interruption in one.interruptions:
        yield interruption.message, "bad"
        yield f"  fix: {interruption.hint}", "plain"
    width = max((len(name) for name in one.places), default=0)
    for name, value in one.places.items():
        yield f"{name:<{width}}  {value}", "plain"
    if one.changed or one.standing == "unknown":
        for endpoint in one.endpoints:
            yield _endpoint_line(endpoint), "plain"
    for step in one.steps:
        yield f"after up: {step.title}", "plain"
        if step.command:
            yield f"  $ {step.command}", "dim"
    for name in one.reserved:
        yield f"the name {name.name} stays reserved until {clock.for_people(name.until)}; {name.purge}", "warn"


def _endpoint_line(one: EndpointStatus) -> str:
    called = f" ({one.name})" if one.name else ""
    kind = "batch endpoint" if one.kind == "batch" else "endpoint"
    return f"{kind} {one.endpoint}{called}: {one.serves}"


def _changed(one: StackStatus) -> str:
    return clock.for_people(one.changed) if one.changed else "-"


def _stack(one: StackStatus) -> dict[str, object]:
    return {
        "stack": one.stack,
        "status": one.standing,
        "tier": one.tier,
        "region": one.region,
        "changed": one.changed or None,
        "resources": one.resources,
        "places": dict(one.places),
        "endpoints": [
            {"endpoint": each.endpoint, "kind": each.kind or None, "name": each.name or None,
             "scoring_uri": each.scoring_uri or None, "serves": each.serves}
            for each in one.endpoints
        ],
        "after": [{"title": step.title, "reason": step.reason, "command": step.command} for step in one.steps],
        "interruptions": [
            {"kind": each.kind, "message": each.message, "where": each.where, "hint": each.hint}
            for each in one.interruptions
        ],
        "running": list(one.running),
        "reserved": [
            {"name": each.name, "type": each.type, "until": each.until, "purge": each.purge} for each in one.reserved
        ],
    }  # fmt: skip
