"""Look at registered models; promote, reject and roll them back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ...core import clock, locks
from ...core.errors import NotFoundError, UsageError
from ...core.suggestions import did_you_mean
from ..command import command as make_command
from ..command import group
from ..output import Output, Style
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...lifecycle.contract.model import AuditEntry, ModelPlan, ModelVersion
    from ...lifecycle.contract.platform import Platform
    from ...policies.config import ActionKind
    from ...stacks.config.resolved import Resolved

SECTION = "model"

command = group(
    "models",
    help="Look at registered models; promote, reject and roll them back.",
    examples="""groundplan models list
    groundplan models promote
    groundplan models show --card""",
)

_reason = click.option(
    "--reason", envvar="GROUNDPLAN_REASON", show_envvar=True, default="", metavar="TEXT",
    help="Why; stands in the audit log and the model card.  [default: none]",
)  # fmt: skip
_words = click.argument("words", nargs=-1, metavar="[NAME] [VERSION]")


@make_command(
    "list",
    parent=command,
    examples="""groundplan models list
    groundplan models list churn --status registered
    groundplan models list --stage production --format json""",
)
@click.argument("name", required=False)
@click.option("--stage", metavar="ENV", help="Only versions in this environment.  [default: all]")
@click.option("--status", type=click.Choice(["registered", "retired", "rejected"]), help="Only versions of this status.  [default: all]")  # fmt: skip  # noqa: E501
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many versions.")
def list_versions(session: Session, name: str | None, stage: str | None, status: str | None, limit: int) -> Result:
    """List model versions, newest first."""
    from ...lifecycle.recorded import together

    resolved = session.config()
    platform = _platform(session, resolved)
    if stage is not None and stage not in resolved.environments:
        raise NotFoundError(f"there is no environment {stage!r}", hint=did_you_mean(stage, resolved.environments))
    everything = platform.models.list(name)
    if name is not None and not everything and name not in resolved.config.models:
        known = {version.name for version in platform.models.list()} | set(resolved.config.models)
        raise NotFoundError(f"there is no model {name!r}", hint=did_you_mean(name, known))
    found = [one for one in everything if stage in (None, one.stage) and status in (None, one.status)]
    shown = found[:limit]

    def text(output: Output) -> None:
        if not found:
            output.line("no version is registered" if not everything else "no version is like that")
            return
        output.table(
            ["MODEL", "VERSION", "STAGE", "STATUS", "GATE", "REGISTERED", "RUN"],
            [
                [one.name, f"v{one.version}", one.stage or "-", one.status, one.gate or "-",
                 clock.for_people(one.created), one.lineage.run_id]
                for one in shown
            ],
        )  # fmt: skip
        if len(found) > limit:
            output.message(f"{len(found) - limit} more; --limit {len(found)} shows all", "dim")

    following = ["groundplan models show", "groundplan models promote"] if found else ["groundplan run"]
    # The table needs no evidence, which is a record of its own for each version of a cloud.
    models = together.each(_data, shown) if session.output.format == "json" else []
    return Result(data={"models": models, "total": len(found)}, text=text, next=following)


@make_command(
    "show",
    parent=command,
    examples="""groundplan models show
    groundplan models show churn 3
    groundplan models show --card > card.md""",
)
@_words
@click.option("--card", is_flag=True, help="Print the model card (markdown) instead.")
def show(session: Session, words: tuple[str, ...], card: bool) -> Result:
    """Show all that is known of a model version: evidence, verdict, lineage, history.

    NAME may be left out where the project has one model; VERSION is a number, v3 or latest (the default).
    """
    from ...lifecycle import model_card

    resolved = session.config()
    platform = _platform(session, resolved)
    plan, wanted = _named(resolved, words)
    version = _version(platform.models.list(plan.name), plan, wanted or "latest")
    entries = [one for one in platform.models.audit_log() if (one.model, one.version) == (plan.name, version.version)]
    markdown = model_card.render(plan, version, entries)

    def text(output: Output) -> None:
        if card:
            output.line(markdown.rstrip("\n"))
        else:
            _show(output, version, entries)

    data = {**_data(version), "audit": [asdict(entry) for entry in entries], "card": markdown}
    following = [] if card or version.status == "rejected" else _following(plan, version)
    return Result(data=data, text=text, next=following)


@make_command(
    "promote",
    parent=command,
    examples="""groundplan models promote
    groundplan models promote churn 3 --to production --approved-by ada@example.com
    groundplan models promote --override-by ada@example.com --reason "holiday traffic, agreed in review" """,
)
@_words
@click.option("--to", metavar="ENV", help="The environment to promote to.  [default: the next one]")
@_reason
@click.option("--approved-by", envvar="GROUNDPLAN_APPROVED_BY", show_envvar=True, metavar="PERSON", multiple=True,
              help="Who approved it, where that is asked for; can be repeated.  [default: nobody]")  # fmt: skip
@click.option("--override-by", metavar="PERSON", help="Let a failed gate pass in this person's name; needs --reason, and shows everywhere.  [default: nobody]")  # fmt: skip  # noqa: E501
def promote(
    session: Session,
    words: tuple[str, ...],
    to: str | None,
    reason: str,
    approved_by: tuple[str, ...],
    override_by: str | None,
) -> Result:
    """Put a model version one environment further, if its evidence meets that environment's rubric.

    Without VERSION it takes the newest version that passed its gate and can go further.
    """
    from ...lifecycle import promotion

    resolved = session.config()
    platform = session.platform(resolved)
    plan, wanted = _named(resolved, words)
    _, to = _choose(platform, plan, wanted, to)
    if not approved_by and session.interactive and promotion.needs_approval(plan, to):
        approved_by = (click.prompt(f"who approved the promotion of {plan.name} to {to}", err=True),)
    request = promotion.Request(who=locks.user(), reason=reason, approved_by=approved_by, override_by=override_by)
    with session.locked(resolved):
        _recover(session, platform)
        version, to = _choose(platform, plan, wanted, to)
        _ask_rules(session, "promote", platform, version, to, approved_by, overridden=override_by is not None)
        moved = promotion.promote(platform, plan, version, to=to, request=request)
    return _moved(plan, moved, version)


def _choose(platform: Platform, plan: ModelPlan, wanted: str | None, to: str | None) -> tuple[ModelVersion, str]:
    from ...lifecycle import promotion

    versions = platform.models.list(plan.name)
    version = _version(versions, plan, wanted) if wanted else promotion.candidate(plan, versions)
    return version, promotion.target(plan, version, to)


@make_command(
    "reject",
    parent=command,
    examples="""groundplan models reject churn 3 --reason "trained on last year's prices"
    groundplan models reject latest --reason "trained on last year's prices" """,
)
@_words
@_reason
def reject(session: Session, words: tuple[str, ...], reason: str) -> Result:
    """Take a model version out of its stage for good: it cannot be promoted again."""
    from ...lifecycle import promotion

    resolved = session.config()
    platform = session.platform(resolved)
    plan, wanted = _named(resolved, words)
    if wanted is None:
        raise UsageError(
            "say which version to reject", hint=f"groundplan models reject {plan.name} latest --reason TEXT"
        )
    with session.locked(resolved):
        _recover(session, platform)
        version = _version(platform.models.list(plan.name), plan, wanted)
        rejected = promotion.reject(platform, plan, version, who=locks.user(), reason=reason)
    left = f", taken out of {version.stage}" if version.stage else ""

    def text(output: Output) -> None:
        output.line(f"{rejected.name} v{rejected.version} is rejected{left}")

    back = [f"groundplan models rollback {plan.name} --to {version.stage} --reason TEXT"] if version.stage else []
    return Result(data={**_data(rejected), "from": version.stage}, text=text, next=[*back, "groundplan models list"])


@make_command(
    "rollback",
    parent=command,
    examples="""groundplan models rollback --reason "errors doubled since noon"
    groundplan models rollback churn --to staging --reason "wrong features" """,
)
@click.argument("name", required=False)
@click.option("--to", "--environment", "environment", metavar="ENV",
              help="The environment to roll back.  [default: the furthest that has a model]")  # fmt: skip
@_reason
def rollback(session: Session, name: str | None, environment: str | None, reason: str) -> Result:
    """Put the version back that was in an environment before."""
    from ...lifecycle import promotion
    from .. import nouns

    resolved = session.config()
    platform = session.platform(resolved)
    plan = nouns.model_plan(resolved, name)
    with session.locked(resolved):
        _recover(session, platform)
        current = promotion.furthest(plan, platform.models.list(plan.name))
        chosen = environment or (current.stage if current else None)
        if chosen is None:
            raise NotFoundError(f"no version of {plan.name} is in any environment", hint="groundplan models promote")
        _ask_rules(session, "rollback", platform, platform.models.previous(plan.name, chosen), chosen)
        restored = promotion.rollback(platform, plan, chosen, who=locks.user(), reason=reason)

    def text(output: Output) -> None:
        output.line(f"{restored.name} v{restored.version} is back in {chosen}", "good")

    return Result(data=_data(restored), text=text, next=[f"groundplan deploy --environment {chosen}"])


def _ask_rules(
    session: Session, kind: ActionKind, platform: Platform, version: ModelVersion, environment: str,
    approved_by: Sequence[str] = (), *, overridden: bool = False,
) -> None:  # fmt: skip
    from ..checking import actions, evidence

    config = session.config(environment)
    action = evidence.action(
        kind, platform, version, config, actor=locks.user(), approvals=approved_by, overridden=overridden
    )
    actions.require(session, config, platform, action)


def _platform(session: Session, resolved: Resolved) -> Platform:
    platform = session.platform(resolved)
    _recover(session, platform)
    return platform


def _recover(session: Session, platform: Platform) -> None:
    finished = platform.models.recover()
    if finished is not None:
        session.output.message(f"finished what was interrupted: {finished}", "warn")


def _named(resolved: Resolved, words: Sequence[str]) -> tuple[ModelPlan, str | None]:
    """The model and the version that the words name; the name may be left out where there is one model."""
    from .. import nouns

    if len(words) > 2:
        raise UsageError(f"a name and a version are enough; {words[2]!r} is too much")
    if len(words) == 1 and words[0] not in resolved.config.models and _is_version(words[0]):
        return nouns.model_plan(resolved), words[0]
    return nouns.model_plan(resolved, words[0] if words else None), words[1] if len(words) == 2 else None


def _is_version(word: str) -> bool:
    return word == "latest" or word.removeprefix("v").isdecimal()


def _version(versions: Sequence[ModelVersion], plan: ModelPlan, wanted: str) -> ModelVersion:
    if not _is_version(wanted):
        raise UsageError(f"{wanted!r} is no version", hint="A version is a number such as 3 or v3, or latest.")
    if not versions:
        raise NotFoundError(
            f"no version of {plan.name} is registered yet", hint="groundplan run registers one when it passes its gate."
        )
    by_number = {version.version: version for version in versions}
    number = max(by_number) if wanted == "latest" else int(wanted.removeprefix("v"))
    if number not in by_number:
        known = ", ".join(f"v{known}" for known in sorted(by_number))
        raise NotFoundError(f"{plan.name} has no version {number}", hint=f"Known: {known}.")
    return by_number[number]


def _moved(plan: ModelPlan, moved: ModelVersion, before: ModelVersion) -> Result:
    again = before.stage == moved.stage
    override = next((one for one in reversed(moved.overrides) if one.environment == moved.stage), None)

    def text(output: Output) -> None:
        output.line(f"{moved.name} v{moved.version} is {'still ' if again else ''}in {moved.stage}", "good")
        if override is not None:
            output.line(f"override by {override.person}: {override.reason}", "warn")
            for failure in override.failures:
                output.line(f"  {failure}", "warn")

    data = {**_data(moved), "from": before.stage, "to": moved.stage, "unchanged": again}
    return Result(data=data, text=text, next=_following(plan, moved))


def _following(plan: ModelPlan, version: ModelVersion) -> list[str]:
    from ...lifecycle import promotion

    further = promotion.next_environment(plan, version)
    return [
        *([f"groundplan deploy --environment {version.stage}"] if version.stage else []),
        *([f"groundplan models promote {version.name} {version.version} --to {further}"] if further else []),
    ]


def _data(version: ModelVersion) -> dict[str, Any]:
    verdict: Mapping[str, Any] | None = None
    if version.verdict is not None:
        verdict = {**asdict(version.verdict), "passed": version.verdict.passed}
    return {**asdict(version), "path": str(version.path), "verdict": verdict}


def _show(output: Output, version: ModelVersion, entries: Sequence[AuditEntry]) -> None:
    lineage = version.lineage
    commit = f"{lineage.commit}{' with uncommitted changes' if lineage.dirty else ''}" if lineage.commit else "none"
    output.fields(
        [
            ("model", f"{version.name} v{version.version}"),
            ("stage", version.stage or "none"),
            ("status", version.status),
            ("registered", clock.for_people(version.created)),
            ("size", f"{version.size_bytes / 1e6:.2f} MB"),
            ("digest", version.digest),
            ("path", str(version.path)),
            ("run", lineage.run_id),
            *((f"data {name}", digest) for name, digest in sorted(lineage.data.items())),
            ("commit", commit),
            ("code", lineage.code_digest),
            ("config", lineage.config_digest),
            *((f"override for {one.environment}", f"{one.person}: {one.reason}") for one in version.overrides),
        ]
    )
    _show_verdict(output, version)
    output.line("\nhistory", "bold")
    for entry in entries:
        where = f" {entry.environment}" if entry.environment else ""
        why = f": {entry.reason}" if entry.reason else ""
        output.line(f"  {clock.for_people(entry.when)}  {entry.who}  {entry.action}{where}{why}")


def _show_verdict(output: Output, version: ModelVersion) -> None:
    if version.verdict is not None:
        output.line(f"\ngate of {version.verdict.environment}: {version.gate}", "bold")
        for check in version.verdict.checks:
            word, style = _word(check.passed)
            output.line(f"  {word:<10}  {check.name}: found {check.found}, expected {check.expected}", style)
    if version.evidence is not None:
        output.line(f"\nmeasured on {version.evidence.rows} held-out rows", "bold")
        output.fields((f"  {name}", f"{value:.4g}") for name, value in sorted(version.evidence.metrics.items()))


def _word(passed: bool | None) -> tuple[str, Style]:
    if passed is None:
        return "not judged", "dim"
    return ("passed", "good") if passed else ("FAILED", "bad")
