"""All resources that are judged together: found by type, and by what refers to what, each indexed once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from . import paths
from .resource import Resource
from .values import Unknown


@dataclass(frozen=True, kw_only=True)
class References:
    """The resources of one type by what a property path of theirs names; ``unsure`` are those that cannot be told."""

    by_key: Mapping[str, Sequence[Resource]]
    unsure: tuple[Resource, ...]

    @cached_property
    def by_environment(self) -> Mapping[str, Mapping[str, Resource]]:
        """For each key, one resource of each environment that names it."""
        found: dict[str, dict[str, Resource]] = {}
        for key, resources in self.by_key.items():
            for one in resources:
                found.setdefault(key, {}).setdefault(one.environment, one)
        return found

    def to(self, target: Resource) -> list[Resource]:
        """Those that refer to a resource: by its URN, or by its id or name, whatever the case."""
        found = {id(one): one for key in keys_of(target) for one in self.by_key.get(key, ())}
        return list(found.values())


def keys_of(target: Resource) -> tuple[str, ...]:
    """What others may name a resource by: its URN, its id and its names in lower case."""
    return target.urn, *(name.lower() for name in target.names)


class Graph:
    """The resources of one or several stacks."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.resources: tuple[Resource, ...] = tuple(resources)
        self._found: dict[str, tuple[Resource, ...]] = {}
        self._references: dict[tuple[str, str], References] = {}
        self._by_name: dict[str, Mapping[str, Sequence[Resource]]] = {}

    @cached_property
    def by_type(self) -> Mapping[str, Sequence[Resource]]:
        """The resources by type."""
        found: dict[str, list[Resource]] = defaultdict(list)
        for one in self.resources:
            found[one.type].append(one)
        return found

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """The resources by URN."""
        return {one.urn: one for one in self.resources}

    def of(self, *types: str) -> tuple[Resource, ...]:
        """The resources of these types; ``*`` stands for anything, as in ``gcp:vertex/*``."""
        return tuple(one for type in types for one in self._of(type))

    def types(self, *types: str) -> list[str]:
        """Those of these types that resources are of, each once."""
        return list(dict.fromkeys(name for type in types for name in self._matching(type)))

    def _of(self, type: str) -> tuple[Resource, ...]:
        if type not in self._found:
            self._found[type] = tuple(one for name in self._matching(type) for one in self.by_type[name])
        return self._found[type]

    def _matching(self, type: str) -> list[str]:
        if "*" in type:
            return [one for one in self.by_type if fnmatchcase(one, type)]
        return [type] if type in self.by_type else []

    def references(self, type: str, path: str) -> References:
        """Who of ``type`` names what at ``path``. A path that leads to a list or mapping means all that is in it."""
        if (type, path) not in self._references:
            self._references[type, path] = _index(self.of(type), path)
        return self._references[type, path]

    def referring(self, target: Resource, type: str, path: str) -> list[Resource]:
        """The resources of a type whose property refers to ``target``."""
        return self.references(type, path).to(target)

    def targets(self, resource: Resource, path: str, *types: str) -> list[Resource]:
        """The resources of these types that a property of ``resource`` names."""
        return self._named((value for _, found in resource.each(path) for value in paths.leaves(found)), types)

    def named(self, value: object, *types: str) -> list[Resource]:
        """The resources of these types that a single value names."""
        return self._named((value,), types)

    def _named(self, values: Iterable[object], types: Iterable[str]) -> list[Resource]:
        wanted = set(_keys(values))
        if not wanted:
            return []
        indexes = [self._named_of(type) for type in types]
        found = {id(one): one for index in indexes for key in wanted for one in index.get(key, ())}
        return sorted(found.values(), key=lambda one: one.urn)

    def called(self, name: str, type: str) -> Sequence[Resource]:
        """The resources of a type with this id or name, whatever its case."""
        return self._named_of(type).get(name.lower(), ())

    def _named_of(self, type: str) -> Mapping[str, Sequence[Resource]]:
        """The resources of a type by URN and by every name in lower case."""
        if type not in self._by_name:
            index: dict[str, list[Resource]] = defaultdict(list)
            for one in self._of(type):
                for key in set(keys_of(one)):
                    index[key].append(one)
            self._by_name[type] = index
        return self._by_name[type]


def _index(resources: Iterable[Resource], path: str) -> References:
    by_key: dict[str, list[Resource]] = defaultdict(list)
    unsure: list[Resource] = []
    for one in resources:
        values = [leaf for _, found in one.each(path) for leaf in paths.leaves(found)]
        if any(isinstance(value, Unknown) and not value.of for value in values):
            unsure.append(one)
        for key in set(_keys(values)):
            by_key[key].append(one)
    return References(by_key=by_key, unsure=tuple(unsure))


def _keys(values: Iterable[object]) -> Iterable[str]:
    """What a value may name: URNs that determine it; a text as it is; an id's owner and each owner's name."""
    for value in values:
        if isinstance(value, Unknown):
            yield from value.of
        elif isinstance(value, str) and value:
            yield from _names_in(value.lower())


def _names_in(text: str) -> Iterable[str]:
    """A text, the parts of an id, a BigQuery table's dataset, what Azure ML's short ids name, and what is quoted."""
    yield text
    if text.startswith("bq://"):
        yield from text[5:].split(".")
    elif text.startswith("azureml:") and not text.startswith("azureml://"):
        yield from text[8:].split(":")
    if '"' in text:
        yield from text.split('"')[1::2]
    if "/" in text:
        pieces = text.split("/")
        yield from pieces[1:]
        for end in range(3, len(pieces)):
            yield "/".join(pieces[:end])
