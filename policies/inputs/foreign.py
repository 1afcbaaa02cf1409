"""Files of other tools that people give by mistake, and what they are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...core.errors import DataError

KNOWN = (
    "It reads pulumi preview --json, pulumi stack export, groundplan plan --out, and lists of {type, name, properties}."
)

_KEYS = {
    "AWSTemplateFormatVersion": "an AWS CloudFormation template",
    "Resources": "an AWS CloudFormation template",
    "apiVersion": "a Kubernetes manifest",
    "bomFormat": "a CycloneDX bill of materials",
    "contentVersion": "an Azure Resource Manager template",
    "lineage": "a Terraform state",
    "planned_values": "a Terraform plan",
    "resourcePlans": "a Pulumi update plan",
    "resource_changes": "a Terraform plan",
    "runs": "a SARIF report",
    "runtime": "a Pulumi program",
    "spdxVersion": "an SPDX bill of materials",
    "terraform_version": "a Terraform plan or state",
}
_KEY = re.compile(r"^(\w+):", re.MULTILINE)
_TEXTS = (
    (re.compile(r"^\s*<", re.MULTILINE), "XML or HTML"),
    (re.compile(r"^(resource|module|provider|terraform|variable|data)\b[^\n:]*\{", re.MULTILINE), "Terraform code"),
    (re.compile(r"^(param|resource|module|targetScope)\s+\w+.*=?", re.MULTILINE), "Bicep code"),
    (re.compile(r"^(from|import) \w+", re.MULTILINE), "a program's code"),
)


def refuse_key(key: str, name: str) -> None:
    """Raise DataError when a key of the outermost object belongs to another tool's file."""
    what = _KEYS.get(key)
    if what:
        raise foreign(f"it looks like {what}", name)


def refuse_text(text: str, name: str) -> None:
    """Raise DataError for a text that is neither JSON nor a YAML list but something that is known."""
    for key in _KEY.findall(text):
        refuse_key(key, name)
    for pattern, what in _TEXTS:
        if pattern.search(text):
            raise foreign(f"it looks like {what}", name)


def unknown(keys: Iterable[str], name: str) -> DataError:
    """The error for an object with these keys, none of which is known."""
    found = list(keys)
    if not found:
        return DataError(
            "the file holds an empty object", where=name, hint="pulumi preview --json prints one when it fails."
        )
    return foreign(f"it holds nothing that is known; its keys are {', '.join(found[:8])}", name)


def foreign(what: str, name: str) -> DataError:
    """The error for a file that groundplan cannot check."""
    return DataError(f"groundplan cannot check this file: {what}", where=name, hint=KNOWN)
