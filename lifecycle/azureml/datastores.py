"""The containers that a workspace's datastores name, for what a command itself puts there."""

from __future__ import annotations

from ...core.errors import NotFoundError
from ..patience import Patience
from . import errors
from .blobs import Container
from .calls import Calls
from .places import last


def container(
    calls: Calls, workspace: str, datastore: str, *, seconds: float, role: str = errors.BLOB_WRITER
) -> Container:
    """The container of a datastore; ``seconds`` bounds each call to it, ``role`` is who may do there what is done.

    Raises NotFoundError where it is gone.
    """
    store = calls.found(
        lambda: calls.of(workspace).datastores.get(datastore),
        Patience(seconds=seconds, pace=calls.pace),
        doing=f"find {datastore}",
        resource=workspace,
    )
    if store is None:
        raise NotFoundError(
            f"no datastore {datastore} in {last(workspace)}", where=workspace, hint="groundplan up makes it again."
        )
    return Container(
        f"https://{store.account_name}.blob.{store.endpoint}",
        store.container_name,
        account=workspace,
        pace=calls.pace,
        seconds=seconds,
        role=role,
    )
