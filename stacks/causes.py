"""Which part of the config asks for what is being made: said once around the code, noted for each resource."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from .config.resolution import leaves
from .config.resolved import Origin, Resolved
from .config.tree import dotted

_CAUSE: ContextVar[str] = ContextVar("cause", default="")


@contextmanager
def caused_by(path: str) -> Generator[None]:
    """Note this dotted path of the config, such as ``endpoints.churn``, for every resource made inside."""
    token = _CAUSE.set(path)
    try:
        yield
    finally:
        _CAUSE.reset(token)


def current() -> str:
    """The dotted path that asks for what is being made now; nothing outside of ``caused_by``."""
    return _CAUSE.get()


class Places:
    """Finds the lines of a config that ask for a resource."""

    def __init__(self, config: Resolved) -> None:
        self._config = config
        self._first: dict[str, Origin] = {}
        for path, origin in config.origins.items():
            if origin.where:
                for above in _and_above(path):
                    known = self._first.get(above)
                    if known is None or _line(origin) < _line(known):
                        self._first[above] = origin

    def of(self, path: str) -> str:
        """``file:line:column`` of the first line that somebody wrote at this path, else of the nearest one above."""
        for above in _and_above(path):
            if above in self._first:
                return self._first[above].where
        return f"{self._config.path.name}:1:1"

    def of_value(self, path: str, value: object) -> str:
        """The line at or below this path that says ``value``; without one, as ``of``."""
        key = self.key_of(path, value)
        return self.of(path) if key is None else self._config.origins[key].where

    def key_of(self, path: str, value: object) -> str | None:
        """The dotted key at or below this path at which somebody wrote ``value``, or None."""
        for parts, one in leaves(self._config.config):
            name = dotted(parts)
            below = not path or name == path or name.startswith(f"{path}.")
            if below and type(one) is type(value) and one == value and self._config.origins[name].where:
                return name
        return None


def _and_above(path: str) -> list[str]:
    """The path, then each section that holds it, at last the whole."""
    parts = path.split(".") if path else []
    return [".".join(parts[:length]) for length in range(len(parts), -1, -1)]


def _line(origin: Origin) -> tuple[int, int]:
    """The place as numbers; a flag has none and comes first."""
    words = origin.where.split(":")
    return (int(words[-2]), int(words[-1])) if len(words) > 2 and words[-1].isdigit() else (0, 0)
