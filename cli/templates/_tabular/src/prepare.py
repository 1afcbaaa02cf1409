"""Clean the data and split it into a part to learn from and a part that is held out."""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from columns import CATEGORICAL, NUMERIC, TARGET, TASK


def read(path: Path) -> pd.DataFrame:
    """Read a table from CSV or Parquet."""
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def clean(frame: pd.DataFrame) -> pd.DataFrame:
    """Give every feature one type and drop the rows that have no target."""
    missing = [name for name in (*NUMERIC, *CATEGORICAL, TARGET) if name not in frame.columns]
    if missing:
        sys.exit(f"the data lacks the columns {missing}; src/columns.py names what the model needs")
    frame = frame.copy()
    if TASK == "regression":
        frame[TARGET] = pd.to_numeric(frame[TARGET], errors="coerce").replace([np.inf, -np.inf], np.nan)
    for name in NUMERIC:
        frame[name] = pd.to_numeric(frame[name], errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)
    kept = frame.dropna(subset=[TARGET])
    if len(kept) < len(frame):
        print(f"left out {len(frame) - len(kept)} rows without a target", file=sys.stderr)
    if kept[TARGET].nunique() < 2:
        sys.exit(f"the target column {TARGET!r} needs at least two different values")
    return kept


def split(frame: pd.DataFrame, test_share: float, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hold out a share of the rows; with classes, the same share of each."""
    classes = frame[TARGET] if TASK == "classification" and frame[TARGET].value_counts().min() > 1 else None
    try:
        return train_test_split(frame, test_size=test_share, random_state=seed, stratify=classes)
    except ValueError:  # too few rows to hold out some of every class
        return train_test_split(frame, test_size=test_share, random_state=seed)


def main(arguments: list[str] | None = None) -> None:
    """Read the data, clean it, write both parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the table to split")
    parser.add_argument("--train", type=Path, required=True, help="where the part to learn from goes")
    parser.add_argument("--test", type=Path, required=True, help="where the held-out part goes")
    parser.add_argument("--test-share", type=float, default=0.2, help="the share of rows to hold out")
    parser.add_argument("--seed", type=int, default=42)
    options = parser.parse_args(arguments)
    train, test = split(clean(read(options.data)), options.test_share, options.seed)
    train.to_csv(options.train, index=False)
    test.to_csv(options.test, index=False)
    print(f"{len(train)} rows to learn from, {len(test)} held out")


if __name__ == "__main__":
    main()
