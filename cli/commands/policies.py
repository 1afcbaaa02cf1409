"""Look at the policy rules: what each is for, why a resource got its verdict, what is covered."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core.errors import NotFoundError
from ...core.exit_codes import ExitCode
from ..command import command as make_command
from ..command import group
from ..options import rules_options
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...policies.examples import Proof
    from ...policies.finding import Finding

SECTION = "checks"

command = group(
    "policies",
    help="Look at the policy rules: what each is for, why a resource got its verdict, what is covered.",
    examples="""groundplan policies list
    groundplan policies show AML-01
    groundplan policies coverage""",
)


@make_command(
    "list",
    parent=command,
    examples="""groundplan policies list
    groundplan policies list --pack baseline --severity high
    groundplan policies list --covers CKV_AZURE_144 --format json""",
)
@click.option("--pack", metavar="NAME", help="Only the rules of this pack.  [default: all]")
@click.option("--severity", type=click.Choice(["critical", "high", "medium", "low"]), help="Only rules of this severity.  [default: all]")  # fmt: skip  # noqa: E501
@click.option("--type", "type_", metavar="TYPE", help="Only rules about this resource type.  [default: all]")
@click.option("--covers", metavar="ID", help="Only rules that answer this published one.  [default: all]")
@rules_options
def list_rules(
    session: Session, pack: str | None, severity: str | None, type_: str | None, covers: str | None,
    rule_folders: Sequence[str], trust_rules: bool,
) -> Result:  # fmt: skip
    """List the rules, by id."""
    from ...policies import packs
    from ..checking import rules
    from ..reports.findings.data import rule_data

    with rules.known(session, rules.Asked(folders=rule_folders, trusted=trust_rules)) as known:
        every = known.every
    if pack is not None:
        rules.require_pack(pack, every)
    found = [
        rule
        for rule in every.values()
        if (pack is None or pack in packs.packs_of(rule))
        and severity in (None, rule.severity)
        and (type_ is None or rules.is_about(rule, type_))
        and (covers is None or covers.lower() in (one.lower() for one in rule.covers))
    ]

    def text(output: Output) -> None:
        rows = [[rule.id, rule.severity, rule.scope, rule.title] for rule in found]
        output.table(["RULE", "SEVERITY", "SCOPE", "TITLE"], rows)
        output.message(f"{len(found)} rules; packs: {', '.join(packs.names(every.values()))}", "dim")

    data = {
        "rules": [rule_data(rule) for rule in found],
        "total": len(found),
        "packs": [{"name": name, "rules": rules.in_pack(name, every)} for name in packs.names(every.values())],
    }
    return Result(data=data, text=text, next=[f"groundplan policies show {found[0].id}"] if found else [])


@make_command(
    "show",
    parent=command,
    examples="""groundplan policies show AML-01
    groundplan policies show CKV_AZURE_144""",
)
@click.argument("rule_id", metavar="RULE")
@rules_options
def show(session: Session, rule_id: str, rule_folders: Sequence[str], trust_rules: bool) -> Result:
    """Show a rule's page, by its id or that of a published rule it answers."""
    from ..checking import rules
    from ..reports.findings import page

    with rules.known(session, rules.Asked(folders=rule_folders, trusted=trust_rules)) as known:
        found = rules.named(rule_id, known.every)
    return Result(
        data={"rules": [page.data(rule) for rule in found]},
        text=lambda output: page.write(output, found),
        next=[f"groundplan check --only {found[0].id}"],
    )


@make_command(
    "explain",
    parent=command,
    examples="""groundplan policies explain AML-01
    groundplan policies explain AML-01 --resource workspace --environment prod""",
)
@click.argument("rule_id", metavar="RULE")
@click.option("--resource", metavar="NAME", help="Only this resource, by its name or URN.  [default: all that the rule is about]")  # fmt: skip  # noqa: E501
@click.option("-e", "--environment", metavar="ENV", help="Only this environment.  [default: all]")
@click.option("--input", "source", metavar="FILE", help="Explain verdicts on this file, as check --input.  [default: the plan]")  # fmt: skip  # noqa: E501
@rules_options
def explain(
    session: Session, rule_id: str, resource: str | None, environment: str | None, source: str | None,
    rule_folders: Sequence[str], trust_rules: bool,
) -> Result:  # fmt: skip
    """Show why resources got the verdict that a rule gave them: what it looked at, what it found."""
    from ..checking import rules
    from ..checking.checks import Wanted, checked
    from ..reports.findings import page
    from ..reports.findings.finding import finding_data

    asked = rules.Asked(folders=rule_folders, trusted=trust_rules)
    with rules.known(session, asked) as known:
        rule = rules.named(rule_id, known.every)[0]
    wanted = Wanted(environments=[environment] if environment else [], only=[rule.id], everything=True, rules=asked)
    found = checked(session, wanted, source)
    findings = [one for one in found.report.findings if _is_meant(one, resource)]
    if not findings:
        what = f"resource {resource!r}" if resource else "resource"
        raise NotFoundError(
            f"{rule.id} is about no {what} of what was looked at",
            hint=f"groundplan policies show {rule.id} says which types it is about.",
        )
    return Result(
        data={"rule": page.data(rule), "verdicts": [finding_data(one) for one in findings]},
        text=lambda output: page.explain(output, rule, findings),
        warnings=found.source.warnings,
    )


