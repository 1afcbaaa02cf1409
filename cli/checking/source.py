"""What a check judged: where the resources came from, and what was left out of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...policies.inputs.input import Input

CONFIG = "groundplan.yaml"
"""The format of a project's own plan."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """``file`` is what a person gave, ``format`` what it turned out to be; the rest is what its Input says."""

    file: str
    format: str
    project: str = ""
    stacks: Sequence[str] = ()
    skipped: Mapping[str, int] = field(default_factory=dict[str, int])
    unseen: int = 0

    @property
    def warnings(self) -> list[str]:
        """What may be missing from the verdicts."""
        found: list[str] = []
        if self.unseen:
            found.append(
                f"{self.unseen} resources stay as they are and are not in {self.file}, so they are not judged, and a "
                "rule about several resources may miss one; pulumi preview --json --show-sames shows them"
            )
        if self.skipped.get("read"):
            found.append(
                f"{self.skipped['read']} resources are read only, not made by this program; they are not judged"
            )
        return found

    @property
    def summary(self) -> str:
        """What it is and what is no resource in it, on one line."""
        of = f" of {', '.join(self.stacks)}" if self.stacks else ""
        left = ", ".join(f"{count} {kind}" for kind, count in self.skipped.items())
        return f"{self.file}: {self.format}{of}" + (f"; besides its resources {left}" if left else "")


def of_input(file: str, found: Input) -> Source:
    """The source that a file is."""
    return Source(
        file=file, format=found.format, project=found.project, stacks=found.stacks, skipped=found.skipped,
        unseen=found.unseen,
    )  # fmt: skip
