"""Writes files of custom rules for tests, each as a person would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

BUCKET = "gcp:storage/bucket:Bucket"
_RULE = '''\
"""A rule of a test.

What: {id} says what it likes.

Why: a test asks for it.

Fix: nothing.
"""

import os, subprocess, sys, time
from pathlib import Path

from groundplan.policies.conditions import equals, is_set
from groundplan.policies.outcome import PASS, failed, passed
from groundplan.policies.rule import ConfigRule, Example, Option, ResourceRule, Severity, example

TYPE = "{type}"


def check(resource, facts):
    {check}


RULE = ResourceRule(
    id="{id}",
    title="A rule of a test",
    severity=Severity.HIGH,
    types=(TYPE,),
    check=check,
    failing=(example("open", TYPE, {{}}),),
    passing=(example("closed", TYPE, {{"location": "EU"}}),),
    {more}
)
'''


def rule(id: str, check: str, *, type: str = BUCKET, more: str = "") -> str:
    """The text of a rule about buckets whose check is this code."""
    return _RULE.format(id=id, check=check, type=type, more=more)


def folder(path: Path, files: Mapping[str, str]) -> Path:
    """A folder with these files."""
    path.mkdir(parents=True)
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    return path
