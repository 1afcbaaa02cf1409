"""The part of the diagnosis for which the cloud of an environment is asked; none of it is imported before."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ...core.errors import GroundplanError, MissingExtraError, UsageError
from ...core.suggestions import did_you_mean
from .diagnosis import Diagnosis, Situation

if TYPE_CHECKING:
    from ...stacks.config.resolved import Resolved

IDS = (
    "cloud.login", "cloud.account", "cloud.services", "cloud.roles.up", "cloud.roles.shared", "cloud.roles.destroy",
    "cloud.roles.models", "cloud.reservations", "cloud.quota", "cloud.state", "cloud.endpoints",
)  # fmt: skip
"""The ids of the checks that ask a cloud, in the order in which what is wrong with one explains the next."""

PARTS = "cloud.endpoints"
"""The check that has one line for each endpoint, ``cloud.endpoints.NAME``."""

_ANSWERED = ("endpoints", "signin")
"""The checks of this machine that can only say that the cloud would have to be asked."""


class Named(Protocol):
    """A check as it is shown."""

    @property
    def id(self) -> str:
        """Its id."""
        ...

    @property
    def title(self) -> str:
        """What it looks at."""
        ...


def answered_better(situation: Situation) -> Collection[str]:
    """The checks of this machine whose questions the cloud answers."""
    return _ANSWERED if _stacks(situation) is not None else ()


def answers(
    situation: Situation, stack: str | None, skipped: Collection[str], seconds: float
) -> Iterator[tuple[Named, Diagnosis]]:
    """What the cloud's checks say; none for the laptop, and none where no environment is asked for."""
    stacks = _stacks(situation)
    if stacks is None or stack is None:
        return
    from ..progress import working

    with working(situation.session.output, f"asking the cloud about {stack}"):
        try:
            found = _asked(stacks, stack, skipped, seconds)
        except MissingExtraError as error:
            found = [(_Unasked(id=one), _unknown(error)) for one in IDS if one not in skipped]
    yield from found


def _asked(
    stacks: Mapping[str, Resolved], stack: str, skipped: Collection[str], seconds: float
) -> Sequence[tuple[Named, Diagnosis]]:
    from .cloud import asking, catalogue
    from .cloud.view import view

    one = view(stacks, stack, planned=catalogue.plans(skipped), seconds=seconds)
    _refuse_strangers(skipped, one.endpoints)
    return asking.ask(one, skipped)


@dataclass(frozen=True, kw_only=True)
class _Unasked:
    """A check that cannot even begin."""

    id: str
    title: str = "What the cloud would be asked"


def _unknown(error: GroundplanError) -> Diagnosis:
    return Diagnosis(state="unknown", found=error.message, fix=error.hint)


def _stacks(situation: Situation) -> Mapping[str, Resolved] | None:
    return None if situation.platform == "local" else situation.stacks


def _refuse_strangers(skipped: Collection[str], endpoints: Collection[str]) -> None:
    """A check that is skipped and does not exist is a slip of the pen."""
    for one in skipped:
        name = one.removeprefix(f"{PARTS}.")
        if name != one and name not in endpoints:
            raise UsageError(f"there is no endpoint {name!r} to skip", hint=did_you_mean(name, list(endpoints)))
