"""What the providers' SDKs say of their own types: the properties of a resource, required ones, enums, alternatives."""

from __future__ import annotations

import collections.abc
import enum
import inspect
import sys
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import pulumi
from pulumi import _types as sdk  # pyright: ignore[reportPrivateUsage] pulumi names these functions nowhere else

_WRAPPERS = (collections.abc.Awaitable, pulumi.Output)


@dataclass(frozen=True, kw_only=True)
class Property:
    """An input: its name at the provider, the forms that its value may have, whether it must be there."""

    name: str
    forms: tuple[Any, ...]
    required: bool


def arguments_of(resource: type) -> type | None:
    """The class of a resource's arguments, or None for a resource that pulumi itself brings."""
    module = sys.modules[resource.__module__]
    names: list[str] = getattr(module, "__all__", [])
    found = [getattr(module, name) for name in names if name.endswith("Args")]
    return next((one for one in found if sdk.is_input_type(one)), None)


@cache
def properties(arguments: type) -> Mapping[str, Property]:
    """The properties of an arguments class, by their names at the provider."""
    parameters = inspect.signature(arguments.__init__).parameters
    to_python = {name: python for python, name in sdk.input_type_py_to_pulumi_names(arguments).items()}
    return {
        name: Property(
            name=name,
            forms=forms_of(kind),
            required=parameters[to_python[name]].default is inspect.Parameter.empty,
        )
        for name, kind in sdk.input_type_types(arguments).items()
        if to_python[name] in parameters
    }


@cache
def constants(arguments: type) -> Mapping[str, object]:
    """The properties that an arguments class sets by itself, such as ``computeType`` of an AmlComputeArgs."""
    given = object()
    parameters = list(inspect.signature(arguments.__init__).parameters)[1:]
    made = arguments(**dict.fromkeys(parameters, given))
    names = sdk.input_type_py_to_pulumi_names(arguments)
    return {
        names[name]: value
        for name, value in cast("dict[str, object]", vars(made)).items()
        if name in names and value is not given
    }


def provider_names(value: object) -> Mapping[str, str]:
    """For an arguments object: the names at the provider by those in Python; nothing for any other object."""
    kind = type(value)
    return sdk.input_type_py_to_pulumi_names(kind) if sdk.is_input_type(kind) else {}


def camel_case(name: str) -> str:
    """``principal_id`` as the providers write it: ``principalId``."""
    first, *others = name.strip("_").split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in others)


def is_arguments(kind: object) -> bool:
    """Whether this is the class of an object of inputs."""
    return isinstance(kind, type) and sdk.is_input_type(kind)


def forms_of(kind: Any) -> tuple[Any, ...]:
    """The forms that a type allows: classes, and lists and mappings of other types; text gives way to an enum."""
    found: list[Any] = []
    for one in _members(kind):
        if one is not type(None) and typing.get_origin(one) not in _WRAPPERS and one not in found:
            found.append(one)
    if any(is_enum(one) for one in found):
        found = [one for one in found if one is not str]
    return tuple(found)


def takes_list(forms: tuple[Any, ...]) -> bool:
    """Whether one of the forms is a list; what is not known may be one."""
    return not forms or Any in forms or any(elements(one)[0] == "list" for one in forms)


def forms_of_entry(forms: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    """The forms that the entry of this name (or position) may have; nothing where that is not known."""
    found: list[Any] = []
    for one in forms:
        kind, of = elements(one)
        if is_arguments(one):
            found += properties(one)[name].forms if name in properties(one) else ()
        elif kind:
            found += forms_of(of)
    return tuple(found)


def is_enum(kind: object) -> bool:
    """Whether this is an enumeration, all of which count as closed."""
    return isinstance(kind, type) and issubclass(kind, enum.Enum)


def elements(kind: Any) -> tuple[str, Any]:
    """``list`` or ``mapping`` and the type of an entry; an empty text for what is neither."""
    origin, of = typing.get_origin(kind), typing.get_args(kind)
    if origin in (list, collections.abc.Sequence):
        return "list", of[0] if of else Any
    if origin in (dict, collections.abc.Mapping):
        return "mapping", of[1] if of else Any
    return "", None


def _members(kind: Any) -> tuple[Any, ...]:
    return typing.get_args(kind) if typing.get_origin(kind) is typing.Union else (kind,)
