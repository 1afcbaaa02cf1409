"""Work in other threads that may never end, which a process must be able to leave behind."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

_working: set[int] = set()


@contextmanager
def may_hang() -> Generator[None]:
    """The block is work of this kind."""
    me = threading.get_ident()
    _working.add(me)
    try:
        yield
    finally:
        _working.discard(me)


def hangs() -> bool:
    """Whether such work has not ended."""
    return bool(_working)
