"""Looks on while a program makes resources: who asked for each, and which output each input is taken from."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import pulumi

from ...modules.contract.context import AfterUp
from .. import causes
from ..provider_types import camel_case, provider_names

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A resource when it was made: its class, its cause, and by path of an input the resource's output it is."""

    kind: type
    cause: str
    sources: Mapping[Path, tuple[str, str]]


class Observer:
    """Notes every resource; ``transformation`` is registered on the stack before its program runs.

    It also takes away the aliases of a provider's SDK (an Azure resource brings up to 51, one for each version of the
    cloud's interface): they say under which older types the engine may find a resource in its state, and there is no
    state here.
    """

    def __init__(self, *, project: str, stack: str) -> None:
        self._prefix = f"urn:pulumi:{stack}::{project}::"
        self._types: dict[pulumi.Resource, str] = {}
        self._urns: dict[pulumi.Resource, str] = {}
        self._outputs: dict[int, tuple[str, str]] = {}
        self._waiting: list[pulumi.Resource] = []
        self.seen: dict[str, Seen] = {}

    def transformation(self, made: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        """Called by pulumi for every resource, before it is registered."""
        self._index_outputs()
        urn = self._urn(made)
        self.seen[urn] = Seen(kind=type(made.resource), cause=causes.current(), sources=dict(self._sources(made)))
        self._waiting.append(made.resource)
        if not made.opts.aliases:
            return None
        made.opts.aliases = [one for one in made.opts.aliases if not _only_of_type(one)]
        return pulumi.ResourceTransformationResult(made.props, made.opts)

    def steps(self) -> tuple[AfterUp, ...]:
        """What the components say is to be done after ``up``, in the order in which they were made."""
        return tuple(step for one in self._urns for step in cast("Sequence[AfterUp]", one.__dict__.get("steps", ())))

    @property
    def last(self) -> str:
        """The URN of what was made last; nothing before the first."""
        return next(reversed(self.seen), "")

    def _urn(self, made: pulumi.ResourceTransformationArgs) -> str:
        """As the engine makes it: the types of all that holds the resource, then its name."""
        parent = made.opts.parent
        above = self._types.get(parent, "") if parent is not None else ""
        chain = f"{above}${made.type_}" if above else made.type_
        self._types[made.resource] = chain
        urn = f"{self._prefix}{chain}::{made.name}"
        self._urns[made.resource] = urn
        return urn

    def _index_outputs(self) -> None:
        """The outputs of what was made before stand in it now."""
        for resource in self._waiting:
            for name, value in resource.__dict__.items():
                if isinstance(value, pulumi.Output):
                    self._outputs[id(cast("object", value))] = (self._urns[resource], camel_case(name))
        self._waiting.clear()

    def _sources(self, made: pulumi.ResourceTransformationArgs) -> Generator[tuple[Path, tuple[str, str]]]:
        for path, output in _outputs_in(made.props, (), ()):
            source = self._outputs.get(id(output))
            if source is not None:
                yield path, source


def _outputs_in(value: Any, path: Path, around: tuple[int, ...]) -> Generator[tuple[Path, object]]:
    """Every output below, with its path in the provider's names; ``around`` keeps a ring from being walked for ever."""
    if isinstance(value, pulumi.Output):
        yield path, cast("object", value)
        return
    if id(value) in around:
        return
    inside = (*around, id(value))
    if isinstance(value, Mapping):
        for name, entry in cast("Mapping[str, Any]", value).items():
            yield from _outputs_in(entry, (*path, name if path else camel_case(name)), inside)
    elif isinstance(value, list | tuple):
        for position, entry in enumerate(cast("Sequence[Any]", value)):
            yield from _outputs_in(entry, (*path, position), inside)
    elif names := provider_names(value):
        for name, entry in cast("dict[str, Any]", vars(value)).items():
            yield from _outputs_in(entry, (*path, names.get(name, name)), inside)


def _only_of_type(alias: object) -> bool:
    """Whether an alias names an older type and nothing else, as the SDKs' own do."""
    return isinstance(alias, pulumi.Alias) and (alias.name, alias.parent) == (..., ...)
