"""What a file held: resources to judge, and what was left out of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, cast

from ...core.errors import DataError
from ..resource import Resource
from ..tokens import normalised
from .environment import environment_of
from .values import DEEPEST, TooDeepError, converted, is_unknown


class Format(StrEnum):
    """What a file can be."""

    PREVIEW = "pulumi preview"
    EVENTS = "pulumi events"
    STATE = "pulumi state"
    PLAN = "groundplan plan"
    LIST = "list of resources"


@dataclass(frozen=True, kw_only=True)
class Input:
    """The resources of a file, in its order.

    ``skipped`` counts what is no resource to judge, by kind: components, providers, stacks, references, read, deleted.
    ``unseen`` is how many things stay as they are and are not in the file, as in a preview without ``--show-sames``:
    rules that look at several resources then may miss one. ``project`` is "" and ``stacks`` empty where nothing says
    them.
    """

    format: Format
    resources: tuple[Resource, ...]
    skipped: Mapping[str, int] = field(default_factory=dict[str, int])
    unseen: int = 0
    project: str = ""
    stacks: tuple[str, ...] = ()


class Source(Protocol):
    """Takes a file's parts as they are read and makes an Input of them."""

    def take(self, path: str, value: object) -> None:
        """Take a part: its path, such as ``steps[]``, and its value."""
        ...

    def made(self) -> Input:
        """What the parts are together. Raises DataError."""
        ...


class Gathered:
    """Resources of the engine, by URN; a later one with the same URN stands in for an earlier one."""

    def __init__(self) -> None:
        self.resources: dict[str, Resource] = {}
        self._skipped: dict[str, str] = {}
        self._project = ""
        self._stacks: dict[str, None] = {}

    def add(self, state: Mapping[str, object], *, id: object = "", extra: Mapping[str, object] | None = None) -> None:
        """Add a resource as the engine writes it, with ``id`` where the state has none, or count why it is none.

        ``extra`` are properties that its inputs lack. Raises DataError for what is no resource of the engine.
        """
        urn, token = text_of(state, "urn"), text_of(state, "type")
        _, stack, project, _, name = urn_parts(urn)
        if not urn or not token:
            raise DataError("an entry has no urn or no type", hint="Write the file again; it is no longer what it was.")
        self._project = self._project or project
        if stack:
            self._stacks[stack] = None
        kind = skipped_kind(token, custom=state.get("custom") is True, external=state.get("external") is True)
        if kind:
            self.skip(urn, kind)
            return
        properties = {**(extra or {}), **converted_inputs(state, urn)}
        self.resources[urn] = Resource(
            urn=urn, type=normalised(token), token=token, name=name or urn, properties=properties,
            id=_known(state.get("id")) or _known(id), stack=stack, environment=environment_of(properties, stack),
            parent=text_of(state, "parent"), protect=state.get("protect") is True,
        )  # fmt: skip

    def skip(self, urn: str, kind: str) -> None:
        """Count something that is no resource to judge, or no longer one."""
        self.resources.pop(urn, None)
        self._skipped[urn] = kind

    def input(self, format: Format, *, unseen: int = 0) -> Input:
        """All of it."""
        return Input(
            format=format,
            resources=tuple(self.resources.values()),
            skipped=dict(sorted(Counter(self._skipped.values()).items())),
            unseen=unseen,
            project=self._project,
            stacks=tuple(self._stacks),
        )


def converted_inputs(state: Mapping[str, object], urn: str) -> dict[str, object]:
    """The inputs of a resource; what is unknown in one names what determines it. Raises DataError when too deep."""
    causes = mapping_of(state, "propertyDependencies")
    inputs = mapping_of(state, "inputs")

    def all_of_them() -> dict[str, object]:
        return {key: converted(value, of=_urns(causes.get(key))) for key, value in inputs.items() if value is not None}

    return not_too_deep(all_of_them, urn)


def not_too_deep(convert: Callable[[], dict[str, object]], where: str) -> dict[str, object]:
    """What ``convert`` gives. Raises DataError when something in it nests too deep."""
    try:
        return convert()
    except TooDeepError as error:
        raise DataError(
            f"a property nests more than {DEEPEST} levels deep",
            where=where,
            hint="No cloud takes that: look at what the program gives this resource.",
        ) from error


def skipped_kind(token: str, *, custom: bool, external: bool) -> str:
    """Why something is no resource to judge; "" when it is one."""
    if token.startswith("pulumi:"):
        kinds = {"pulumi:pulumi:Stack": "stacks"}
        return "providers" if token.startswith("pulumi:providers:") else kinds.get(token, "references")
    if not custom:
        return "components"
    return "read" if external else ""


def urn_parts(urn: str) -> tuple[str, str, str, str, str]:
    """``urn:pulumi``, stack, project, type with those of its parents, name; all "" for what is no URN."""
    pieces = urn.split("::", 3)
    if len(pieces) != 4 or not urn.startswith("urn:pulumi:"):
        return "", "", "", "", ""
    return "urn:pulumi", pieces[0].removeprefix("urn:pulumi:"), pieces[1], pieces[2], pieces[3]


def mapping_of(value: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The mapping under a key; an empty one where there is none."""
    found = value.get(key)
    return cast("Mapping[str, object]", found) if isinstance(found, Mapping) else {}


def text_of(value: Mapping[str, object], key: str) -> str:
    """The text under a key; "" where there is none."""
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _known(id: object) -> str:
    return id if isinstance(id, str) and not is_unknown(id) else ""


def _urns(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in cast("list[object]", value)) if isinstance(value, list) else ()
