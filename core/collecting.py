"""Python's search for cycles of objects, put off while much is made that has none."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def paused() -> Generator[None]:
    """Look for no cycles inside: with every hundred thousand objects kept, each search takes longer than the last.

    Afterwards what was made counts as old, so that the next search does not begin with all of it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()  # takes everything out of the young generations
            gc.unfreeze()  # and puts it into the oldest, without looking at any of it
            gc.enable()
