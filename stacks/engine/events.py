"""Reads the engine's stream of events: steps as they begin, end or fail, what was said, the stack's outputs.

Debug messages print secrets in plain text; they are dropped before anything else looks at them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from .steps import Change, Observer, Status, Step, Violation

SECRET = "[secret]"  # noqa: S105 what stands in its place
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_STACK = "pulumi:pulumi:Stack"
_COLOURS = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
_FOUND_ON_PATH = re.compile(r"using pulumi-\S+ from \$PATH at ")
_NOT_A_CAUSE = frozenset({"update failed", "preview failed", "refresh failed", "destroy failed"})

_BEFORE_A_REPLACEMENT = frozenset({"delete-replaced", "replace"})

_CHANGES: Mapping[str, Change] = {
    "create": "create", "update": "update", "delete": "delete", "same": "same", "refresh": "same", "read": "read",
    "import": "import", "discard": "delete",
}  # fmt: skip
"""By the engine's word; all others are parts of a replacement."""


@dataclass
class Collector:
    """Takes one operation's events. ``causes`` are messages of severity error by URN, without one under ''.

    ``hide`` takes out of what is said the secrets that are known: a cloud repeats what it refuses.
    """

    observer: Observer | None = None
    hide: Callable[[str], str] = str
    steps: dict[str, Step] = field(default_factory=dict[str, Step])
    causes: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    messages: list[str] = field(default_factory=list[str])
    violations: dict[Violation, None] = field(default_factory=dict[Violation, None])
    outputs: Mapping[str, object] = field(default_factory=dict[str, object])
    finished: bool = False
    _began: dict[str, float] = field(default_factory=dict[str, float])

    def __call__(self, event: Any) -> None:
        """Take one event."""
        if event.diagnostic_event is not None:
            self._message(event.diagnostic_event)
        elif event.policy_event is not None:
            self._policy(event.policy_event)
        elif event.resource_pre_event is not None:
            self._begin(event.resource_pre_event)
        elif event.res_outputs_event is not None:
            self._end(event.res_outputs_event)
        elif event.res_op_failed_event is not None:
            self._fail(event.res_op_failed_event.metadata)
        elif event.summary_event is not None:
            self.finished = True

    @property
    def ordered(self) -> tuple[Step, ...]:
        """The steps in the order in which they began; failed ones with what was said of them."""
        return tuple(
            replace(step, error="\n".join(self.causes.get(step.urn, []))) if step.status == "failed" else step
            for step in self.steps.values()
        )

    def _message(self, event: Any) -> None:
        text = self.hide(_COLOURS.sub("", event.message).strip())
        if event.severity == "debug" or event.ephemeral or not text:
            return
        if event.severity == "error":
            if text not in _NOT_A_CAUSE:
                self.causes.setdefault(event.urn or "", []).append(text)
        elif event.severity == "warning" and not _FOUND_ON_PATH.match(text):
            self.messages.append(text)

    def _policy(self, event: Any) -> None:
        said = Violation(
            pack=event.policy_pack_name,
            policy=event.policy_name,
            urn=event.resource_urn or "",
            mandatory=event.enforcement_level == "mandatory",
            message=self.hide(_COLOURS.sub("", event.message).strip()),
        )
        self.violations[said] = None

    def _begin(self, event: Any) -> None:
        metadata = event.metadata
        self._began.setdefault(metadata.urn, time.monotonic())
        self._note(metadata, "planned" if event.planning else "running" if not self._is_replaced(metadata) else "done")

    def _end(self, event: Any) -> None:
        metadata = event.metadata
        if metadata.type == _STACK and metadata.new is not None:
            self.outputs = cast("Mapping[str, object]", masked(metadata.new.outputs or {}))
        complete = metadata.op.value not in _BEFORE_A_REPLACEMENT or self._is_replaced(metadata)
        self._note(metadata, "planned" if event.planning else "done" if complete else "running")

    def _is_replaced(self, metadata: Any) -> bool:
        """Whether the new one is there, and only what it replaces has still to go."""
        before = self.steps.get(metadata.urn)
        return metadata.op.value in _BEFORE_A_REPLACEMENT and before is not None and before.status == "done"

    def _fail(self, metadata: Any) -> None:
        self._note(metadata, "failed")

    def _note(self, metadata: Any, status: Status) -> None:
        before = self.steps.get(metadata.urn)
        step = _step(metadata, before, status)
        if step.status in ("done", "failed"):
            step = replace(step, seconds=time.monotonic() - self._began.get(step.urn, time.monotonic()))
        self.steps[step.urn] = step
        if self.observer is not None and step.status != (before.status if before else "planned"):
            self.observer(replace(step, error="\n".join(self.causes.get(step.urn, []))))


def _step(metadata: Any, before: Step | None, status: Status) -> Step:
    """A resource's step as of this event; the parts of a replacement are one step."""
    state = metadata.new or metadata.old
    keys = tuple(metadata.keys or ())
    changed = tuple(metadata.detailed_diff or ()) or tuple(metadata.diffs or ())
    return Step(
        change=_change(metadata.op.value, before),
        urn=metadata.urn,
        type=metadata.type,
        id=metadata.new.id if metadata.new is not None else "",
        inputs=_known_inputs(metadata) or (before.inputs if before else {}),
        changed=changed or _differing(metadata) or (before.changed if before else ()),
        replaced_by=tuple(dict.fromkeys((*(before.replaced_by if before else ()), *keys))),
        protect=bool(state is not None and state.protect) or bool(before and before.protect),
        status="failed" if before is not None and before.status == "failed" else status,
        degraded=bool(metadata.new is not None and metadata.new.init_errors),
    )


def _change(word: str, before: Step | None) -> Change:
    if word not in _CHANGES or (before is not None and before.change == "replace"):
        return "replace"
    return _CHANGES[word]


def _known_inputs(metadata: Any) -> Mapping[str, object]:
    state = metadata.new
    return {} if state is None else cast("Mapping[str, object]", masked(state.inputs or {}))


def _differing(metadata: Any) -> tuple[str, ...]:
    """What a refresh found different: the engine gives only the two states."""
    if metadata.op.value != "update" or metadata.old is None or metadata.new is None:
        return ()
    old = cast("Mapping[str, object]", metadata.old.outputs or {})
    new = cast("Mapping[str, object]", metadata.new.outputs or {})
    return tuple(key for key in sorted({*old, *new}) if old.get(key) != new.get(key))


def masked(value: object) -> object:
    """A value of the engine with every secret in it hidden."""
    if isinstance(value, Mapping):
        entries = cast("Mapping[str, object]", value)
        if _SIGNATURE in entries:
            return SECRET
        return {key: masked(entry) for key, entry in entries.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [masked(entry) for entry in cast("Sequence[object]", value)]
    return value
