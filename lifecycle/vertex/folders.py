"""Model folders in a bucket, each under its digest; whole once the list of its files lies beside it."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from ...core import digests
from ...core.errors import StoreCorruptedError
from ..patience import Patience
from .bucket import Bucket

_FOLDER = "artifacts/models"
_SCHEME = "sha256:"
_ANEW = "Register the model again from its run."
_NEW = "0"


class Folders:
    """The folders of all models in one bucket. What is there is never written again: its name follows from it."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def uri(self, name: str, digest: str) -> str:
        """The address of a folder."""
        return f"{self._bucket.uri}/{_place(name, digest)}"

    def send(self, name: str, source: Path, *, digest: str, patience: Patience) -> None:
        """Upload what is not there yet of a folder, the list of its files last."""
        doing = f"upload the folder of {name}"
        if self._listed(name, digest, patience, doing) is not None:
            return
        files = digests.names_below(source)
        for file in files:
            self._bucket.upload(f"{_place(name, digest)}/{file}", source / file, patience, doing=doing)
        text = json.dumps({"digest": digest, "files": files}, indent=1).encode()
        self._bucket.write(f"{_place(name, digest)}.json", text, _NEW, patience, doing=doing)

    def bring(self, name: str, into: Path, *, digest: str, what: str, patience: Patience) -> None:
        """Download a folder to be ``into``, all of it or nothing. Raises StoreCorruptedError."""
        doing = f"fetch {what}"
        files = self._listed(name, digest, patience, doing)
        if files is None:
            raise StoreCorruptedError(f"the folder of {what} is gone", where=self.uri(name, digest), hint=_ANEW)
        into.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{into.name}-", dir=into.parent) as top:
            came = Path(top) / "model"
            for file in files:
                self._download(f"{_place(name, digest)}/{file}", came / file, what, patience)
            digests.demand(came, digest, what=f"the folder of {what}", hint=_ANEW)
            with contextlib.suppress(FileExistsError):
                came.rename(into)

    def remember(self, name: str, digest: str, version: int, patience: Patience) -> None:
        """Say beside a folder which version it became: a list of versions may see that later."""
        self._bucket.write(f"{_place(name, digest)}.version", str(version).encode(), _NEW, patience,
                           doing=f"register {name}")  # fmt: skip

    def remembered(self, name: str, digest: str, patience: Patience) -> int | None:
        """Which version a folder became, where that is known."""
        found = self._bucket.read(f"{_place(name, digest)}.version", patience, doing=f"register {name}")
        return None if found is None else int(found[0])

    def _listed(self, name: str, digest: str, patience: Patience, doing: str) -> Sequence[str] | None:
        found = self._bucket.read(f"{_place(name, digest)}.json", patience, doing=doing)
        return None if found is None else cast("list[str]", json.loads(found[0])["files"])

    def _download(self, name: str, path: Path, what: str, patience: Patience) -> None:
        if not self._bucket.download(name, path, patience, doing=f"fetch {what}"):
            raise StoreCorruptedError(
                f"the folder of {what} lacks {path.name}", where=f"{self._bucket.uri}/{name}", hint=_ANEW
            )


def _place(name: str, digest: str) -> str:
    return f"{_FOLDER}/{name}/{digest.removeprefix(_SCHEME)}"
