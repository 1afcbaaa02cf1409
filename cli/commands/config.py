"""Show, check and describe groundplan.yaml."""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import click

from ...core.errors import UsageError
from ..command import command as make_command
from ..command import group
from ..options import environment_option
from ..output import Output
from ..result import Result
from ..session import Session

SECTION = "start"

command = group(
    "config",
    help="Show, check and describe groundplan.yaml.",
    examples="""
    groundplan config show --origin
    groundplan config validate
    groundplan config schema --out .groundplan.schema.json
    """,
)


@make_command(
    "show",
    parent=command,
    examples="""
    groundplan config show
    groundplan config show -e prod --origin
    groundplan config show --set evaluation.champion.margin=0
    """,
)
@environment_option("The environment.  [default: the first]")
@click.option("--set", "settings", metavar="KEY=VALUE", multiple=True,
              help="A value for this call, over everything else; may be repeated.")  # fmt: skip
@click.option("--origin", is_flag=True, help="Say where each value comes from.")
def show(session: Session, environment: str | None, settings: tuple[str, ...], origin: bool) -> Result:
    """Show the config of an environment, with defaults, maturity, overrides and flags resolved."""
    from ...stacks.config.resolution import leaves
    from ...stacks.config.tree import dotted

    resolved = session.config(environment, dict(_setting(text) for text in settings))
    values = {dotted(path): value for path, value in leaves(resolved.config)}
    origins = {path: {"kind": one.kind, "where": one.where or None} for path, one in resolved.origins.items()}

    def text(output: Output) -> None:
        output.line(f"# {resolved.environment} of {', '.join(resolved.environment_names)}", "dim")
        lines = {path: f"{path}: {_yaml(value)}" for path, value in values.items()}
        width = min(max(map(len, lines.values())), 60)
        for path, line in lines.items():
            one = resolved.origins[path]
            comment = f"  # {one.kind} {one.where}".rstrip()
            output.line(f"{line:<{width}}{comment}" if origin else line)

    return Result(
        data={
            "environment": resolved.environment,
            "environments": {name: one.model_dump(mode="json") for name, one in resolved.environments.items()},
            "file": str(resolved.path),
            "digest": resolved.digest,
            "config": resolved.config.model_dump(mode="json", by_alias=True),
            "origins": origins,
        },
        text=text,
    )


@make_command(
    "validate",
    parent=command,
    examples="""
    groundplan config validate
    groundplan config validate --format json
    """,
)
def validate(session: Session) -> Result:
    """Check the config for all environments; every problem at once, exit code 2."""
    from ...stacks.config.finding import name_of
    from ...stacks.config.reading import read_all

    resolved = read_all(session.folder)
    path = next(iter(resolved.values())).path
    names = list(resolved)
    count = "1 environment" if len(names) == 1 else f"{len(names)} environments"
    return Result(
        data={"file": str(path), "environments": names},
        text=lambda output: output.line(f"{name_of(path)} is valid for {count}: {', '.join(names)}", "good"),
    )


@make_command(
    "set",
    parent=command,
    examples="""
    groundplan config set evaluation.metrics.roc_auc.min 0.9
    groundplan config set environments.prod.owner jo@example.com --dry-run
    """,
)
@click.argument("key")
@click.argument("value")
@click.option("--dry-run", is_flag=True, help="Show the change and write nothing.")
def set_value(session: Session, key: str, value: str, dry_run: bool) -> Result:
    """Change one value of groundplan.yaml, in its place; comments and all other lines stay as they are.

    VALUE is YAML. The config is written only if it is valid afterwards.
    """
    from ...stacks.config import editing
    from ...stacks.config.finding import find, name_of

    path = find(session.folder)
    change = editing.set_value(path, key, value, write=not dry_run)
    changed = change.after != change.before
    lines = [
        line.rstrip()
        for line in difflib.unified_diff(change.before.splitlines(), change.after.splitlines(), lineterm="", n=1)
    ][2:]
    state = "unchanged" if not changed else "would change" if dry_run else "changed"

    def text(output: Output) -> None:
        output.line(f"{state} {name_of(path)}")
        for line in lines:
            output.line(line, "good" if line.startswith("+") else "bad" if line.startswith("-") else "dim")

    return Result(data={"file": str(path), "changed": changed and not dry_run, "diff": lines}, text=text)


@make_command(
    "schema",
    parent=command,
    examples="""
    groundplan config schema --out .groundplan.schema.json
    groundplan config schema > schema.json
    """,
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="Write it to this file.  [default: standard output]")  # fmt: skip
def schema(session: Session, out: Path | None) -> Result:
    """Print the JSON schema of groundplan.yaml, with which editors complete and check it."""
    from ...core.files import write_text
    from ...stacks.config.schema import json_schema

    made = json_schema()
    if out is None:
        return Result(
            data={"file": None, "schema": made},
            text=lambda output: output.line(json.dumps(made, indent=2, ensure_ascii=False)),
        )
    content = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    changed = not out.exists() or out.read_bytes() != content.encode()
    if changed:
        write_text(out, content)
    state = "wrote" if changed else "unchanged"
    return Result(
        data={"file": str(out.absolute()), "changed": changed, "schema": made},
        text=lambda output: output.line(f"{state} {out}"),
    )


def _setting(text: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise UsageError(f"--set takes KEY=VALUE, not {path!r}", hint="Such as --set evaluation.champion.margin=0.")
    return path.strip(), value


def _yaml(value: object) -> str:
    """A value on one line as YAML reads it; JSON is YAML."""
    return json.dumps(value, ensure_ascii=False)
