"""A router follows its deployment.json: whoever writes another one there changes what it does."""

from __future__ import annotations

import asyncio

from ....core import files
from ....core.errors import StoreCorruptedError
from .records import EndpointFolder, deployment_from, digest_of
from .router import Router

_LOOK_SECONDS = 0.05


class Follower:
    """Looks at the file's number and time, reads it when they change, and has the router apply it.

    The file is written whole or not at all. One that cannot be read, or that is set otherwise than the router was
    started, is not followed, and the status says why.
    """

    def __init__(self, folder: EndpointFolder, router: Router, instance: str) -> None:
        """Nothing is looked at yet; the router knows which one it follows."""
        self._folder = folder
        self._router = router
        self._instance = instance
        self._seen: tuple[int, int] | None = None

    async def follow(self) -> None:
        """Go on until cancelled, or until another router serves."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            seen = self._look()
            if seen is None or seen == self._seen:
                continue
            self._seen = seen
            process = self._folder.process()
            if process is None or process.instance != self._instance:
                return
            self._apply()

    def _apply(self) -> None:
        try:
            content = self._folder.deployment_file.read_bytes()
        except OSError:
            return
        applied = digest_of(content)
        if applied == self._router.applied:
            return
        try:
            data = files.read_json(self._folder.deployment_file)
            deployment = deployment_from(data, root=self._folder.root, where=self._folder.deployment_file)
        except StoreCorruptedError as error:
            self._router.refuse(error.message, applied=applied)
            return
        if deployment.settings != self._router.settings:
            self._router.refuse("its settings are others; groundplan deploy puts them in place", applied=applied)
            return
        self._router.apply(deployment, applied=applied)

    def _look(self) -> tuple[int, int] | None:
        try:
            found = self._folder.deployment_file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns
