"""Several records asked for at once: each answer takes the network's time, and none waits for another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_MOST = 8
_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


def each(act: Callable[[_Asked], _Answer], asked: Sequence[_Asked]) -> list[_Answer]:
    """What ``act`` gives for each, in their order; at most some at a time. Raises the first error."""
    if len(asked) < 2:
        return [act(one) for one in asked]
    with ThreadPoolExecutor(min(_MOST, len(asked))) as pool:
        return list(pool.map(act, asked))
