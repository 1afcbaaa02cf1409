"""Hold the plan, the config and the models' evidence against the policy rules, offline."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...core.exit_codes import ExitCode
from ..command import command as make_command
from ..options import environments_option, rules_options
from ..output import Output
from ..result import Result
from ..session import Session

if TYPE_CHECKING:
    from ...policies.finding import Report
    from ..checking.checks import Checked

SECTION = "checks"

_FORMATS = {
    "sarif": "for code scanning",
    "junit": "for a CI's list of tests",
    "markdown": "for a pull request",
    "github": "annotations",
    "gitlab": "code quality",
}
_FAIL_ON = ("enforced", "critical", "high", "medium", "low", "never")


@make_command(
    "check",
    formats=_FORMATS,
    examples="""
    groundplan check
    groundplan check --environment prod --pack hardened
    groundplan check --only CKV_AZURE_144 --only MLG-021
    groundplan check --write-baseline baseline.json
    groundplan check --baseline baseline.json --format json
    groundplan check --input preview.json --exemptions exemptions.yaml
    groundplan check --rules rules
    """,
)
@environments_option("Only this environment; can be repeated.  [default: all]")
@click.option(
    "--input", "source", metavar="FILE",
    help="Judge this instead of the project's plan: what pulumi preview --json or pulumi stack export wrote, a saved "
    "plan, or a list of {type, name, properties}; - reads standard input.  [default: the plan of groundplan.yaml]",
)  # fmt: skip
@click.option("--policies", type=click.Path(path_type=Path), metavar="FILE", help="A YAML file with policies: as in groundplan.yaml, in the place of what that says.  [default: groundplan.yaml's]")  # fmt: skip  # noqa: E501
@click.option("--exemptions", type=click.Path(path_type=Path), metavar="FILE", help="A YAML list of exemptions, besides those of the config.  [default: none]")  # fmt: skip  # noqa: E501
@rules_options
@click.option("--pack", "packs", multiple=True, metavar="NAME", help="Use these packs; can be repeated.  [default: those of the config; every rule without one]")  # fmt: skip  # noqa: E501
@click.option("--only", multiple=True, metavar="RULE", help="Only this rule, by its id or that of a published rule it answers; can be repeated.  [default: all]")  # fmt: skip  # noqa: E501
@click.option("--skip", multiple=True, metavar="RULE", help="Without this rule; can be repeated.  [default: none]")
@click.option("--fail-on", type=click.Choice(_FAIL_ON), default="enforced", show_default=True, help="What ends with 5: rules that are enforced, or all from a severity up.")  # fmt: skip  # noqa: E501
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="Report only what is not in this baseline.  [default: everything]")  # fmt: skip  # noqa: E501
@click.option("--write-baseline", type=click.Path(path_type=Path), metavar="FILE", help="Write what is found as a baseline.  [default: not written]")  # fmt: skip  # noqa: E501
@click.option("--hide-suppressed", is_flag=True, help="SARIF without what is exempted or known, since code scanning would show it.  [default: off]")  # fmt: skip  # noqa: E501
@click.option("--all-verdicts", is_flag=True, help="List what passed and what a rule does not apply to as well.  [default: off]")  # fmt: skip  # noqa: E501
def command(
    session: Session, environments: Sequence[str], source: str | None, policies: Path | None, exemptions: Path | None,
    rule_folders: Sequence[str], trust_rules: bool, packs: Sequence[str], only: Sequence[str], skip: Sequence[str],
    fail_on: str, baseline: Path | None, write_baseline: Path | None, hide_suppressed: bool, all_verdicts: bool,
    format: str,
) -> Result:  # fmt: skip
    """Ask the policy rules about every resource that would be made, about the config, and about the models' evidence.

    It needs no credentials, no engine and no network. A rule passes, fails, does not apply, or is unknown where what it
    looks at is known only after deployment. It ends with 5 when an enforced rule fails, or fails to run.
    """
    from ..checking.checks import Wanted, checked
    from ..checking.rules import Asked

    wanted = Wanted(
        environments=environments, packs=packs, only=only, skip=skip, fail_on=fail_on,
        baseline=session.folder / baseline if baseline else None, everything=all_verdicts,
        rules=Asked(folders=rule_folders, trusted=trust_rules), policies=policies, exemptions=exemptions,
    )  # fmt: skip
    found = checked(session, wanted, source)
    if source is not None:
        session.output.message(found.source.summary, "dim")
    if write_baseline is not None:
        _write_baseline(session, found.report, session.folder / write_baseline)
    return _result(found, format, hide_suppressed=hide_suppressed)


def _write_baseline(session: Session, report: Report, path: Path) -> None:
    from ...policies import baseline

    count = baseline.write(path, report.findings)
    session.output.message(f"wrote {count} findings to {path}", "dim")


def _result(found: Checked, format: str, *, hide_suppressed: bool) -> Result:
    from ..reports.findings.data import report_data

    report, source = found.report, found.source
    unused = [f"the exemption of {one.rule} for {one.resource} covers nothing ({one.where})" for one in report.unused]
    return Result(
        data=report_data(report, source) if format == "json" else {},
        text=_writer(format, report, source=source.file, hide_suppressed=hide_suppressed),
        warnings=[*source.warnings, *unused],
        exit_code=ExitCode.POLICY if report.blocking else ExitCode.DONE,
        next=_next(report) if format == "text" else [],
    )


def _writer(format: str, report: Report, *, source: str, hide_suppressed: bool) -> Callable[[Output], None]:
    from ..reports.findings import github, gitlab, junit, markdown, sarif, text

    writers: Mapping[str, Callable[[Output], None]] = {
        "sarif": lambda output: output.document(sarif.log(report, source=source, suppressed=not hide_suppressed)),
        "junit": lambda output: output.line(junit.render(report).rstrip("\n")),
        "markdown": lambda output: output.line(markdown.render(report).rstrip("\n")),
        "github": lambda output: output.line(github.render(report, source=source).rstrip("\n")),
        "gitlab": lambda output: output.document(gitlab.entries(report, source=source)),
    }
    return writers.get(format, lambda output: text.write(output, report))


def _next(report: Report) -> list[str]:
    ours = (one.rule.id for one in report.findings if one.rule.origin == "groundplan" and one.status == "open")
    return [f"groundplan policies show {id}" for id in itertools.islice(ours, 1)]
