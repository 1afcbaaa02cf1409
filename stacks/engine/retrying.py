"""Whether a failed ``up`` is worth another attempt, how long to wait for it, and what both came to together."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import sleep

from ...core.errors import ResourceFailedError
from ..knowledge import explain
from .steps import Outcome, Step

_FIRST_SECONDS = 15.0
_LONGEST_SECONDS = 120.0
_JITTER = 0.25
_ASKED = re.compile(r"[Rr]etry(?:-| )[Aa]fter:? (\d+)")


@dataclass(frozen=True, kw_only=True)
class Pause:
    """How long to wait before the next attempt, and why the last one failed."""

    seconds: float
    why: str

    def wait(self) -> None:
        """Wait for so long."""
        sleep(self.seconds)


def pause(outcome: Outcome, attempt: int, draw: Callable[[], float] = random.random) -> Pause | None:
    """The wait after the ``attempt``-th attempt, the first being 1; None when a failure does not pass by itself.

    It doubles with each attempt up to a cap, is at least what the cloud asked for, and is made longer by chance, so
    that many who were throttled at once do not come back at once.
    """
    failed = [step for step in outcome.steps if step.status == "failed" and not step.is_bookkeeping]
    if type(outcome.error) is not ResourceFailedError or not failed:
        return None
    found = [explain(step.error) for step in failed]
    titles = [entry.title for entry in found if entry is not None and entry.passes]
    if len(titles) < len(found):
        return None
    asked = [float(seconds) for step in failed for seconds in _ASKED.findall(step.error)]
    least = max([_FIRST_SECONDS * 2 ** (attempt - 1), *asked])
    names = ", ".join(step.name for step in failed)
    return Pause(
        seconds=min(least, _LONGEST_SECONDS) * (1 + _JITTER * draw()),
        why=f"{'; '.join(dict.fromkeys(titles))} ({names})",
    )


def strays(approved: Outcome, left: Outcome) -> tuple[Step, ...]:
    """What another attempt would do that was not approved before the first one."""
    known = {step.urn: step.change for step in approved.changes}
    loses = ("replace", "delete")
    return tuple(
        step
        for step in left.changes
        if step.urn not in known or (step.change in loses and known[step.urn] not in loses)
    )


def joined(before: Outcome, after: Outcome) -> Outcome:
    """Two attempts as one outcome: what the first one did, the second one finds there already."""
    done = {step.urn: step for step in before.changes if step.status == "done"}
    return replace(after, steps=_joined(done, after.steps), seconds=before.seconds + after.seconds)


def _joined(done: dict[str, Step], steps: Sequence[Step]) -> tuple[Step, ...]:
    seen = {step.urn for step in steps}
    gone = tuple(step for urn, step in done.items() if urn not in seen)
    return (*(done.get(step.urn, step) if step.change == "same" else step for step in steps), *gone)
