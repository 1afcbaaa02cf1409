"""A sequence whose items are read one by one, when they are taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar, overload

T = TypeVar("T")


class Lazily(Sequence[T]):
    """As long as its names; an item is read each time that it is taken."""

    def __init__(self, names: Sequence[str], read: Callable[[str], T]) -> None:
        """Nothing is read yet."""
        self._names = names
        self._read = read

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return Lazily(self._names[index], self._read)
        return self._read(self._names[index])
