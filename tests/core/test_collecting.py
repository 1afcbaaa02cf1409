"""Python's search for cycles while much is made. That it takes less time is not proved here; make bench shows it."""

from __future__ import annotations

import gc
import weakref

from groundplan.core import collecting


class Node:
    """Refers to itself, so that only a search can free it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_was_made_while_it_is_paused_is_old_afterwards_and_still_found() -> None:
    with collecting.paused():
        during = gc.isenabled()
        node = Node()
    young = {id(one) for one in gc.get_objects(generation=0)}
    old = {id(one) for one in gc.get_objects(generation=2)}

    assert (during, gc.isenabled(), gc.get_freeze_count()) == (False, True, 0)
    assert (id(node) in young, id(node) in old) == (False, True)

    seen = weakref.ref(node)
    del node
    gc.collect()
    assert seen() is None


def test_who_turned_it_off_before_finds_it_off() -> None:
    gc.disable()
    try:
        with collecting.paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
