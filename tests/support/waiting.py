"""Something that happens at the right moment, while the test does something else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def beside(moment: Callable[[], bool], act: Callable[[], object], seconds: float = 60) -> Generator[None]:
    """Act once as soon as ``moment`` is there, in a thread, while the block runs. Raises what the act raises."""
    failed: list[BaseException] = []

    def wait() -> None:
        end = time.monotonic() + seconds
        try:
            while not moment():
                assert time.monotonic() < end, "the moment did not come"
                time.sleep(0.02)
            act()
        except BaseException as error:  # noqa: BLE001 raised again by the test's own thread
            failed.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if failed:
        raise failed[0]
