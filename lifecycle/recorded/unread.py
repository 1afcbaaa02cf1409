"""A model version whose evidence is read when somebody looks at it: a list of thousands costs no read for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from ..contract.evidence import Evidence, Verdict
from ..contract.model import ModelVersion

Read = Callable[[], tuple[Evidence | None, Verdict | None]]


class UnreadVersion(ModelVersion):
    """In all other respects the version that it is made of; what was read once is kept."""

    @classmethod
    def of(cls, version: ModelVersion, gate: str, read: Read) -> UnreadVersion:
        """The version, with the evidence and the verdict that ``read`` gives once they are asked for.

        ``gate`` is the verdict in a word, which is known without them.
        """
        made = cls.__new__(cls)
        vars(made).update(vars(version), read=read, known=gate)
        del vars(made)["evidence"], vars(made)["verdict"]
        return made

    @property
    def gate(self) -> str:
        """The verdict in a word, as it is on record beside the version."""
        known: str | None = vars(self).get("known")
        return super().gate if known is None else known

    @cached_property
    def _found(self) -> tuple[Evidence | None, Verdict | None]:
        read: Read = vars(self)["read"]
        return read()

    @cached_property
    def evidence(self) -> Evidence | None:  # pyright: ignore[reportIncompatibleVariableOverride] read instead of set
        """What was measured of it. Raises what keeps it from being read."""
        return self._found[0]

    @cached_property
    def verdict(self) -> Verdict | None:  # pyright: ignore[reportIncompatibleVariableOverride] as above
        """What the gate said. Raises what keeps it from being read."""
        return self._found[1]
