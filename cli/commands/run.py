"""Run a pipeline: train, evaluate, hold the model to its gate, register it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

import click

from ...core import clock, locks, processors
from ...core.errors import NotFoundError, UsageError
from ...core.exit_codes import ExitCode
from ...core.layout import Layout
from ...core.suggestions import did_you_mean
from ...lifecycle.contract.evidence import Check
from ...lifecycle.contract.model import Judgement
from ...lifecycle.contract.pipeline import ParameterValue, Pipeline
from ...lifecycle.contract.platform import Platform
from ...lifecycle.contract.run import Run, RunRequest
from ...lifecycle.registration import OverrideRequest, judge_and_register
from ...modules.local import platform as local
from ...stacks import pipelines
from ...stacks.config import secrets
from ...stacks.config.resolved import Resolved
from .. import nouns
from ..command import command as make_command
from ..options import environment_option
from ..output import Output
from ..progress import Progress, working
from ..result import Result
from ..session import Session
from ..step_logs import StepLogs

SECTION = "start"

_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")

Judgements = Sequence[Judgement]


@make_command(
    "run",
    examples="""
    groundplan run
    groundplan run train --set train.max_depth=4
    groundplan run --force --jobs 4
    groundplan run --logs
    """,
)
@click.argument("name", metavar="[PIPELINE]", required=False)
@environment_option("The environment whose config is used.  [default: the first one]")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="STEP.PARAMETER=VALUE",
    help="Another value for a parameter, for this run. May be given several times.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(1, 256),
    envvar="GROUNDPLAN_JOBS",
    help="How many steps may run at once on the laptop.  [default: the number of CPUs]",
)
@click.option(
    "--force", is_flag=True, envvar="GROUNDPLAN_FORCE", help="Run every step, whatever the cache holds.  [default: off]"
)
@click.option(
    "--logs",
    "show_logs",
    is_flag=True,
    envvar="GROUNDPLAN_LOGS",
    help="Show what the steps print as they print it.  [default: off]",
)
@click.option(
    "--no-register",
    is_flag=True,
    envvar="GROUNDPLAN_NO_REGISTER",
    help="Stop after the pipeline: judge and register nothing.  [default: off]",
)
@click.option(
    "--override-by",
    metavar="PERSON",
    envvar="GROUNDPLAN_OVERRIDE_BY",
    help="Register although the gate fails, in this person's name; needs --reason.",
)
@click.option(
    "--reason",
    metavar="TEXT",
    envvar="GROUNDPLAN_REASON",
    help="Why the failed gate may pass; goes into the audit log and the model card.",
)
def command(
    session: Session, name: str | None, environment: str | None, settings: tuple[str, ...], jobs: int | None, *,
    force: bool, show_logs: bool, no_register: bool, override_by: str | None, reason: str | None,
) -> Result:  # fmt: skip
    """Run a pipeline, judge each model it makes with the first environment's rubric, register what passes.

    Steps whose code, inputs, parameters and packages did not change are taken from the cache, so a run that failed
    or was interrupted goes on from what is done. On a cloud a run that goes on there is watched, whoever began it.
    """
    override = _override(override_by, reason)
    config = session.config(environment)
    platform = session.platform(config)
    pipeline = _with_settings(pipelines.pipeline(config, name), settings)
    request = RunRequest(
        root=config.root,
        pipeline=pipeline,
        environment=config.environment,
        config_digest=config.digest,
        user=locks.user(),
        jobs=jobs or processors.count(),
        use_cache=not force,
        show_logs=show_logs,
    )
    with session.training(config):
        if config.config.platform == "local":
            _provision(session, config)
        with (
            Progress(session.output, list(pipeline.steps)) as progress,
            StepLogs(progress) if show_logs else nullcontext(progress) as observer,
        ):
            run = platform.runs.run(request, observer)
        with working(session.output, "recording the run"):
            run = platform.runs.record(run)
        judgements: Judgements = ()
        if not no_register:
            run, judgements = _judge(session, platform, config, run, override)
    return _result(run, judgements, unchanged=not progress.changed)


def _override(person: str | None, reason: str | None) -> OverrideRequest | None:
    if person is None and reason is None:
        return None
    if not person or not reason:
        raise UsageError("an override names a person and a reason", hint="--override-by PERSON --reason TEXT")
    return OverrideRequest(person=person, reason=reason)


def _provision(session: Session, config: Resolved) -> None:
    layout = Layout(config.root)
    if not (local.is_provisioned(layout) and layout.tracking_database.exists()):
        session.output.message("the platform is not there yet; provisioning it, as groundplan up does", "dim")
        with session.locked(config):
            local.provision(layout, project=config.config.project)


def _with_settings(pipeline: Pipeline, settings: Sequence[str]) -> Pipeline:
    steps = dict(pipeline.steps)
    for setting in settings:
        path, equals, text = setting.partition("=")
        name, dot, parameter = path.partition(".")
        if not equals or not dot:
            raise UsageError(f"--set takes STEP.PARAMETER=VALUE, not {setting!r}", hint="Such as --set train.seed=7.")
        if name not in steps:
            raise NotFoundError(f"the pipeline has no step {name!r}", hint=did_you_mean(name, steps))
        known = steps[name].parameters
        if parameter not in known:
            raise NotFoundError(f"step {name!r} has no parameter {parameter!r}", hint=did_you_mean(parameter, known))
        value = _value(setting, text, known[parameter])
        steps[name] = replace(steps[name], parameters={**known, parameter: value})
    return replace(pipeline, steps=steps)


def _value(setting: str, text: str, before: ParameterValue) -> ParameterValue:
    """The text as a value of the kind that the parameter had before."""
    if isinstance(before, str):
        return _not_a_secret(setting.partition("=")[0], text)
    try:
        value: object = json.loads(text, parse_constant=str)
    except ValueError:
        value = None
    if isinstance(value, bool) == isinstance(before, bool) and isinstance(value, bool | int | float):
        return value
    kind = "true or false" if isinstance(before, bool) else "a number"
    raise UsageError(f"--set {setting}: {kind} is expected", hint=f"The config says {json.dumps(before)}.")


def _not_a_secret(path: str, text: str) -> str:
    _, _, parameter = path.partition(".")
    reference = secrets.REFERENCE.fullmatch(text)
    if reference is None and secrets.what_it_looks_like(parameter, text) is None:
        return text
    variable = reference["name"] if reference else parameter.upper()
    raise UsageError(
        f"--set {path}: a step takes no secret in its parameters, which each run records",
        hint=secrets.hint_for_steps(variable),
    )


def _judge(
    session: Session, platform: Platform, config: Resolved, run: Run, override: OverrideRequest | None
) -> tuple[Run, Judgements]:
    judgements: list[Judgement] = []
    for plan in nouns.model_plans(config, run.pipeline):
        with working(session.output, f"evaluating model {plan.name}"):
            judgements.append(judge_and_register(platform, run, plan, who=locks.user(), override=override))
    registered = {one.model: f"v{one.version}" for one in judgements if one.version is not None}
    return platform.runs.record(replace(run, models={**run.models, **registered})), judgements


def _result(run: Run, judgements: Judgements, *, unchanged: bool) -> Result:
    failed = [one for one in judgements if one.version is None]

    def text(output: Output) -> None:
        cached = sum(step.status == "cached" for step in run.steps.values())
        note = f", {cached} of {len(run.steps)} steps from the cache" if cached else ""
        if unchanged:
            output.line(f"run {run.id}  {run.status} before; nothing changed since, nothing was run")
        else:
            output.line(f"run {run.id}  {run.status} in {clock.duration(run.seconds)}{note}", "good")
        for judgement in judgements:
            _write_judgement(output, judgement)

    return Result(
        data={
            "run": run.id,
            "pipeline": run.pipeline,
            "environment": run.environment,
            "status": run.status,
            "unchanged": unchanged,
            "seconds": run.seconds,
            "steps": {step.name: {"status": step.status, "seconds": step.seconds} for step in run.steps.values()},
            "metrics": dict(run.metrics),
            "models": [_judgement(one) for one in judgements],
        },
        text=text,
        next=_next(run, judgements),
        exit_code=ExitCode.GATE_FAILED if failed else ExitCode.DONE,
        errors=[_error(one) for one in failed],
    )


def _write_judgement(output: Output, judgement: Judgement) -> None:
    verdict = judgement.verdict
    output.line()
    output.line(f"model {judgement.model}, gate of {verdict.environment}", "bold")
    output.table(
        ("check", "expected", "found", "result"),
        [(check.name, _short(check.expected), _short(check.found), _outcome(check)) for check in verdict.checks],
    )
    if judgement.version is None:
        output.line(f"refused: {judgement.model} does not pass the gate of {verdict.environment}", "bad")
        return
    line = f"{judgement.model} v{judgement.version}"
    line = f"{line} is registered already" if judgement.unchanged else f"registered {line}"
    if verdict.passed:
        output.line(line, "good")
    else:
        output.line(f"{line}, although its gate failed: overridden", "warn")


def _outcome(check: Check) -> str:
    word = {True: "ok", False: "FAILED", None: "not judged"}[check.passed]
    return f"{word}: {check.reason}" if check.reason else word


def _short(text: str) -> str:
    """Digests cut to what people compare; the JSON has them whole."""
    return _DIGEST.sub(r"\1...", text)


def _judgement(one: Judgement) -> dict[str, object]:
    return {
        "model": one.model,
        "environment": one.verdict.environment,
        "passed": one.verdict.passed,
        "version": one.version,
        "unchanged": one.unchanged,
        "checks": [
            {"name": check.name, "expected": check.expected, "found": check.found, "passed": check.passed,
             "reason": check.reason}
            for check in one.verdict.checks
        ],
    }  # fmt: skip


def _error(one: Judgement) -> dict[str, object]:
    names = ", ".join(check.name for check in one.verdict.failures)
    return {
        "code": "GATE_FAILED",
        "message": f"model {one.model!r} does not pass the gate of {one.verdict.environment}: {names}",
        "where": "", "file": None, "line": None, "column": None,
        "hint": "Improve the model or the data, or change the rubric under 'evaluation'.",
    }  # fmt: skip


def _next(run: Run, judgements: Judgements) -> list[str]:
    if any(one.version is None for one in judgements):
        return [f"groundplan runs show {run.id}", "groundplan config show"]
    promotions = [f"groundplan models promote {one.model}" for one in judgements]
    return promotions or [f"groundplan runs show {run.id}"]
