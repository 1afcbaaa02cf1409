"""The system stands in the company's list of AI systems, and both say the same.

What: in production ``governance.inventory`` names a JSON file that maps ids to entries; it has an entry for
``governance.system_id`` (the project's name where none is written), whose ``owner`` and ``risk_tier`` are the config's
and whose ``purpose`` is not empty.

Why: whoever must know which systems a company runs, and how dangerous they are, looks into the list and not into
projects.

Fix: add the system to the list, keep a copy of it in the project, and name that in ``governance.inventory``.
"""

import json
from collections.abc import Iterator, Mapping

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import mapping, text
from ..rule import ConfigRule, Example, Facts, Said, Severity

PATH = "governance.inventory"


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    if config.tier != "production":
        return not_applicable("it is asked of production")
    file = text(config, PATH)
    if not file:
        return failed(PATH, "none", "a JSON file that maps ids to entries")
    try:
        systems = json.loads(config.files.get(file) or "")
    except ValueError:
        return failed(PATH, f"{file}, which is not there or no JSON", "a JSON file that maps ids to entries")
    id = text(config, "governance.system_id") or text(config, "project")
    entry = mapping(systems).get(id)
    if not isinstance(entry, Mapping):
        return failed("governance.system_id", f"{id}, which is not in {file}", "an entry of the inventory")
    return list(_compared(config, mapping(entry)))  # pyright: ignore[reportUnknownArgumentType]


def _compared(config: ProjectConfig, entry: Mapping[str, object]) -> Iterator[Outcome]:
    for key, path in (("owner", "owner"), ("risk_tier", "governance.risk_tier")):
        ours, theirs = text(config, path), str(entry.get(key, ""))
        same = ours.lower() == theirs.lower() and ours
        yield (
            passed(path, ours) if same else failed(path, ours or "not set", f"{theirs or 'a value'}, as the inventory")
        )
    purpose = str(entry.get("purpose") or "").strip()
    yield passed(PATH, purpose) if purpose else failed(PATH, "an entry without a purpose", "a purpose")


_ENTRY = {"owner": "ml@example.com", "risk_tier": "limited", "purpose": "Tells who may leave."}
_CONFIG = {
    "project": "churn",
    "owner": "ml@example.com",
    "governance": {"inventory": "systems.json", "system_id": "SYS-1", "risk_tier": "limited"},
}


def _files(content: object) -> Mapping[str, str]:
    return {"systems.json": json.dumps(content)}


RULE = ConfigRule(
    id="MLG-051",
    title="System resolves to an AI inventory record",
    severity=Severity.MEDIUM,
    check=_check,
    relates_to=("NIST-AI-RMF GOVERN 1.6", "EU-AI-Act 49", "ISO-42001 A.4.2"),
    packs=("governance",),
    remedy="governance: {inventory: governance/systems.json, system_id: SYS-0815}",
    failing=(
        Example(name="no inventory", config={**_CONFIG, "governance": {"risk_tier": "limited"}}),
        Example(name="no such file", config=_CONFIG, files={"systems.json": None}),
        Example(name="no JSON", config=_CONFIG, files={"systems.json": "SYS-1: {}"}),
        Example(name="not in it", config=_CONFIG, files=_files({"SYS-2": _ENTRY})),
        Example(name="another risk", config=_CONFIG, files=_files({"SYS-1": {**_ENTRY, "risk_tier": "high"}})),
        Example(name="no purpose", config=_CONFIG, files=_files({"SYS-1": {**_ENTRY, "purpose": " "}})),
    ),
    passing=(
        Example(name="the same in both", config=_CONFIG, files=_files({"SYS-1": _ENTRY})),
        Example(
            name="by the project's name",
            config={**_CONFIG, "governance": {"inventory": "systems.json", "risk_tier": "limited"}},
            files=_files({"churn": _ENTRY}),
        ),
    ),
)
