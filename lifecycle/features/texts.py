"""Values as the text that a CSV file has of them, so that every platform gives the same."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime


def text(value: object) -> str:
    """A value of a table or of a view as text; "" for what is missing."""
    if value is None or value != value:  # only what is no number differs from itself
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list | dict):
        return json.dumps(value, default=text, ensure_ascii=False)
    return str(value)


def _moment(value: datetime) -> str:
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")
