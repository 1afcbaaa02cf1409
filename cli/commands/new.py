"""Make a new project that works as it stands."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import click

from ...core import clock
from ...core.errors import Problem, UsageError
from ...stacks.config.checks_of_clouds import region_problem
from ...stacks.config.names import problem_with_project_name, suggested_project_name
from ..command import command as make_command
from ..output import Output
from ..result import Result
from ..scaffold import foreign
from ..scaffold.profile import Profile, profile
from ..scaffold.project import Request, project_files
from ..scaffold.template import Template, answers, load, names
from ..scaffold.writing import check_target, write
from ..session import Session

SECTION = "start"

_DEFAULT_TEMPLATE = "tabular-classification"
_PLATFORMS = ("local", "azureml", "vertex")
_OWN_OPTIONS = ("template", "platform", "data", "target")
_ASKED_OF_CLOUDS = {
    "azureml": {
        "region": "Azure region, such as westeurope (empty: later)",
        "subscription": "Id of the subscription (empty: later)",
        "tenant": "Id of the tenant (empty: later)",
    },
    "vertex": {
        "region": "Google Cloud region, such as europe-west4 (empty: later)",
        "cloud_project": "Id of the Google Cloud project (empty: later)",
    },
}


@make_command(
    "new",
    examples="""
        groundplan new churn
        groundplan new churn --data customers.csv --target churned
        groundplan new prices --template tabular-regression --set seed=7
        groundplan new churn --platform azureml --set region=westeurope
    """,
)
@click.argument("name", required=False)
@click.option("--template", metavar="TEMPLATE", envvar="GROUNDPLAN_TEMPLATE",
              help=f"{', '.join(names())}; or where a copier template is.  [default: {_DEFAULT_TEMPLATE}]")  # fmt: skip
@click.option("--platform", type=click.Choice(_PLATFORMS), envvar="GROUNDPLAN_PLATFORM",
              help="Where the product runs.  [default: local]")  # fmt: skip
@click.option("--data", metavar="FILE", envvar="GROUNDPLAN_DATA",
              help="A CSV file to learn from; it is copied.  [default: data that scikit-learn ships]")  # fmt: skip
@click.option("--target", metavar="COLUMN", envvar="GROUNDPLAN_TARGET", help="The column of --data to predict.")
@click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="An answer to the template; repeatable.")
@click.option("--answers", "answers_file", metavar="FILE", envvar="GROUNDPLAN_ANSWERS",
              help="Answers as YAML or JSON; - reads standard input. Options and --set win over it.")  # fmt: skip
@click.option("--defaults", is_flag=True, envvar="GROUNDPLAN_DEFAULTS", help="Ask nothing, even on a terminal.")
@click.option("--trust", is_flag=True, help="Allow a template that is not groundplan's own to run its author's code.")
@click.option("--dry-run", is_flag=True, help="Say what would be made, and make nothing.")
def command(session: Session, *, defaults: bool, trust: bool, dry_run: bool, **given: Any) -> Result:
    """Make a new project that works as it stands.

    Renders a template into a new folder: config, pipeline, tests. Never overwrites, never touches git.
    """
    options = _options(given, ask=session.interactive and not defaults, folder=session.folder)
    target = session.folder / cast("str", options["name"])
    check_target(target)
    template = cast("str", options["template"])
    if foreign.is_foreign(template):
        return _foreign(template, target, options, trust=trust, dry_run=dry_run)
    request = _request(options, session.folder)
    files = project_files(request)
    if not dry_run:
        write(target, files)
    return _result(target, [file.path for file in files], request, dry_run=dry_run)


def _options(given: Mapping[str, Any], *, ask: bool, folder: Path) -> dict[str, object]:
    """Every option and answer, from the command line, the answers file, questions and defaults, in this order."""
    settings = _read_answers(given["answers_file"]) if given["answers_file"] else {}
    settings |= _pairs(given["settings"])
    options: dict[str, object] = {key: settings.pop(key, None) for key in ("name", *_OWN_OPTIONS)}
    options |= {key: given[key] for key in options if given[key] is not None}
    _check(options, known_only=True, folder=folder)
    if ask:
        _ask(options, settings, folder)
    options["template"] = options["template"] or _DEFAULT_TEMPLATE
    options["platform"] = options["platform"] or "local"
    _check(options, known_only=False, folder=folder)
    return {**options, "settings": settings}


def _check(options: Mapping[str, object], *, known_only: bool, folder: Path) -> None:
    """Raise one UsageError with all that is missing or wrong; ``known_only`` leaves what is missing for later."""
    problems: list[Problem] = []
    name = options["name"]
    if name is None and not known_only:
        problems.append(Problem(message="the project has no name", hint="groundplan new NAME"))
    elif name is not None and (broken := problem_with_project_name(str(name))):
        better = suggested_project_name(str(name))
        hint = f"groundplan new {better}" if better else "For example: groundplan new churn"
        problems.append(Problem(message=broken, hint=hint))
    elif name is not None:
        check_target(folder / str(name))
    if options["platform"] not in (None, *_PLATFORMS):
        problems.append(
            Problem(message=f"there is no platform {options['platform']!r}", hint=f"Known: {', '.join(_PLATFORMS)}.")
        )
    if options["target"] is None and options["data"] is not None and not known_only:
        problems.append(
            Problem(message=f"which column of {options['data']} to predict is not said", hint="--target COLUMN")
        )
    if options["target"] is not None and options["data"] is None and not known_only:
        problems.append(Problem(message="--target names a column of --data, which is not given", hint="--data FILE"))
    if problems:
        raise UsageError(problems[0].message, hint=problems[0].hint, problems=problems)


def _ask(options: dict[str, object], settings: dict[str, object], folder: Path) -> None:
    """At most four questions, and those of a cloud: what was given is not asked for."""
    if options["name"] is None:
        options["name"] = click.prompt("Name of the project", default="churn", err=True)
        _check(options, known_only=True, folder=folder)
    if options["template"] is None:
        options["template"] = click.prompt(
            "Template", type=click.Choice(names()), default=_DEFAULT_TEMPLATE, show_choices=True, err=True
        )
    if options["data"] is None and not foreign.is_foreign(str(options["template"])):
        shipped = load(str(options["template"])).sample["sklearn"]
        answer = click.prompt(f"CSV file to learn from (none: {shipped})", default="", show_default=False, err=True)
        options["data"] = answer.strip() or None
    if options["data"] is not None and options["target"] is None:
        options["target"] = click.prompt("Column to predict", err=True)
    if options["platform"] in _ASKED_OF_CLOUDS and not foreign.is_foreign(str(options["template"])):
        _ask_of_cloud(cast("str", options["platform"]), settings)


def _ask_of_cloud(platform: str, settings: dict[str, object]) -> None:
    """Where it runs, and in whose account; an empty answer leaves the line for later."""
    for key, question in _ASKED_OF_CLOUDS[platform].items():
        if key in settings:
            continue
        settings[key] = click.prompt(question, default="", show_default=False, err=True).strip()
        if key == "region":
            _check_region(platform, settings)


def _check_region(platform: str, settings: Mapping[str, object]) -> None:
    """Raise UsageError for a region that the cloud does not have."""
    region = settings.get("region")
    problem = region_problem(platform, str(region)) if region else None
    if problem is not None:
        raise UsageError(problem[0], where="region", hint=problem[1])


def _request(options: Mapping[str, object], folder: Path) -> Request:
    template = load(str(options["template"]))
    platform = str(options["platform"])
    settings = cast("Mapping[str, object]", options["settings"])
    checked = answers(template, platform, settings)
    if platform != "local":
        _check_region(platform, checked)
        checked["budget_start"] = checked["budget_start"] or f"{clock.now():%Y-%m}-01"
    return Request(
        project=str(options["name"]),
        template=template,
        platform=platform,
        answers=checked,
        profile=_profile(options, template, folder),
    )


def _profile(options: Mapping[str, object], template: Template, folder: Path) -> Profile | None:
    if options["data"] is None:
        return None
    return profile(folder / Path(str(options["data"])).expanduser(), str(options["target"]), template.task)


def _foreign(
    template: str, target: Path, options: Mapping[str, object], *, trust: bool, dry_run: bool
) -> Result:  # fmt: skip
    if options["data"] is not None:
        raise UsageError("--data fits groundplan's own templates only", hint="Leave it out, or use --set.")
    foreign.require_trust(template, trust=trust)
    settings = cast("Mapping[str, object]", options["settings"])
    if dry_run:
        made: list[str] = []
    else:
        made = foreign.render_foreign(template, target, {"project_name": target.name, **settings})
    return _result(target, made, None, dry_run=dry_run)


def _result(target: Path, files: Sequence[str], request: Request | None, *, dry_run: bool) -> Result:
    cloud = request is not None and request.platform != "local"
    after = "groundplan config validate" if cloud else "groundplan up"
    later = ["groundplan plan --all"] if cloud else ["groundplan run"]

    def text(output: Output) -> None:
        output.line(f"{'would create' if dry_run else 'created'} {len(files)} files in {target.name}/")
        for file in files:
            output.line(f"  {file}")
        for name, reason in _left_out(request):
            output.line(f"not learned from: {name} ({reason})", "dim")

    data: dict[str, object] = {
        "project": target.name,
        "path": str(target),
        "files": list(files),
        "dry_run": dry_run,
        "template": request.template.name if request else None,
        "platform": request.platform if request else None,
        "left_out": [{"column": name, "reason": reason} for name, reason in _left_out(request)],
    }
    following = [] if dry_run else [f"cd {target.name} && {after}", *later]
    return Result(data=data, text=text, next=following)


def _left_out(request: Request | None) -> list[tuple[str, str]]:
    columns = request.profile.columns if request and request.profile else ()
    return [(column.name, column.reason) for column in columns if column.kind == "ignored"]


def _pairs(settings: Sequence[str]) -> dict[str, object]:
    problems = [
        Problem(message=f"--set takes KEY=VALUE, not {setting!r}", hint="--set seed=7")
        for setting in settings
        if not setting.partition("=")[0] or "=" not in setting
    ]
    if problems:
        raise UsageError(problems[0].message, hint=problems[0].hint, problems=problems)
    return {key: value for key, _, value in (setting.partition("=") for setting in settings)}


def _read_answers(path: str) -> dict[str, object]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    where = "standard input" if path == "-" else path
    try:
        text = sys.stdin.read(1_000_001) if path == "-" else Path(path).read_text(encoding="utf-8")
        value: object = YAML(typ="safe").load(text) if len(text) <= 1_000_000 else None  # pyright: ignore[reportUnknownMemberType]
    except (OSError, ValueError, YAMLError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or getattr(error, "problem", None) or "not YAML or JSON"
        raise UsageError(f"cannot read the answers in {where}: {reason}", where=where) from error
    if not isinstance(value, dict):
        raise UsageError(f"the answers in {where} are not a list of 'key: value' lines", where=where)
    return {str(key): item for key, item in cast("dict[object, object]", value).items()}
