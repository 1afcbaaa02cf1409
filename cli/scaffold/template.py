"""The packaged templates: what each asks, its files, and the data set it uses when the user brings none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from ...core.digests import names_below
from ...core.errors import Problem, UsageError
from ...core.suggestions import did_you_mean

TEMPLATES = Path(__file__).parent.parent / "templates"
DESCRIPTION = "template.yaml"
MAX_ANSWER = 2000

Answer = str | int | float


@dataclass(frozen=True, kw_only=True)
class Question:
    """One answer that a template takes; ``platforms`` are those that ask for it."""

    name: str
    type: Literal["text", "integer", "number"]
    default: Answer
    help: str
    min: float | None = None
    max: float | None = None
    platforms: tuple[str, ...] = ("local", "azureml", "vertex")


@dataclass(frozen=True, kw_only=True)
class TemplateFile:
    """A file of a template: where it lies, the path it gets, whether it is rendered."""

    source: Path
    path: str
    rendered: bool


@dataclass(frozen=True, kw_only=True)
class Template:
    """A packaged template; ``sample`` describes the data set that it uses without ``--data``."""

    name: str
    version: int
    description: str
    task: Literal["classification", "regression"]
    questions: tuple[Question, ...]
    sample: Mapping[str, Any]
    folders: tuple[Path, ...]
    cloud_folder: Path

    def files(self, platform: str = "local") -> tuple[TemplateFile, ...]:
        """Its files, those of the shared folder first; on a cloud those that bring a project there, too."""
        folders = self.folders if platform == "local" else (*self.folders, self.cloud_folder)
        return tuple(_file(folder, name) for folder in folders for name in names_below(folder) if name != DESCRIPTION)


def names() -> tuple[str, ...]:
    """The packaged templates; folders that start with an underscore hold what several share."""
    return tuple(sorted(path.parent.name for path in TEMPLATES.glob(f"[a-z]*/{DESCRIPTION}")))


def load(name: str) -> Template:
    """A packaged template. Raises UsageError with a suggestion."""
    if name not in names():
        raise UsageError(f"there is no template {name!r}", hint=did_you_mean(name, names()))
    described = _read(TEMPLATES / name / DESCRIPTION)
    questions = cast("dict[str, dict[str, Any]]", described["answers"])
    return Template(
        name=described["name"],
        version=described["version"],
        description=described["description"],
        task=described["task"],
        questions=tuple(_question(key, value) for key, value in questions.items()),
        sample=described["sample"],
        folders=(TEMPLATES / described["shares"], TEMPLATES / name),
        cloud_folder=TEMPLATES / described["clouds"],
    )


def answers(template: Template, platform: str, given: Mapping[str, object]) -> dict[str, Answer]:
    """Every answer of a template: those given, checked, and the defaults. Raises UsageError with all problems."""
    asked = {question.name: question for question in template.questions if platform in question.platforms}
    problems = [
        Problem(message=f"the template takes no answer {name!r}", hint=did_you_mean(name, asked))
        for name in given
        if name not in asked
    ]
    result: dict[str, Answer] = {}
    for question in template.questions:
        value = given.get(question.name, question.default) if question.name in asked else question.default
        checked = _checked(question, value)
        if isinstance(checked, Problem):
            problems.append(checked)
        else:
            result[question.name] = checked
    if problems:
        raise UsageError(problems[0].message, hint=problems[0].hint, problems=problems)
    return result


def _checked(question: Question, value: object) -> Answer | Problem:
    wrong = Problem(
        message=f"{question.name} is {str(value)[:80]!r}, which is not {_expected(question)}",
        hint=f"--set {question.name}={question.default or '...'}  ({question.help})",
    )
    if question.type == "text":
        usable = isinstance(value, str | int | float) and len(str(value)) <= MAX_ANSWER and _encodable(str(value))
        return str(value) if usable else wrong
    try:
        number = _number(question, value)
    except (TypeError, ValueError, OverflowError):
        return wrong
    low, high = question.min, question.max
    inside = (low is None or number >= low) and (high is None or number <= high)
    return number if inside else wrong


def _number(question: Question, value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, str | int | float) or "_" in str(value):
        raise ValueError(question.name)
    return int(str(value)) if question.type == "integer" else float(value)


def _expected(question: Question) -> str:
    kind = {"text": f"text of at most {MAX_ANSWER} characters", "integer": "a whole number", "number": "a number"}
    bounds = [f"from {question.min:g}"] if question.min is not None else []
    bounds += [f"to {question.max:g}"] if question.max is not None else []
    return " ".join([kind[question.type], *bounds])


def _question(name: str, described: Mapping[str, Any]) -> Question:
    settings = dict(described)
    if "platforms" in settings:
        settings["platforms"] = tuple(settings["platforms"])
    return Question(name=name, **settings)


def _file(folder: Path, name: str) -> TemplateFile:
    parts = [f".{part[4:]}" if part.startswith("dot-") else part for part in name.split("/")]
    path = "/".join(parts)
    return TemplateFile(source=folder / name, path=path.removesuffix(".j2"), rendered=path.endswith(".j2"))


def _read(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML

    return cast("dict[str, Any]", YAML(typ="safe").load(path.read_text(encoding="utf-8")))  # pyright: ignore[reportUnknownMemberType]


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
