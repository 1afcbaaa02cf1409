"""Model folders on their way back from Azure: whole, and of the digest that was registered."""

from __future__ import annotations

import contextlib
import io
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from ...core import digests
from ...core.errors import StoreCorruptedError

_ANEW = "Register the model again from its run."
_Answer = TypeVar("_Answer")


def arrive(into: Path, download: Callable[[Path], Path], *, digest: str, what: str) -> Path:
    """Download beside ``into``, hold it against the digest, and put it in place at once.

    ``download`` gives where the folder is below the one that it was given.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{into.name}-", dir=into.parent) as top:
        came = download(Path(top))
        if not came.is_dir():
            raise StoreCorruptedError(f"the folder of {what} is gone", hint=_ANEW)
        if digest:
            digests.demand(came, digest, what=f"the folder of {what}", hint=_ANEW)
        with contextlib.suppress(FileExistsError):
            came.rename(into)
    return into


def silently(act: Callable[[], _Answer]) -> _Answer:
    """What a call gives that talks by itself: azure-ai-ml warns of calls that it makes itself."""
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return act()
