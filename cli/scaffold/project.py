"""Puts a project together: the template's files with the answers and the facts of the data filled in."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...stacks.config.schema import FILE_NAME, json_schema
from . import cloud
from .manifest import manifest
from .profile import Profile
from .rendering import render
from .template import Answer, Template
from .writing import ProjectFile

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.()-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a person asked for: a name, a template, a platform, answers, and maybe data of their own."""

    project: str
    template: Template
    platform: str
    answers: Mapping[str, Answer]
    profile: Profile | None = None


def project_files(request: Request) -> tuple[ProjectFile, ...]:
    """All files of the new project, in the order of their paths; the manifest is the last."""
    facts = facts_of_profile(request.profile) if request.profile else facts_of_sample(request.template)
    answers: dict[str, object] = {"project": request.project, "platform": request.platform, **request.answers}
    context = {**answers, **facts, "task": request.template.task}
    if request.platform != "local":
        context |= cloud.facts(request.project, request.platform)
    found = request.template.files(request.platform)
    files = [_rendered(file.source, file.path, file.rendered, context) for file in found]
    if request.platform != "local":
        files += cloud.pulumi_files(request.project, request.platform, request.answers)
    files.append(ProjectFile(path=FILE_NAME, kind="generated", content=_schema()))
    if request.profile is not None:
        files.append(ProjectFile(path=data_path(request.profile.file), kind="data", copy_of=request.profile.file))
    files.sort(key=lambda file: file.path)
    return (*files, manifest(request.template, answers, facts, files))


def data_path(file: Path) -> str:
    """Where a data file goes inside the project: its own name when that is a plain one."""
    return f"data/{file.name if _SAFE_NAME.fullmatch(file.name) and file.suffix == '.csv' else 'data.csv'}"


def facts_of_sample(template: Template) -> dict[str, object]:
    """What a template fills in from its own description of the shipped data set."""
    defaults: dict[str, Any] = {"positive_class": None, "positive_reason": "", "categorical": [], "ignored": []}
    return {**defaults, **template.sample, "data_file": None}


def facts_of_profile(profile: Profile) -> dict[str, object]:
    """What a template fills in from the user's data."""
    return {
        "data_file": data_path(profile.file),
        "sklearn": None,
        "target": profile.target,
        "summary": f"Predicts {profile.target} from the other columns of {profile.file.name}.",
        "numeric": [column.name for column in profile.columns if column.kind == "numeric"],
        "categorical": [column.name for column in profile.columns if column.kind == "categorical"],
        "ignored": [
            {"name": column.name, "reason": column.reason} for column in profile.columns if column.kind == "ignored"
        ],
        "positive_class": profile.positive_class,
        "positive_reason": "the class that precision and recall are about: yes, or else the rarer one",
        "thresholds": _thresholds(profile),
        "stricter": [],
    }


def _thresholds(profile: Profile) -> list[dict[str, object]]:
    """What a model must at least reach: better than answers that know nothing of the row."""
    if not profile.classes:
        return [
            _threshold("r2", "min", 0.0, "always answering the mean reaches 0; raise it once you know more"),
            _threshold(
                "mae", "max", _rounded_up(profile.mean_absolute_deviation),
                "always answering the median is off by this much on average",
            ),
        ]  # fmt: skip
    guess = _threshold(
        "log_loss", "max", _rounded_up(profile.log_loss_of_shares),
        "knowing only how frequent each class is gives this much; lower it once you know more",
    )  # fmt: skip
    if len(profile.classes) == 2:
        return [_threshold("roc_auc", "min", 0.6, "guessing reaches 0.5; raise it once you know more"), guess]
    rows = sum(profile.classes.values())
    frequent, count = max(profile.classes.items(), key=lambda item: item[1])
    least = math.floor(count / rows * 100) / 100
    return [_threshold("accuracy", "min", least, f"always answering {frequent} reaches {count / rows:.3f}"), guess]


def _threshold(metric: str, bound: str, value: float, reason: str) -> dict[str, object]:
    return {"metric": metric, "bound": bound, "value": value, "reason": reason}


def _rounded_up(value: float) -> float:
    """Three significant digits, never less than the value."""
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    return float(f"{math.ceil(value / step) * step:.3g}")


def _rendered(source: Path, path: str, rendered: bool, context: Mapping[str, object]) -> ProjectFile:
    text = source.read_text(encoding="utf-8")
    if rendered:
        text = render(text, context, where=str(source))
    return ProjectFile(path=path, kind="template", content=text.encode())


def _schema() -> bytes:
    return f"{json.dumps(json_schema(), indent=1, ensure_ascii=False)}\n".encode()
