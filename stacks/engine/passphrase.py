"""The passphrase that encrypts a state's secrets: the user's own, else one made once and kept outside every project."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import AuthenticationError
from ...core.files import explained

VARIABLE = "PULUMI_CONFIG_PASSPHRASE"
FILE_VARIABLE = "PULUMI_CONFIG_PASSPHRASE_FILE"
_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class Passphrase:
    """Where the passphrase comes from: ``environment`` is what the engine needs to read it; ``notice`` tells of it."""

    source: str
    environment: Mapping[str, str]
    notice: str = ""


def kept_at() -> Path:
    """The file that holds the passphrase made by groundplan; one for all of a user's projects."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "groundplan" / "passphrase"


def find(*, create: bool) -> Passphrase:
    """The passphrase to use; with ``create`` one is made where there is none; else the engine asks.

    Raises AuthenticationError when the file that the user names cannot be read.
    """
    if VARIABLE in os.environ:
        return Passphrase(source=f"${VARIABLE}", environment={})
    if os.environ.get(FILE_VARIABLE):
        return Passphrase(source=f"${FILE_VARIABLE}", environment={FILE_VARIABLE: str(_own_file())})
    path = kept_at()
    notice = ""
    if not path.exists():
        if not create:
            return Passphrase(source="", environment={})
        _make(path)
        notice = f"made a passphrase for the secrets in the state: {path}; whoever else works on it needs that file"
    return Passphrase(source=str(path), environment={FILE_VARIABLE: str(path)}, notice=notice)


def _own_file() -> Path:
    path = Path(os.environ[FILE_VARIABLE]).absolute()
    if not os.access(path, os.R_OK):
        raise AuthenticationError(
            f"the file that ${FILE_VARIABLE} names cannot be read", where=str(path), hint="Correct the variable."
        )
    return path


def _make(path: Path) -> None:
    """Whole and readable by its owner alone from its first moment; of many that make it at once, one wins."""
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
        temporary = Path(name)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(_BYTES) + "\n")
        try:
            os.link(temporary, path)
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
