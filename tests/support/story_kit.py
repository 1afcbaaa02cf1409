"""A project on a cloud that is really brought up, and whose pipeline really trains; what a person types in it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cloud_configs
from terminal import call
from vertex_registry_kit import IMAGE

CONFIG = """\
environments: {dev: {}}
data: {sources: {main: {path: rows.csv}}, target: label}
pipelines:
  train:
    schedule: "0 3 * * *"
    steps:
      prepare:
        command: python prepare.py {inputs.data} {outputs.train} {outputs.test}
        inputs: {data: data.main}
        outputs: {train: dataset, test: dataset}
        code: [prepare.py]
      fit:
        command: python fit.py {inputs.train} {outputs.model} {outputs.scores} {parameters.strength}
        inputs: {train: prepare.train}
        outputs: {model: model, scores: metrics}
        parameters: {strength: 1.0}
        code: [fit.py]
models:
  churn: {pipeline: train, output: fit.model, test: prepare.test, evaluation: {metrics: {accuracy: {min: 0.7}},
    champion: {metric: accuracy}}}
endpoints: {churn: {%s}}
retraining: {window: 30d, time_column: day}
"""
WATCHED = "monitoring: {enabled: true, managed: true, window: 1h, alerts: [team@example.com]}\n"
"""The cloud's own monitors watch, too."""

FEATURES = """\
features: {online: true, sets: {habits: {source: habits, entity: person, keys: [person], features: [visits],
  timestamp: day}}}
"""
"""At Vertex AI the source is the table that up makes for it."""

OWN = {"azureml": "log_sample: 1.0", "vertex": f'image: "{IMAGE}", log_sample: 1.0'}

PREPARE = """\
import sys
source, train, test = sys.argv[1:]
head, *rows = open(source).read().splitlines()
for path, part in ((train, rows[::2]), (test, rows[1::2])):
    open(path, "w").write("\\n".join([head, *part, ""]))
print(len(rows), "rows")
"""

FIT = """\
import csv, json, pathlib, sys
import sklearn, skops.io
from sklearn.linear_model import LogisticRegression

train, model, scores, strength = sys.argv[1:]
rows = list(csv.DictReader(open(train)))
ages, labels = [[float(row["age"])] for row in rows], [row["label"] for row in rows]
fitted = LogisticRegression(C=float(strength)).fit(ages, labels)
folder = pathlib.Path(model)
folder.mkdir(exist_ok=True)
skops.io.dump(fitted, folder / "model.skops")
flavor = {"pickled_model": "model.skops", "serialization_format": "skops", "sklearn_version": sklearn.__version__}
signature = {"inputs": json.dumps([{"name": "age", "type": "double", "required": True}])}
(folder / "MLmodel").write_text(json.dumps({"flavors": {"sklearn": flavor}, "signature": signature}))
json.dump({"train_accuracy": fitted.score(ages, labels)}, open(scores, "w"))
print("learned from", len(rows), "rows")
"""


@dataclass(frozen=True)
class StoryProject:
    """A project below ``root``; ``make`` writes it."""

    root: Path

    @staticmethod
    def make(root: Path, platform: str) -> StoryProject:
        """Such a project for a cloud."""
        root.mkdir(parents=True)
        more = WATCHED + (FEATURES if platform == "vertex" else "")
        text = cloud_configs.FIRST_LINES[platform] + CONFIG % OWN[platform] + more
        (root / "groundplan.yaml").write_text(text, encoding="utf-8")
        (root / "prepare.py").write_text(PREPARE, encoding="utf-8")
        (root / "fit.py").write_text(FIT, encoding="utf-8")
        (root / "rows.csv").write_text("age,day,label\n", encoding="utf-8")
        project = StoryProject(root)
        project.learn(datetime(2020, 1, 1, tzinfo=UTC), yes_from=40)
        return project

    def learn(self, day: datetime, *, yes_from: int) -> None:
        """Rows of a day come, in which the answer is yes from an age on."""
        with (self.root / "rows.csv").open("a", encoding="utf-8") as rows:
            rows.write(self.rows(day, yes_from=yes_from))

    def rows(self, day: datetime, *, yes_from: int) -> str:
        """Such rows."""
        return "".join(
            f"{age},{day.isoformat()},{'yes' if age > yes_from else 'no'}\n" for age in range(20, 62)
        )  # fmt: skip

    def document(self, *words: str, code: int = 0) -> dict[str, Any]:
        """What a command says as JSON."""
        result = call(*words, "--format", "json", cwd=self.root)
        assert result.returncode == code, f"{words}: {result.stdout}{result.stderr}"
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    def run(self, *words: str, code: int = 0) -> Any:
        """The data of it."""
        return self.document(*words, code=code)["data"]

    def change(self, file: str, before: str, after: str) -> None:
        """Change a text in a file of the project."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after), encoding="utf-8")

    def forget(self) -> None:
        """What another machine has: the project's files, and nothing of what groundplan keeps beside them."""
        shutil.rmtree(self.root / ".groundplan")
