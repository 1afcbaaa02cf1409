"""What changed between two sets of inputs, path by path, and what of it replaces the resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, cast

from pulumi.runtime.proto import provider_pb2

from .facts import under

Change = Literal["added", "deleted", "updated"]


def paths(old: Any, new: Any, *, ignored: Sequence[str] = ()) -> dict[str, Change]:
    """Each property path whose value differs, and how; ``ignored`` paths count as unchanged."""
    return {path: change for path, change in _differing(old, new, "") if not under(path, frozenset(ignored))}


def _differing(old: Any, new: Any, path: str) -> Iterator[tuple[str, Change]]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        before, after = cast("Mapping[str, Any]", old), cast("Mapping[str, Any]", new)
        for name in sorted(before.keys() | after.keys()):
            yield from _differing(before.get(name), after.get(name), _join(path, name))
    elif isinstance(old, list) and isinstance(new, list):
        first, second = cast("list[Any]", old), cast("list[Any]", new)
        for position in range(max(len(first), len(second))):
            yield from _differing(_at(first, position), _at(second, position), f"{path}[{position}]")
    elif old != new:
        yield path, "added" if old is None else "deleted" if new is None else "updated"


def _at(values: list[Any], position: int) -> Any:
    return values[position] if position < len(values) else None


def _join(path: str, name: str) -> str:
    quoted = f'["{name}"]' if "." in name or "/" in name else name
    return f"{path}{quoted}" if quoted.startswith("[") else f"{path}.{quoted}" if path else quoted


def response(changed: Mapping[str, Change], forces: frozenset[str]) -> provider_pb2.DiffResponse:
    """The answer to the engine. A resource with a name of its own is deleted before its replacement is made."""
    replacing = [path for path in changed if under(path, forces)]
    kinds = provider_pb2.PropertyDiff.Kind
    plain = {"added": kinds.ADD, "deleted": kinds.DELETE, "updated": kinds.UPDATE}
    forced = {"added": kinds.ADD_REPLACE, "deleted": kinds.DELETE_REPLACE, "updated": kinds.UPDATE_REPLACE}
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
        replaces=replacing,
        deleteBeforeReplace=bool(replacing),
        diffs=sorted({path.partition(".")[0].partition("[")[0] for path in changed}),
        detailedDiff={
            path: provider_pb2.PropertyDiff(kind=(forced if path in replacing else plain)[kind], inputDiff=True)
            for path, kind in changed.items()
        },
        hasDetailedDiff=True,
    )
