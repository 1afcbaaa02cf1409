"""How Google's services say no, and how they call projects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from .http import Answer, Json, RefusedError, Request

PROJECTS = {"acme-churn": "123456789012", "acme-prod": "210987654321"}
"""The projects' numbers, by which Vertex AI calls them in its answers."""

_CODES = {"INVALID_ARGUMENT": 400, "FAILED_PRECONDITION": 400, "UNAUTHENTICATED": 401, "PERMISSION_DENIED": 403,
          "NOT_FOUND": 404, "ALREADY_EXISTS": 409, "ABORTED": 409, "UNIMPLEMENTED": 501}  # fmt: skip
_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABELS = re.compile(r'labels\.([a-z0-9_-]+)="([^"]*)"')
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")


def refused(status: str, message: str) -> RefusedError:
    """The service's refusal."""
    code = _CODES[status]
    return RefusedError(Answer(status=code, body={"error": {"code": code, "message": message, "status": status}}))


def numbered(id: str) -> str:
    """A resource's name with the project's number."""
    _, project, rest = id.split("/", 2)
    return f"projects/{PROJECTS.get(project, project)}/{rest}"


def named(id: str) -> str:
    """A resource's name with the project's name."""
    _, project, rest = id.split("/", 2)
    names = {number: name for name, number in PROJECTS.items()}
    return f"projects/{names.get(project, project)}/{rest}"


def check_labels(labels: Mapping[str, str]) -> None:
    """Google's rules of labels: https://goo.gl/xmQnxf."""
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            raise refused("INVALID_ARGUMENT", f"Invalid label {key!r}: {value!r}")


def labelled(request: Request) -> Callable[[Json], bool]:
    """What a filter asks for; of its language the stand-in knows labels that equal."""
    text = request.query.get("filter", "")
    parts = text.split(" AND ") if text else []
    found = [_LABELS.fullmatch(part) for part in parts]
    if None in found:
        raise refused("INVALID_ARGUMENT", f"Invalid filter: {text}")
    wanted = {one[1]: one[2] for one in found if one is not None}
    return lambda one: all(one["labels"].get(name) == value for name, value in wanted.items())
