"""What a rehearsal found, as JUnit XML, so that a CI system shows each promise as a test."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree as ET

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A promise and what became of it; ``detail`` says what was seen, what broke, or why it was not tried."""

    name: str
    verdict: Literal["kept", "broken", "skipped"]
    detail: str
    seconds: float


def junit(tried: Sequence[Tried]) -> str:
    """The document."""
    counts = {
        "tests": str(len(tried)),
        "failures": str(sum(one.verdict == "broken" for one in tried)),
        "skipped": str(sum(one.verdict == "skipped" for one in tried)),
        "time": f"{sum(one.seconds for one in tried):.3f}",
    }
    root = ET.Element("testsuites", {"name": "groundplan rehearse", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": "promises", "errors": "0", **counts})
    for one in tried:
        case = ET.SubElement(
            suite, "testcase", {"classname": "rehearsal", "name": one.name, "time": f"{one.seconds:.3f}"}
        )  # fmt: skip
        if one.verdict != "kept":
            kind = "failure" if one.verdict == "broken" else "skipped"
            ET.SubElement(case, kind, {"message": _FORBIDDEN.sub("?", one.detail)})
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'
