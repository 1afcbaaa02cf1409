"""What a prediction of Vertex AI is called: by what was asked and who answered, as its log has no id that callers know.

The log of requests: https://cloud.google.com/vertex-ai/docs/predictions/online-prediction-logging.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

_LENGTH = 32


def request_id(instances: Sequence[object], deployed_model: str) -> str:
    """The id of a request with these instances that this deployed model answered.

    The same for numbers that are equal as doubles, which is how Vertex AI carries them.
    """
    asked = {"deployed_model_id": deployed_model, "instances": [_carried(one) for one in instances]}
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return f"v1-{hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]}"


def _carried(value: Any) -> object:
    if isinstance(value, bool) or not isinstance(value, int | Mapping | list):
        return value
    if isinstance(value, int):
        return float(value)
    if isinstance(value, Mapping):
        return {name: _carried(one) for name, one in cast("Mapping[str, object]", value).items()}
    return [_carried(one) for one in cast("list[object]", value)]
