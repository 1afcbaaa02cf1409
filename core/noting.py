"""Notes what is wrong and goes on, so that everything that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import TypeVar

from .errors import ConfigError, Problem, UsageError

Made = TypeVar("Made")


class Noted:
    """The problems of several attempts that do not need each other."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @contextmanager
    def noting(self) -> Generator[None]:
        """Note what is refused inside, instead of stopping there."""
        try:
            yield
        except (UsageError, ConfigError) as error:
            self.problems.extend(error.problems)

    def each(self, names: Iterable[str], make: Callable[[str], Made]) -> dict[str, Made]:
        """What is made of each name, without those that are refused."""
        made: dict[str, Made] = {}
        for name in names:
            with self.noting():
                made[name] = make(name)
        return made

    def refuse(self) -> None:
        """Raises UsageError with everything that was noted."""
        if self.problems:
            first = self.problems[0]
            raise UsageError(first.message, where=first.where, hint=first.hint, problems=self.problems)
