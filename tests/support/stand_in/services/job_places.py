"""Where a job's files are: datastores, the workspace's own two among them, data assets, and the blobs behind them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..store import Resource
from .http import Json

if TYPE_CHECKING:
    from .azureml import AzureMLService

OUTPUTS, ARTIFACTS = "workspaceblobstore", "workspaceartifactstore"
"""The datastores that a workspace has without anybody's doing, for outputs and for logs."""

_CONTAINERS = {OUTPUTS: "azureml-blobstore-0a1b2c3d-0000-4000-8000-000000000001", ARTIFACTS: "azureml"}
_URI = re.compile(r"azureml://(?:subscriptions/.+/)?datastores/(?P<store>[^/]+)/paths/(?P<path>.+)")
_BLOB = re.compile(r"https://(?P<account>[a-z0-9]+)\.blob\.core\.windows\.net/(?P<container>[^/]+)/(?P<path>.+)")
_TYPE = "Microsoft.MachineLearningServices/workspaces/datastores"
Key = tuple[str, str, str]
"""Account, container and name of a blob, or the beginning of its name."""


class Places:
    """The places of workspaces."""

    def __init__(self, service: AzureMLService) -> None:
        self._service = service

    def datastore(self, workspace: str, name: str) -> Json | None:
        """One of the workspace's own datastores, as ARM answers it; None for any other name."""
        if name not in _CONTAINERS:
            return None
        account = self._account(workspace)
        self._contain(workspace, account, _CONTAINERS[name])
        return {
            "id": f"{workspace}/datastores/{name}", "name": name, "type": _TYPE,
            "properties": {
                "datastoreType": "AzureBlob", "accountName": account, "containerName": _CONTAINERS[name],
                "endpoint": "core.windows.net", "protocol": "https", "isDefault": name == OUTPUTS,
                "credentials": {"credentialsType": "None"},
            },
        }  # fmt: skip

    def key(self, workspace: str, uri: str) -> Key:
        """The blob, or the beginning of blobs' names, that a URI or the id of a data asset means. Raises KeyError."""
        asset = self._service.store.get(uri) if uri.startswith("/subscriptions/") else None
        if asset is not None:
            return self.key(workspace, asset["inputs"]["properties"]["dataUri"])
        blob, found = _BLOB.fullmatch(uri), _URI.fullmatch(uri)
        if blob is not None:
            return blob["account"], blob["container"], blob["path"]
        if found is None:
            raise KeyError(uri)
        own = self.datastore(workspace, found["store"])
        properties: Json = own["properties"] if own else self._datastore(workspace, found["store"])
        return properties["accountName"], properties["containerName"], found["path"]

    def arrive(self, key: Key, folder: Path) -> Path:
        """Put a blob, or the blobs below a name, into a folder; where that is. Raises KeyError for none."""
        account, container, name = key
        names = [one for *where, one in self._service.blobs.content if where == [account, container]]
        mine = [one for one in names if one == name or one.startswith(f"{name.rstrip('/')}/")]
        if not mine:
            raise KeyError("/".join(key))
        to = folder / name.rstrip("/").rpartition("/")[2]
        for one in mine:
            path = to / one[len(name.rstrip("/")) :].lstrip("/") if one != name else to
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._service.blobs.content[account, container, one].content)
        return to

    def leave(self, key: Key, path: Path) -> None:
        """Keep a file, or a folder's files, as blobs."""
        account, container, name = key
        for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if one.is_file():
                below = f"{name.rstrip('/')}/{one.relative_to(path).as_posix()}" if path.is_dir() else name
                self._service.blobs.put(account, container, below, one.read_bytes())

    def _datastore(self, workspace: str, name: str) -> Json:
        found = self._service.store.get(f"{workspace}/datastores/{name}")
        if found is None:
            raise KeyError(name)
        properties: Json = found["inputs"]["properties"]
        return properties

    def _account(self, workspace: str) -> str:
        """The account of the workspace; here the one of its first datastore."""
        stores = [one for one in self._service.store.of_type(":Datastore") if one["id"].startswith(f"{workspace}/")]
        account: str = stores[0]["inputs"]["properties"]["accountName"]
        return account

    def _contain(self, workspace: str, account: str, container: str) -> None:
        """A container that Azure ML makes itself, in whichever group the account is."""
        known: list[Resource] = self._service.store.of_type(":BlobContainer")
        there = [one["id"] for one in known if f"/storageAccounts/{account}/" in one["id"]]
        base = there[0].rpartition("/")[0] if there else ""
        if base and f"{base}/{container}" not in there:
            self._service.store.occupy(f"{base}/{container}", "azure-native:storage:BlobContainer")
