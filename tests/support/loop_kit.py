"""A project whose model lives: a pipeline of one quick step on a CSV file that a test can shift, and two environments.

Rows have ``x`` between -1 and 1 and the class ``no`` below ``cut``, ``yes`` from it on, a tenth of them wrong.
"""

from __future__ import annotations

import random
from pathlib import Path

import provisioning

CONFIG = """\
project: churn
platform: local
data: {sources: {main: {path: rows.csv}}, target: y}
pipelines:
  train:
    steps:
      train:
        command: python train.py {inputs.data} {outputs.model} {outputs.test}
        inputs: {data: data.main}
        outputs: {model: model, test: dataset}
models: {churn: {pipeline: train, test: train.test}}
evaluation: {champion: {metric: accuracy, margin: 0.0}}
environments: {dev: {}, prod: {}}
"""

_TRAIN = """\
import sys
import mlflow.sklearn
import pandas as pd
from mlflow.models import infer_signature
from sklearn.linear_model import LogisticRegression

source, model, test = sys.argv[1:]
rows = pd.read_csv(source)
held_out = rows.iloc[::3]
learned = rows.drop(held_out.index)
held_out.to_csv(test, index=False)
fitted = LogisticRegression().fit(learned[["x"]], learned["y"])
signature = infer_signature(learned[["x"]], fitted.predict(learned[["x"]]))
mlflow.sklearn.save_model(fitted, model, serialization_format="skops", signature=signature,
                          skops_trusted_types=["numpy.dtype"], pip_requirements=["scikit-learn"])
"""


def make(root: Path, *, provisioned: Path, config: str = CONFIG) -> Path:
    """Such a project, with a copy of a platform."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "groundplan.yaml").write_text(config)
    (root / "train.py").write_text(_TRAIN)
    write_rows(root, cut=0.0)
    provisioning.copy(provisioned, root, project="churn")
    return root


def write_rows(root: Path, *, cut: float, count: int = 600) -> None:
    """The data, with classes that change at ``cut``."""
    generator = random.Random(7)
    lines = ["x,y"]
    for _ in range(count):
        x = generator.uniform(-1, 1)
        answer = (x >= cut) != (generator.random() < 0.1)
        lines.append(f"{x:.4f},{'yes' if answer else 'no'}")
    (root / "rows.csv").write_text("\n".join(lines) + "\n")
