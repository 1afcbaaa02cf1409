"""Which versions the models were that were taken off endpoints: a log may know them by the cloud's own ids alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from ..contract.records import Records
from ..contract.serving import DeployedModel
from .documents import Document, adapter

_KIND = adapter(dict[str, int])


@dataclass(frozen=True, kw_only=True)
class TakenOff:
    """On record in each endpoint's environment; ``records`` by the last part of the endpoint's id.

    A cloud may call the project before it by its name or its number.
    """

    records: Mapping[str, Records]

    def note(self, models: Sequence[DeployedModel]) -> None:
        """Put on record what is about to be taken off; what has no number as its version is none of ours."""
        for endpoint in dict.fromkeys(_last(one.endpoint) for one in models):
            mine = [one for one in models if _last(one.endpoint) == endpoint and one.version.isdecimal()]
            if mine and endpoint in self.records:
                going = {one.id: int(one.version) for one in mine}
                self._document(endpoint).change(partial(_with, going))

    def of(self, endpoint: str) -> Mapping[str, int]:
        """The versions by the cloud's ids. Raises StoreCorruptedError."""
        known = _last(endpoint)
        return self._document(known).read().value or {} if known in self.records else {}

    def _document(self, endpoint: str) -> Document[dict[str, int]]:
        return Document(
            records=self.records[endpoint],
            name=f"taken-off/{endpoint}.json",
            kind=_KIND,
            what="what was taken off an endpoint",
        )


def _with(going: Mapping[str, int], there: Mapping[str, int] | None) -> dict[str, int]:
    return {**(there or {}), **going}


def _last(endpoint: str) -> str:
    return endpoint.rpartition("/")[2]
