"""What a resource type takes and gives, read from the type annotations of the clouds' own Pulumi SDKs."""

from __future__ import annotations

import collections.abc
import enum
import functools
import importlib
import inspect
import re
import types
import typing
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from pulumi import _types as pulumi_types  # pyright: ignore[reportPrivateUsage] the SDK's own reading of them

_EXPECTED = re.compile(r"Expected value is '(?P<value>[^']+)'")
_API_VERSION = re.compile(r"Uses Azure REST API version (?P<version>\d{4}-\d\d-\d\d(?:-preview)?)")


@dataclass(frozen=True, kw_only=True)
class Scalar:
    """A string, number or truth value; ``choices`` are all it may be, when the SDK names them."""

    kind: Literal["string", "integer", "number", "boolean", "any"]
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list of one shape."""

    of: Shape


@dataclass(frozen=True, kw_only=True)
class Table:
    """A map from any key to one shape."""

    of: Shape


@dataclass(frozen=True, eq=False, kw_only=True)
class Record:
    """An object; ``constants`` are the values that tell one variant of a union from the others."""

    name: str
    required: frozenset[str]
    constants: Mapping[str, str]
    types: Mapping[str, Any]

    @functools.cached_property
    def fields(self) -> Mapping[str, Shape]:
        """The shape of each property, worked out when first asked: some types hold themselves."""
        return {name: _CORRECTED.get((self.name, name)) or _shape(kind) for name, kind in self.types.items()}


@dataclass(frozen=True, kw_only=True)
class Variants:
    """One of several shapes."""

    of: tuple[Shape, ...]


_CORRECTED = {
    # Two services have an enum of this name, and the SDK kept the other one's values.
    ("ConditionArgs", "operator"): Scalar(
        kind="string",
        choices=("Equals", "GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual", "GreaterOrLessThan"),
    ),
}

Shape = Scalar | Listing | Table | Record | Variants


@dataclass(frozen=True, kw_only=True)
class ResourceShape:
    """A resource type: its inputs, its outputs, the API version of its description."""

    token: str
    inputs: Record
    outputs: Mapping[str, Shape] = field(hash=False)
    api_version: str = ""


class UnknownTypeError(Exception):
    """No SDK has a class for this type token."""


@functools.cache
def resource_shape(token: str) -> ResourceShape:
    """The shape behind a type token such as ``azure-native:storage:StorageAccount``. Raises UnknownTypeError."""
    resource = _resource_class(token)
    module = importlib.import_module(resource.__module__)
    arguments = getattr(module, cast("list[str]", module.__all__)[0])
    version = _API_VERSION.search(resource.__init__.__doc__ or "")
    return ResourceShape(
        token=token,
        inputs=_record(arguments),
        outputs={name: _shape(kind) for name, kind in pulumi_types.resource_types(resource).items()},
        api_version=version["version"] if version else "",
    )


def _resource_class(token: str) -> Any:
    package, module, name = token.split(":")
    folder = module.partition("/")[0].lower()
    library = "pulumi_" + package.replace("-", "_")
    try:
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            found = getattr(importlib.import_module(f"{library}.{folder}"), name)
    except (ImportError, AttributeError) as error:
        raise UnknownTypeError(token) from error
    if getattr(found, "pulumi_type", token) != token:
        raise UnknownTypeError(token)
    return found


@functools.cache
def _record(cls: Any) -> Record:
    names: dict[str, str] = pulumi_types.input_type_py_to_pulumi_names(cls)
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    constants: dict[str, str] = {}
    for python_name, name in names.items():
        expected = _EXPECTED.search(getattr(cls, python_name).__doc__ or "")
        if expected:
            constants[name] = expected["value"]
    return Record(
        name=cls.__name__,
        required=frozenset(names[one.name] for one in parameters if one.default is inspect.Parameter.empty),
        constants=constants,
        types=pulumi_types.input_type_types(cls),
    )


def _output_record(cls: Any) -> Record:
    return Record(name=cls.__name__, required=frozenset(), constants={}, types=pulumi_types.output_type_types(cls))


def _shape(kind: Any) -> Shape:
    origin = typing.get_origin(kind)
    if origin in (collections.abc.Sequence, list):
        return Listing(of=_shape(typing.get_args(kind)[0]))
    if origin in (collections.abc.Mapping, dict):
        return Table(of=_shape(typing.get_args(kind)[1]))
    if origin in (typing.Union, types.UnionType):
        return _union(typing.get_args(kind))
    return _plain(kind)


def _plain(kind: Any) -> Shape:
    kinds: dict[Any, Literal["string", "integer", "number", "boolean"]] = {
        str: "string", int: "integer", float: "number", bool: "boolean",
    }  # fmt: skip
    if kind in kinds:
        return Scalar(kind=kinds[kind])
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        members = [cast("object", one.value) for one in kind]
        whole = all(isinstance(one, int | float) for one in members)
        return Scalar(kind="number" if whole else "string", choices=tuple(str(one) for one in members))
    if isinstance(kind, type) and pulumi_types.is_input_type(kind):
        return _record(kind)
    if isinstance(kind, type) and pulumi_types.is_output_type(kind):
        return _output_record(kind)
    return Scalar(kind="any")


def _union(members: tuple[Any, ...]) -> Shape:
    """Without what every input may also be: an Output, something awaitable, nothing."""
    kept = [one for one in members if not _is_wrapper(one)]
    choices = [one for one in kept if isinstance(one, type) and issubclass(one, enum.Enum)]
    if choices:
        return _plain(choices[0])
    shapes = tuple(dict.fromkeys(_shape(one) for one in kept))
    return shapes[0] if len(shapes) == 1 else Variants(of=shapes)


def _is_wrapper(kind: Any) -> bool:
    origin = typing.get_origin(kind) or kind
    return origin is type(None) or origin is collections.abc.Awaitable or getattr(origin, "__name__", "") == "Output"
