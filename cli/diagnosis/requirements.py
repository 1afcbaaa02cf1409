"""What groundplan's own metadata says it needs, and which of it is not installed; nothing is imported for it."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"""extra == ['"](?P<extra>[^'"]+)['"]""")


def missing(extra: str | None) -> list[str]:
    """The packages of an extra (None: of the core) that are not installed, sorted."""
    return sorted(name for name in _needed(extra) if not is_installed(name))


def is_installed(name: str) -> bool:
    """Whether a package is installed."""
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _needed(extra: str | None) -> Iterator[str]:
    for line in importlib.metadata.requires("groundplan") or ():
        requirement, _, marker = line.partition(";")
        wanted = _EXTRA.search(marker)
        name = _NAME.match(requirement.strip())
        if name is not None and (wanted["extra"] if wanted else None) == extra:
            yield name[0]
