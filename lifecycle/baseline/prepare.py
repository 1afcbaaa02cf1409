"""Split a table into a part to learn from and a part that is held out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...core.extras import load
from .tables import fail, labelled, note, read

_LEAST_ROWS = 5
_split = load("sklearn.model_selection").train_test_split


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the data, leave out rows without a target, write both parts as CSV."""
    options = _options(arguments)
    if not 0 < options.test_share < 1:
        fail(f"test_share is {options.test_share:g}; it must lie between 0 and 1")
    frame = labelled(read(options.data, options.target), options.target, options.task)
    if len(frame) < _LEAST_ROWS:
        fail(f"{len(frame)} rows with a target are too few to split; at least {_LEAST_ROWS} are needed")
    train, test = split(frame, options.target, options.task, options.test_share, options.seed)
    for part, path in ((train, options.train), (test, options.test)):
        part.to_csv(path, index=False)
    print(f"{len(train)} rows to learn from, {len(test)} held out")


def split(frame: Any, target: str, task: str, test_share: float, seed: int) -> tuple[Any, Any]:
    """Hold out a share of the rows; with classes, the same share of each where every class has enough rows."""
    if task == "classification":
        try:
            return _split(frame, test_size=test_share, random_state=seed, stratify=frame[target])
        except ValueError:
            note("some class has too few rows to hold out the same share of each; the rows are split at random")
    return _split(frame, test_size=test_share, random_state=seed)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--task", choices=["classification", "regression"], required=True)
    parser.add_argument("--test-share", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=42)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
