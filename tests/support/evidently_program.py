"""What Evidently says of columns that a file holds; run by the Python of .tools/evidently, which has pandas 2.

``python evidently_program.py ASKED ANSWERED``: both are JSON, by the names of the columns.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_evidently: Any = importlib.import_module("evidently")
_metrics: Any = importlib.import_module("evidently.metrics")
_pandas: Any = importlib.import_module("pandas")


def main() -> None:
    """Compare each column by each of its methods."""
    asked, answered = map(Path, sys.argv[1:])
    warnings.simplefilter("ignore")  # a share that is expected to be nothing is divided by
    cases: dict[str, Mapping[str, Any]] = json.loads(asked.read_text())
    answered.write_text(json.dumps({name: _compared(case) for name, case in cases.items()}))


def _compared(case: Mapping[str, Any]) -> dict[str, float]:
    kind = "numerical_columns" if case["kind"] == "numeric" else "categorical_columns"
    definition = _evidently.DataDefinition(**{kind: ["column"]})
    before, now = (
        _evidently.Dataset.from_pandas(_pandas.DataFrame({"column": case[which]}), definition)
        for which in ("reference", "current")
    )
    wanted = [_metrics.ValueDrift(column="column", method=method) for method in case["methods"]]
    found = _evidently.Report(wanted).run(now, before).dict()["metrics"]
    return {one["config"]["method"]: float(one["value"]) for one in found}


if __name__ == "__main__":
    main()
