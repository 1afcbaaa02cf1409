"""Which version a request goes to: by weight, or by a value that keeps a caller with one version."""

from __future__ import annotations

import hashlib
import random

from pydantic_core import to_json

from ...contract.traffic import Traffic

_CARDS = 100
_POINTS = 10_000


class Split:
    """Deals versions from a shuffled deck of 100 cards, one per percent: of every hundred requests each version gets
    exactly its share, and no rhythm in the requests can meet one in the order.

    With ``traffic.sticky`` the value of a field decides instead. A share that grows keeps the callers it had: a value
    is always the same point between 0 and 100 %, and a version's stretch grows at one end.
    """

    def __init__(self, traffic: Traffic, *, salt: str) -> None:
        """``salt`` keeps endpoints apart: a caller's place at one says nothing of its place at another."""
        self.traffic = traffic
        self._salt = salt
        self._shares = sorted((version, share) for version, share in traffic.shares.items() if share)
        self._deck: list[int] = []
        self._copies: list[bool] = []

    @property
    def preferred(self) -> list[int]:
        """The versions that answer, the largest share first."""
        return [version for version, _ in sorted(self._shares, key=lambda one: (-one[1], one[0]))]

    def choose(self, value: object = None) -> int | None:
        """The version for a request whose sticky field holds ``value``, None for none; None when no version answers."""
        if not self._shares:
            return None
        return self._dealt() if value is None else self._at(value)

    def mirrors(self) -> bool:
        """Whether a copy of this request is due: of every hundred exactly as many as the share says."""
        if self.traffic.mirrored is None:
            return False
        if not self._copies:
            share = self.traffic.mirror_share
            self._copies = [True] * share + [False] * (_CARDS - share)
            random.shuffle(self._copies)
        return self._copies.pop()

    def _dealt(self) -> int:
        if not self._deck:
            self._deck = [version for version, share in self._shares for _ in range(share)]
            random.shuffle(self._deck)
        return self._deck.pop()

    def _at(self, value: object) -> int:
        whole = int(value) if isinstance(value, float) and value.is_integer() else value
        digest = hashlib.blake2b(self._salt.encode() + b"\0" + to_json(whole), digest_size=8).digest()
        point = int.from_bytes(digest) % _POINTS * _CARDS / _POINTS
        for version, share in self._shares:
            point -= share
            if point < 0:
                return version
        return self._shares[-1][0]
