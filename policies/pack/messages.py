"""A finding as the engine prints it, and read from what it printed."""

from __future__ import annotations

from dataclasses import dataclass

from ..finding import Finding
from ..outcome import Outcome, Verdict

_VERDICTS = {Verdict.FAIL: "fails", Verdict.UNKNOWN: "is unknown", Verdict.ERROR: "did not run"}
_AT, _FOUND, _EXPECTED, _EXEMPTED = " at ", "found: ", "expected: ", "exempted until "


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a message of the pack says."""

    outcome: Outcome
    exempted: bool


def message(finding: Finding) -> str:
    """The rule's title, what was found, and who exempted it or how it is mended: each on a line."""
    lines = [
        finding.rule.title,
        _VERDICTS[finding.verdict] + (f"{_AT}{finding.path}" if finding.path else ""),
        f"{_FOUND}{finding.found}",
        f"{_EXPECTED}{finding.expected}",
    ]
    if finding.exemption is not None:
        one = finding.exemption
        lines.append(f"{_EXEMPTED}{one.expires} by {one.owner}: {one.reason}")
    if finding.expired is not None:
        lines.append(f"the exemption by {finding.expired.owner} expired on {finding.expired.expires}")
    if finding.where:
        lines.append(" ".join(filter(None, ("fix: in", f"{finding.where}:", finding.rule.remedy))))
    return "\n".join(" ".join(line.split()) for line in lines)


def read(text: str) -> Said | None:
    """What ``message`` wrote; None for what somebody else's pack says."""
    lines = text.splitlines()
    if len(lines) < 4 or not lines[2].startswith(_FOUND.strip()) or not lines[3].startswith(_EXPECTED.strip()):
        return None
    verdict = next((one for one, word in _VERDICTS.items() if lines[1].startswith(word)), None)
    if verdict is None:
        return None
    outcome = Outcome(
        verdict=verdict,
        path=lines[1].removeprefix(_VERDICTS[verdict]).removeprefix(_AT),
        found=lines[2].removeprefix(_FOUND.strip()).strip(),
        expected=lines[3].removeprefix(_EXPECTED.strip()).strip(),
    )
    return Said(outcome=outcome, exempted=any(line.startswith(_EXEMPTED) for line in lines[4:]))
