"""The form of a resource's inputs, by the types of the installed SDK: names, required ones, types, enums."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, cast

from ....core.suggestions import did_you_mean
from ....modules.contract.planned import Unknown
from ... import provider_types
from ..observing import Path
from .finding import Finding, dotted, opened, plain, shown

_WORDS: dict[type, str] = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


def findings(resource: type, inputs: Mapping[str, object], *, corrected: Collection[str] = ()) -> Iterator[Finding]:
    """What is wrong with the form of these inputs for a resource of this class; unknown values are left alone.

    ``corrected`` are paths whose values groundplan knows better than the SDK, which mixes up enums of one name.
    """
    arguments = provider_types.arguments_of(resource)
    if arguments is not None:
        for finding in _object(inputs, arguments, ()):
            if dotted(tuple(part for part in finding.path if isinstance(part, str))) not in corrected:
                yield finding


def _object(value: Mapping[str, object], arguments: type, path: Path) -> Iterator[Finding]:
    known = provider_types.properties(arguments)
    for name, entry in value.items():
        if name not in known:
            yield _unknown(name, known, path)
        else:
            yield from _value(entry, known[name].forms, (*path, name))
    for name, one in known.items():
        if one.required and name not in value and name not in provider_types.constants(arguments):
            yield Finding(path=path, message=f"{dotted((*path, name))} is missing, and the cloud requires it")


def _unknown(name: str, known: Mapping[str, object], path: Path) -> Finding:
    inside = f" in {dotted(path)}" if path else ""
    return Finding(
        path=(*path, name),
        message=f"there is no property {name!r}{inside}",
        hint=did_you_mean(name, known),
    )


def _value(value: object, forms: Sequence[Any], path: Path) -> Iterator[Finding]:
    if isinstance(value, Unknown) or not forms or Any in forms:
        return
    content = opened(value)
    if isinstance(content, Mapping) and _takes(forms, "mapping"):
        yield from _mapping(cast("Mapping[str, object]", content), forms, path)
    elif isinstance(content, list) and _takes(forms, "list"):
        yield from _list(cast("list[object]", content), forms, path)
    elif isinstance(content, Mapping | list):
        if _all_known(forms):
            yield _mismatch(value, forms, path)
    else:
        yield from _scalar(value, content, forms, path)


def _takes(forms: Sequence[Any], what: str) -> bool:
    """Whether one of the forms is a mapping (an object of inputs is one too), or a list."""
    return any(provider_types.elements(one)[0] == what for one in forms) or (
        what == "mapping" and any(provider_types.is_arguments(one) for one in forms)
    )


def _mapping(value: Mapping[str, object], forms: Sequence[Any], path: Path) -> Iterator[Finding]:
    objects = [one for one in forms if provider_types.is_arguments(one)]
    if objects:
        yield from _one_of(value, objects, path)
        return
    inner = _inner(forms, "mapping")
    for name, entry in value.items():
        yield from _value(entry, inner, (*path, name))


def _inner(forms: Sequence[Any], what: str) -> tuple[Any, ...]:
    """The forms that the entries of a mapping or list may have."""
    return next(
        provider_types.forms_of(of) for one in forms for kind, of in [provider_types.elements(one)] if kind == what
    )


def _one_of(value: Mapping[str, object], objects: Sequence[type], path: Path) -> Iterator[Finding]:
    """Of several classes the one whose constants the value has, such as its ``computeType``."""
    if len(objects) == 1:
        yield from _object(value, objects[0], path)
        return
    fitting = [one for one in objects if _has(value, provider_types.constants(one))]
    if fitting:
        yield from _object(value, fitting[0], path)
        return
    kinds = {name: str(kind) for one in objects for name, kind in provider_types.constants(one).items()}
    for name in kinds:
        choices = sorted({str(provider_types.constants(one).get(name)) for one in objects})
        if isinstance(value.get(name), Unknown):
            return
        if name not in value:
            yield Finding(path=path, message=f"{dotted((*path, name))} is missing, and the cloud requires it")
        else:
            yield _not_among(value[name], choices, (*path, name))


def _has(value: Mapping[str, object], constants: Mapping[str, object]) -> bool:
    return all(plain(value.get(name)) == constant for name, constant in constants.items())


def _list(value: list[object], forms: Sequence[Any], path: Path) -> Iterator[Finding]:
    inner = _inner(forms, "list")
    for position, entry in enumerate(value):
        yield from _value(entry, inner, (*path, position))


def _scalar(value: object, content: object, forms: Sequence[Any], path: Path) -> Iterator[Finding]:
    enums = [one for one in forms if provider_types.is_enum(one)]
    plain_forms = [one for one in forms if one in _WORDS]
    if any(_is(content, one) for one in plain_forms) or not _all_known(forms):
        return
    if enums:
        choices = [member.value for one in enums for member in one]
        if content not in choices:
            yield _not_among(value, choices, path)
    else:
        yield _mismatch(value, forms, path)


def _is(value: object, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)


def _all_known(forms: Sequence[Any]) -> bool:
    """Whether each form is one that can be judged; assets and archives are not."""
    return all(
        one in _WORDS
        or provider_types.is_enum(one)
        or provider_types.is_arguments(one)
        or provider_types.elements(one)[0]
        for one in forms
    )


def _not_among(value: object, choices: Sequence[object], path: Path) -> Finding:
    known = [str(choice) for choice in choices]
    return Finding(
        path=path,
        message=f"{dotted(path)} is {shown(value)}, which the cloud does not know",
        hint=did_you_mean(str(plain(value)), known) if not isinstance(value, bool) else f"Known: {', '.join(known)}.",
        value=plain(value),
    )


def _mismatch(value: object, forms: Sequence[Any], path: Path) -> Finding:
    expected = " or ".join(dict.fromkeys(_word(one) for one in forms))
    return Finding(
        path=path,
        message=f"{dotted(path)}: expected {expected}; got {shown(value)}",
        value=plain(value),
    )


def _word(form: Any) -> str:
    if form in _WORDS:
        return _WORDS[form]
    if provider_types.is_enum(form):
        return f"one of {', '.join(str(member.value) for member in form)}"
    return "a list" if provider_types.elements(form)[0] == "list" else "a mapping"
