"""The file of a new rule of one's own: a page, a check and two examples, which run as they stand."""

from __future__ import annotations

import re
from pathlib import Path

from ...core import files
from ...core.errors import GroundplanError, UsageError

_ID = re.compile(r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)+")
_TYPE = re.compile(r"[A-Za-z0-9*_-]+:[A-Za-z0-9*_/-]+:[A-Za-z0-9*_]+")
_OURS = re.compile(r"(AML|AIS|STO|KV|ACR|OBS|IDN|NET|AKS|VTX|GCS|BQ|AR|KMS|PS|RUN|IAM|GNET|GKE|MLG)-\d+")

_FILE = '''"""{title}.

What: ``tags.owner`` is set.

Why: say what can happen otherwise.

Fix: say what to change, and where.
"""

from groundplan.policies.conditions import is_set
from groundplan.policies.rule import ResourceRule, Severity, example

TYPE = {type!r}

RULE = ResourceRule(
    id={id!r},
    title={title!r},
    severity=Severity.{severity},
    types=(TYPE,),
    check=is_set("tags.owner", "an owner"),
    packs=("custom",),
    failing=(example("nobody", TYPE, {{}}),),
    passing=(example("somebody", TYPE, {{"tags": {{"owner": "ml-platform"}}}}),),
)
'''


def write(folder: Path, *, id: str, title: str, type: str, severity: str) -> Path:
    """Write the rule's file into ``folder``. Raises UsageError for words that make none, and never overwrites."""
    if not _ID.fullmatch(id):
        raise UsageError(f"{id!r} is no id of a rule", hint="Capital letters, a hyphen, a number: ACME-01.")
    if _OURS.fullmatch(id):
        raise UsageError(f"{id} is like an id of groundplan's own", hint="Begin with letters of your own: ACME-01.")
    if not _TYPE.fullmatch(type):
        raise UsageError(
            f"{type!r} is no resource type",
            hint="Such as azure-native:storage:StorageAccount, gcp:storage/bucket:Bucket.",
        )
    if not title.strip() or '"' in title or "\\" in title or not title.isprintable():
        raise UsageError("the title must be plain words without quotes", hint='--title "Workspaces have an owner"')
    path = folder / f"{id.lower().replace('-', '_')}.py"
    if path.exists():
        raise GroundplanError(f"{path} is there already", hint="Give the rule another id, or change the file.")
    files.write_text(path, _FILE.format(id=id, title=title.strip(), type=type, severity=severity.upper()))
    return path
