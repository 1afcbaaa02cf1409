"""What the cloud answers once a resource is there: its settings in the form of its outputs, and what the cloud adds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from .checking import SIGNATURE, UNKNOWN
from .facts import Account, Facts
from .shapes import Listing, Record, ResourceShape, Scalar, Shape, Table, Variants


def outputs(shape: ResourceShape, known: Facts, id: str, inputs: Mapping[str, Any], account: Account) -> dict[str, Any]:
    """The outputs of a resource with these inputs."""
    added = dict(known.outputs(id, inputs, account))
    if shape.api_version:
        added["azureApiVersion"] = shape.api_version
    answered: dict[str, Any] = {}
    for name, kind in shape.outputs.items():
        value = _output(name, kind, inputs.get(name), added, given=name in inputs, known=shape.inputs.fields)
        if value is not None:
            answered[name] = value
    return answered


def planned(shape: ResourceShape, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a preview says of the outputs: settings stand, whatever the cloud adds is unknown."""
    return {
        name: _answer(inputs[name], kind, {}) if name in inputs else UNKNOWN for name, kind in shape.outputs.items()
    }


def _output(
    name: str, kind: Shape, value: Any, added: Mapping[str, Any], *, given: bool, known: Mapping[str, Shape]
) -> Any:
    if given:
        return _answer(value, kind, added)
    if name in added and _fits(added[name], kind):
        return added[name]
    return None if name in known else _drawn(name, kind, added)


def _answer(value: Any, kind: Shape, added: Mapping[str, Any]) -> Any:
    """A setting in the form that the output has: Azure turns some lists of ids into maps."""
    if isinstance(value, Mapping):
        return _answer_object(cast("Mapping[str, Any]", value), kind, added)
    if isinstance(value, list):
        items = cast("list[Any]", value)
        if isinstance(kind, Table):
            return {str(item): _answer({}, kind.of, added) for item in items}
        return [_answer(item, kind.of, added) for item in items] if isinstance(kind, Listing) else items
    return value


def _answer_object(value: Mapping[str, Any], kind: Shape, added: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(kind, Table) and SIGNATURE not in value:
        return {name: _answer(item, kind.of, added) for name, item in value.items()}
    record = _variant(value, kind)
    if record is None or SIGNATURE in value:
        return dict(value)
    answered = {
        name: _answer(item, record.fields[name], added) for name, item in value.items() if name in record.fields
    }
    extra = {name: added[name] for name, field in record.fields.items() if _lacks(name, value, field, added)}
    return {**extra, **answered}


def _lacks(name: str, value: Mapping[str, Any], field: Shape, added: Mapping[str, Any]) -> bool:
    """Whether the cloud adds this property inside an object; names and types of parts stay what they are."""
    return name not in value and name in added and name not in ("name", "type") and _fits(added[name], field)


def _variant(value: Mapping[str, Any], kind: Shape) -> Record | None:
    if isinstance(kind, Record):
        return kind
    if isinstance(kind, Variants):
        records = [one for one in kind.of if isinstance(one, Record)]
        return max(records, key=lambda one: len(value.keys() & one.types.keys()), default=None)
    return None


def _fits(value: Any, kind: Shape) -> bool:
    match kind:
        case Scalar(kind="string"):
            return isinstance(value, str)
        case Scalar(kind="integer" | "number"):
            return isinstance(value, int | float)
        case Scalar(kind="boolean"):
            return isinstance(value, bool)
        case Table() | Record():
            return isinstance(value, Mapping)
        case Listing():
            return isinstance(value, list)
        case _:
            return False


def _drawn(name: str, kind: Shape, added: Mapping[str, Any]) -> Any:
    """A value for an output that nothing determines."""
    match kind:
        case Scalar(kind="string"):
            return f"{added.get('name', '')}-{name}"
        case Scalar(kind="boolean"):
            return False
        case Scalar(kind="integer" | "number"):
            return 0
        case Listing():
            return []
        case Table():
            return {}
        case _:
            return None
