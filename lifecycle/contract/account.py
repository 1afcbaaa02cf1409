"""The account at a cloud in which things are made: who calls, what is switched on, what is allowed, how much."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who is signed in: the cloud's name for them, and in which tenant; "" for what the sign-in does not say."""

    name: str = ""
    id: str = ""
    tenant: str = ""


@dataclass(frozen=True, kw_only=True)
class AccountState:
    """The subscription or project as the cloud has it; ``state`` is its own word, ``number`` the project's."""

    name: str
    state: str
    usable: bool
    tenant: str = ""
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A permission to ask for; ``data`` is one on contents, which Azure lists apart."""

    name: str
    data: bool = False


@dataclass(frozen=True, kw_only=True)
class Held:
    """Which permissions the caller lacks on ``scope``, which may lie around what was asked for and is not there yet.

    ``undecided`` are those of which the cloud does not say there whether they are held.
    """

    scope: str
    lacking: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How much of a quota there is in a region; ``used`` is None where the cloud does not say it in the same place."""

    limit: float
    used: float | None = None


class Account(Protocol):
    """What ``doctor`` asks of an account. Nothing is changed; each call raises GroundplanError where it gets no answer.

    AuthenticationError: nobody is signed in. NotFoundError: the account is not there, or the caller may not see it.
    """

    def prepare(self) -> None:
        """Import what the questions need, so that threads which ask them do not import the same at once."""
        ...

    def caller(self) -> Caller:
        """Who is signed in."""
        ...

    def state(self) -> AccountState:
        """The subscription or project."""
        ...

    def switched_off(self, services: Collection[str]) -> Sequence[str]:
        """Those of these services that are not on."""
        ...

    def held(self, scope: str, permissions: Sequence[Asked]) -> Held:
        """Which of these permissions the caller lacks there; of a place that is not there, what is around it counts."""
        ...

    def reservations(self, scopes: Collection[str]) -> Sequence[str]:
        """What may refuse on these places although the permission is held: conditions, denials, policies; a line each.

        What they say of a request is not worked out.
        """
        ...

    def quotas(self, region: str, families: Collection[str]) -> Mapping[str, Quota]:
        """The quotas of these names that the cloud tells of, by name."""
        ...
