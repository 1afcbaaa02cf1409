"""Classes whose names differ in case or white space only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from ...contract.data import Finding
from ..table import Table
from ..textual import counted, short


def check(table: Table, strengths: Mapping[str, float | None]) -> Finding:
    """Warns of names that are most likely one class written in several ways."""
    if table.task == "regression" or table.target.kind != "text":
        return Finding(id="label-names", aspect="labels", status="not-applicable", found="the labels are no names")
    written: dict[str, list[str]] = defaultdict(list)
    for label in table.target.labels():
        written["".join(label.casefold().split())].append(label)
    alike = [names for names in written.values() if len(names) > 1]
    listed = "; ".join(" = ".join(repr(short(name)) for name in names[:4]) for names in alike[:5])
    return Finding(
        id="label-names",
        aspect="labels",
        status="warn" if alike else "pass",
        found=f"{counted(len(alike), 'class')} written in several ways"
        if alike
        else "every class is written in one way",
        value=len(alike),
        columns={table.target.name: listed} if alike else {},
        advice="Write each class in one way, or they are learned as different ones." if alike else "",
    )
