"""Sets any property of any resource as ``overrides`` of the config says, so that nobody has to fork a component."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, cast

import pulumi

from ..core.errors import ConfigError, Problem
from .config import secrets
from .provider_types import arguments_of, camel_case, forms_of_entry, provider_names, takes_list

Overrides = Mapping[str, Mapping[str, Any]]
"""By a resource's logical name: values by property path in the provider's names, such as ``properties.vmSize``."""


def apply(overrides: Overrides) -> None:
    """Change what resources with these names are made with; called in the stack's program before any is made.

    A mapping is merged deeply with what is there, everything else takes its place; a number in a path counts a list's
    entries from 0. ``${env:NAME}`` stands for a secret. Works in the engine and in a plan alike.
    """
    if overrides:
        pulumi.runtime.register_stack_transformation(lambda made: _transformed(made, overrides))


def covering(overrides: Mapping[str, Any], path: str) -> str | None:
    """The override that sets the property at this path or something in it or around it, or None."""
    for one in overrides:
        if path == one or path.startswith(f"{one}.") or one.startswith(f"{path}."):
            return one
    return None


def _transformed(
    made: pulumi.ResourceTransformationArgs, overrides: Overrides
) -> pulumi.ResourceTransformationResult | None:
    own = overrides.get(made.name)
    if own is None or isinstance(made.resource, pulumi.ComponentResource):
        return None
    _refuse_lists(made, own)
    inputs: Any = dict(made.props)
    for path, value in own.items():
        inputs = _set(inputs, path.split("."), _resolved(value, f"overrides.{made.name}.{path}"), top=True)
    return pulumi.ResourceTransformationResult(inputs, made.opts)


def _refuse_lists(made: pulumi.ResourceTransformationArgs, own: Mapping[str, Any]) -> None:
    """Raises ConfigError for lists where the SDK knows that none belongs: it would end in an assertion."""
    arguments = arguments_of(type(made.resource))
    problems = [
        Problem(
            message=f"{made.name} ({made.type_}): {wrong} is no list",
            where=f"overrides.{made.name}.{path}",
            hint="Look at the resource in groundplan plan --verbose without overrides.",
        )
        for path, value in own.items()
        for wrong in _misplaced(path.split("."), value, (arguments,) if arguments else ())
    ]
    if problems:
        raise ConfigError.of(problems)


def _misplaced(parts: list[str], value: Any, forms: tuple[Any, ...], path: str = "") -> Iterator[str]:
    """The paths of lists at or below this value that stand where the SDK takes something else."""
    if parts:
        inner = forms_of_entry(forms, parts[0])
        yield from _misplaced(parts[1:], value, inner, f"{path}.{parts[0]}" if path else parts[0])
    elif isinstance(value, Mapping):
        for name, entry in cast("Mapping[str, Any]", value).items():
            yield from _misplaced([name], entry, forms, path)
    elif isinstance(value, list):
        if not takes_list(forms):
            yield path
        for entry in cast("list[Any]", value):
            yield from _misplaced([], entry, forms_of_entry(forms, "0"), path)


def _set(value: Any, parts: list[str], new: Any, *, top: bool = False) -> Any:
    """``value`` with ``new`` at the path; what is missing on the way becomes a mapping."""
    if not parts:
        return _merged(value, new)
    if isinstance(value, pulumi.Output):
        output = cast("pulumi.Output[Any]", value)
        return output.apply(lambda known: _set(known, parts, new))
    if isinstance(value, list):
        items = list(cast("list[Any]", value))
        if parts[0].isdigit() and int(parts[0]) < len(items):
            items[int(parts[0])] = _set(items[int(parts[0])], parts[1:], new)
            return items
    entries = _entries(value)
    key = _key(entries, parts[0], top=top)
    return {**entries, key: _set(entries.get(key), parts[1:], new)}


def _merged(below: Any, new: Any) -> Any:
    if not isinstance(new, Mapping) or below is None:
        return cast("Any", new)
    if isinstance(below, pulumi.Output):
        output = cast("pulumi.Output[Any]", below)
        return output.apply(lambda known: _merged(known, new))
    entries = _entries(below)
    for name, value in cast("Mapping[str, Any]", new).items():
        key = _key(entries, name)
        entries[key] = _merged(entries.get(key), value)
    return entries


def _entries(value: Any) -> dict[str, Any]:
    """A mapping's or an arguments object's entries by the provider's names; nothing for everything else."""
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    names = provider_names(value)
    return {names[name]: entry for name, entry in cast("dict[str, Any]", vars(value)).items()} if names else {}


def _key(entries: Mapping[str, Any], name: str, *, top: bool = False) -> str:
    """The key of a property: a resource's own inputs, and mappings in programs, may have names as Python has them."""
    if name in entries:
        return name
    return next((key for key in entries if (top or "_" in key) and camel_case(key) == name), name)


def _resolved(value: Any, where: str) -> Any:
    """The value with references to secrets looked up, each marked as a secret. Raises ConfigError for one not set."""
    if isinstance(value, str) and secrets.REFERENCE.fullmatch(value):
        return pulumi.Output.secret(secrets.value_of(value, where=where))
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, Any]", value)
        return {name: _resolved(entry, where) for name, entry in entries.items()}
    if isinstance(value, list):
        return [_resolved(entry, where) for entry in cast("list[Any]", value)]
    return value


def without_references(overrides: Overrides) -> dict[str, dict[str, Any]]:
    """The overrides without those in which a secret is named."""
    return {
        name: {path: value for path, value in own.items() if not any(_references(value))}
        for name, own in overrides.items()
    }


def references(overrides: Overrides) -> Iterator[tuple[str, str]]:
    """The dotted path in the config, and the reference, of every secret that overrides name."""
    for name, own in overrides.items():
        for path, value in own.items():
            yield from ((f"overrides.{name}.{path}", reference) for reference in _references(value))


def secret_values(overrides: Overrides) -> frozenset[str]:
    """The secrets that overrides name, as they are now; those that cannot be looked up are left out."""
    found: set[str] = set()
    for where, reference in references(overrides):
        with suppress(ConfigError):
            found.add(secrets.value_of(reference, where=where))
    return frozenset(found)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str) and secrets.REFERENCE.fullmatch(value):
        yield value
    elif isinstance(value, Mapping):
        for entry in cast("Mapping[str, Any]", value).values():
            yield from _references(entry)
    elif isinstance(value, list):
        for entry in cast("list[Any]", value):
            yield from _references(entry)