def _is_meant(finding: Finding, resource: str | None) -> bool:
    return resource is None or resource.lower() in (finding.name.lower(), finding.urn.lower())


@make_command(
    "test",
    parent=command,
    examples="""groundplan policies test
    groundplan policies test AML-01""",
)
@click.argument("rule_ids", metavar="[RULE]…", nargs=-1)
@rules_options
def test(session: Session, rule_ids: Sequence[str], rule_folders: Sequence[str], trust_rules: bool) -> Result:
    """Run the examples of rules: those that must fail and those that must pass."""
    from ...policies import examples
    from ..checking import rules

    with rules.known(session, rules.Asked(folders=rule_folders, trusted=trust_rules)) as known:
        named = [rule for name in rule_ids for rule in rules.named(name, known.every)]
        chosen = named or list(known.every.values())
        proofs = [proof for rule in chosen for proof in examples.proofs(rule, known.judge)]
    broken = [proof for proof in proofs if not proof.holds]

    def text(output: Output) -> None:
        for proof in broken if len(chosen) > 1 else proofs:
            output.line(_said(proof), "good" if proof.holds else "bad")
        output.line(f"{len(chosen)} rules, {len(proofs)} examples, {len(broken)} not as they must be")

    return Result(
        data={"rules": len(chosen), "examples": [_proof_data(one) for one in proofs], "broken": len(broken)},
        text=text,
        exit_code=ExitCode.ERROR if broken else ExitCode.DONE,
    )


def _said(proof: Proof) -> str:
    ending = (
        "" if proof.holds else f", which must {proof.expected}: {proof.outcome.path} {proof.outcome.found}".rstrip()
    )
    return f"{proof.rule}  {proof.outcome.verdict:<7}  {proof.example}{ending}"


def _proof_data(proof: Proof) -> Mapping[str, object]:
    return {
        "rule": proof.rule, "example": proof.example, "expected": proof.expected, "verdict": proof.outcome.verdict,
        "holds": proof.holds,
    }  # fmt: skip


@make_command(
    "coverage",
    parent=command,
    examples="""groundplan policies coverage
    groundplan policies coverage --source CKV
    groundplan policies coverage --format json""",
)
@click.option("--source", metavar="PREFIX", help="Only published rules whose id begins so, such as CKV, azp, AVD.  [default: all]")  # fmt: skip  # noqa: E501
@rules_options
def coverage(session: Session, source: str | None, rule_folders: Sequence[str], trust_rules: bool) -> Result:
    """Show which published controls are answered, by which rule, and which are not and why."""
    from ..checking import rules
    from ..reports.findings import coverage as report

    with rules.known(session, rules.Asked(folders=rule_folders, trusted=trust_rules)) as known:
        found = report.of(known.every.values(), source or "")
    return Result(data=report.data(found), text=lambda output: report.write(output, found))


@make_command(
    "new",
    parent=command,
    examples="""groundplan policies new ACME-01 --title "Buckets have an owner" --type gcp:storage/bucket:Bucket""",
)
@click.argument("rule_id", metavar="ID")
@click.option("--title", required=True, help="What it asks for, in a few words.")
@click.option("--type", "type_", metavar="TYPE", required=True, help="The resource type that it is about.")
@click.option("--severity", type=click.Choice(["critical", "high", "medium", "low"]), default="medium", show_default=True, help="How bad it is when it is not met.")  # fmt: skip  # noqa: E501
@click.option("--folder", type=click.Path(path_type=Path), default=Path("rules"), show_default=True, metavar="DIR", help="Where the rule's file goes.")  # fmt: skip  # noqa: E501
def new(session: Session, rule_id: str, title: str, type_: str, severity: str, folder: Path) -> Result:
    """Write the file of a new rule of your own, with its page, a check and examples that run."""
    from ..scaffold import rule as scaffold

    path = scaffold.write(session.folder / folder, id=rule_id, title=title, type=type_, severity=severity)
    shown = path.relative_to(session.folder)
    return Result(
        data={"path": str(shown)},
        text=lambda output: output.line(f"created {shown}"),
        next=[
            f"groundplan policies test {rule_id} --rules {shown.parent}",
            f"groundplan check --only {rule_id} --rules {shown.parent}",
        ],
    )


@make_command(
    "pack",
    parent=command,
    examples="""groundplan policies pack
    groundplan policies pack --environment prod --out pack.json""",
)
@click.option("-e", "--environment", metavar="ENV", help="Write the settings of this environment.  [default: the first one]")  # fmt: skip  # noqa: E501
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the settings that groundplan.yaml has for the pack.  [default: not written]")  # fmt: skip  # noqa: E501
def pack(session: Session, environment: str | None, out: Path | None) -> Result:
    """Show where the rules are as a policy pack, for pulumi preview --policy-pack, and write its settings.

    groundplan up and groundplan preview use it by themselves. The settings hold the levels, the settings and the
    exemptions of one environment, and what its config says that rules ask for.
    """
    from ..checking import pack as checking_pack

    folder = checking_pack.FOLDER
    words = f"pulumi preview --policy-pack {shlex.quote(str(folder))}"
    path = session.folder / out if out is not None else None
    if path is not None:
        checking_pack.write(session, path, environment)
        words += f" --policy-pack-config {shlex.quote(str(out))}"

    return Result(
        data={"folder": str(folder), "settings": str(path) if path is not None else None},
        text=lambda output: output.line(str(folder)),
        next=[words],
    )
