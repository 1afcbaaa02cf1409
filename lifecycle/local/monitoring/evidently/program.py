"""Makes Evidently's page; run by the Python in which Evidently is installed, which has nothing of groundplan.

``python program.py PAGE`` reads what ``tables.Tables`` holds from standard input, as JSON, and writes the page.
It prints one JSON object: ``missing``, or ``version``, ``drifted`` and ``columns``.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
import warnings
from pathlib import Path
from typing import Any


def main() -> None:
    """Answer one question."""
    with contextlib.redirect_stdout(sys.stderr):
        try:
            evidently: Any = importlib.import_module("evidently")
            presets: Any = importlib.import_module("evidently.presets")
            pandas: Any = importlib.import_module("pandas")
        except ImportError as error:
            answer: dict[str, Any] = {"missing": str(error)}
        else:
            warnings.simplefilter("ignore")
            answer = _page(evidently, presets, pandas, json.load(sys.stdin))
    print(json.dumps(answer))


def _page(evidently: Any, presets: Any, pandas: Any, asked: dict[str, Any]) -> dict[str, Any]:
    definition = evidently.DataDefinition(numerical_columns=asked["numbers"], categorical_columns=asked["categories"])
    reference, current = (
        evidently.Dataset.from_pandas(_frame(pandas, asked, which), definition) for which in ("reference", "current")
    )
    parts = [presets.DataDriftPreset(), *(presets.ValueStats(column=name) for name in asked["described"])]
    made = evidently.Report(parts).run(current, reference)
    Path(sys.argv[1]).write_text(made.get_html_str(as_iframe=False), encoding="utf-8")
    found: list[dict[str, Any]] = made.dict()["metrics"]
    counted = next(one["value"]["count"] for one in found if "drift_share" in one["config"])
    columns = [
        {**{name: one["config"][name] for name in ("column", "method", "threshold")}, "value": float(one["value"])}
        for one in found
        if one["config"]["type"].endswith(":ValueDrift")
    ]
    return {"version": evidently.__version__, "drifted": int(counted), "columns": columns}


def _frame(pandas: Any, asked: dict[str, Any], which: str) -> Any:
    frame = pandas.DataFrame(asked[which])
    return frame.astype({**dict.fromkeys(asked["numbers"], "float64"), **dict.fromkeys(asked["categories"], "object")})


if __name__ == "__main__":
    main()
