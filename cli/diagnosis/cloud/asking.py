"""Asks all checks of a cloud at once, each in a thread, for a limited time: the slowest decides how long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field

from ....core.errors import AuthenticationError, GroundplanError
from ..diagnosis import Diagnosis
from . import catalogue
from .catalogue import Check
from .view import View

Answer = tuple[Check, Diagnosis]


@dataclass(kw_only=True)
class _Work:
    """One check under way."""

    check: Check
    answer: Diagnosis | None = None
    error: Exception | None = None
    thread: threading.Thread = field(init=False)

    def begin(self) -> None:
        """Look, in a thread that does not keep the process when the cloud does not answer."""
        self.thread = threading.Thread(target=self._run, name=self.check.id, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.answer = self.check.look()
        except Exception as error:  # noqa: BLE001 a thread has nobody above it: raised where it is waited for
            self.error = error


def ask(view: View, skipped: Collection[str]) -> list[Answer]:
    """What each check says, in their order; one that has no answer in time, or cannot get one, is unknown."""
    works = [_Work(check=check) for check in catalogue.find(view, skipped)]
    for work in works:
        work.begin()
    end = time.monotonic() + view.seconds
    for work in works:
        work.thread.join(max(0.0, end - time.monotonic()))
    return [(work.check, _answer(work, view.seconds)) for work in works]


def _answer(work: _Work, seconds: float) -> Diagnosis:
    if work.error is not None and not isinstance(work.error, GroundplanError):
        raise work.error
    if isinstance(work.error, AuthenticationError):
        return Diagnosis(state="unknown", found=work.error.message, needed="a sign-in", fix="See cloud.login.")
    if work.error is not None:
        return Diagnosis(state="unknown", found=work.error.message, fix=work.error.hint)
    if work.answer is None:
        return Diagnosis(
            state="unknown", found=f"no answer within {seconds:g} s",
            fix="Look at the network and the proxy, or give it longer: --timeout SECONDS.",
        )  # fmt: skip
    return work.answer
