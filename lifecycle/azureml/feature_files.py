"""Where the rows of a data source are at Azure: in a datastore, as a version of a data asset, or at an address."""

from __future__ import annotations

import re
from typing import Any

from ...core.errors import NotFoundError, UsageError
from ..contract.features import FeatureSet
from . import datastores, errors
from .blobs import Container
from .calls import Calls
from .places import last

CALL_SECONDS = 120.0
"""How long one call may take."""

DOING = "read features"

_SHORT = re.compile(r"azureml://datastores/(?P<store>[^/]+)/paths/(?P<path>.+)")
_LONG = re.compile(
    r"azureml://(?P<workspace>subscriptions/[^/]+/resourcegroups/[^/]+/(providers/Microsoft\.MachineLearningServices/)?"
    r"workspaces/[^/]+)/datastores/(?P<store>[^/]+)/paths/(?P<path>.+)",
    re.IGNORECASE,
)
_ASSET = re.compile(r"azureml:(?P<name>[^:/@]+)(:(?P<version>[^:/@]+)|@(?P<label>[^:/@]+))")
_ID = re.compile(r"(azureml:)?(?P<workspace>/subscriptions/.+)/data/(?P<name>[^/]+)/versions/(?P<version>[^/]+)")
_ADDRESS = re.compile(
    r"(https://(?P<account>[^./]+)\.(blob|dfs)\.(?P<suffix>[^/]+)/(?P<container>[^/]+)/"
    r"|(abfss|wasbs)://(?P<within>[^@/]+)@(?P<at>[^./]+)\.(blob|dfs)\.(?P<end>[^/]+)/)(?P<path>[^?#]+)"
)
_FORMS = "azureml://datastores/NAME/paths/FILE.csv, azureml:ASSET:VERSION, https:// or abfss:// of a storage account"


def found(calls: Calls, one: FeatureSet) -> tuple[Container, str]:
    """The container of a set's rows, and their path in it. Raises NotFoundError, UsageError."""
    uri, workspace = _settled(calls, one, one.at.uri)
    short, long, address = _SHORT.fullmatch(uri), _LONG.fullmatch(uri), _ADDRESS.fullmatch(uri)
    if long is not None:
        workspace = _workspace(long["workspace"])
    named = long or short
    if named is not None:
        container = datastores.container(
            calls, workspace, named["store"], seconds=CALL_SECONDS, role=errors.BLOB_READER
        )
        return container, named["path"]
    if address is None:
        raise UsageError(
            f"the rows of the feature set {one.name!r} cannot be read from {uri}",
            where=one.where,
            hint=f"A data source that features are read from is {_FORMS}.",
        )
    account, suffix = address["account"] or address["at"], address["suffix"] or address["end"]
    container = Container(
        f"https://{account}.blob.{suffix}", address["container"] or address["within"], account=workspace,
        pace=calls.pace, seconds=CALL_SECONDS, role=errors.BLOB_READER,
    )  # fmt: skip
    return container, address["path"]


def _settled(calls: Calls, one: FeatureSet, uri: str) -> tuple[str, str]:
    """Where a data asset has its rows, and the workspace in which that is looked up; anything else as it is."""
    asset, id = _ASSET.fullmatch(uri), _ID.fullmatch(uri)
    if asset is None and id is None:
        return uri, one.at.workspace
    workspace = one.at.workspace if id is None else id["workspace"]
    name, version = (asset or id or {})["name"], (asset or id or {})["version"]
    label = asset["label"] if asset is not None else None

    def act() -> Any:
        wanted = {"label": label} if label else {"version": version}
        return calls.of(workspace).data.get(name=name, **wanted)

    known = calls.found(act, calls.looking(), doing=DOING, resource=workspace, role=errors.RUNNER)
    if known is None:
        raise NotFoundError(
            f"there is no data asset {name} {label or version} in {last(workspace)}",
            where=one.where,
            hint=f"az ml data list --name {name} lists its versions.",
        )
    if known.type == "mltable":
        raise UsageError(
            f"the data asset {name} is an MLTable, whose rows only its own program reads",
            where=one.where,
            hint="Name a file or a folder of CSV files.",
        )
    return known.path, workspace


def _workspace(path: str) -> str:
    """The resource id of a workspace, as an address of a datastore names it, where the provider may be left out."""
    _, subscription, _, group, *_, name = path.split("/")
    return (
        f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.MachineLearningServices"
        f"/workspaces/{name}"
    )
