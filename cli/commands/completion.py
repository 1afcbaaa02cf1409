"""Complete commands and options in your shell."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from ...core.errors import UsageError
from ...core.files import write_text
from ..command import command as make_command
from ..output import Output
from ..result import Result
from ..session import Session

SECTION = "help"

_CLASSES = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
_SHELLS = tuple(_CLASSES)
_VARIABLE = "_GROUNDPLAN_COMPLETE"


@make_command(
    "completion",
    examples="""
        eval "$(groundplan completion bash)"
        groundplan completion fish --install
        groundplan completion --install
    """,
)
@click.argument("shell", type=click.Choice(_SHELLS), required=False)
@click.option("--install", is_flag=True, help="Write the script where the shell finds it, instead of printing it.")
def command(session: Session, *, shell: str | None, install: bool) -> Result:
    """Complete commands and options in your shell.

    Prints the script for bash, zsh or fish; without a name, for the shell you work in.
    """
    del session
    chosen = shell or _own_shell()
    script = _script(chosen)
    if not install:
        return Result(data={"shell": chosen, "script": script}, text=lambda output: output.line(script))
    path = _place(chosen)
    changed = not path.is_file() or path.read_text(encoding="utf-8") != script
    if changed:
        write_text(path, script)

    def text(output: Output) -> None:
        output.line(f"{'wrote' if changed else 'unchanged'} {path}")

    return Result(
        data={"shell": chosen, "path": str(path), "changed": changed}, text=text, next=_activation(chosen, path)
    )


def _own_shell() -> str:
    name = Path(os.environ.get("SHELL", "")).name
    if name not in _SHELLS:
        raise UsageError("which shell to complete for is not known", hint=f"Name one of {', '.join(_SHELLS)}.")
    return name


def _script(shell: str) -> str:
    from ..main import groundplan

    # The class's source() would ask the installed bash for its version; only the text is wanted here.
    made = _CLASSES[shell](groundplan, {}, "groundplan", _VARIABLE)
    return made.source_template % made.source_vars()


def _place(shell: str) -> Path:
    """Where each shell looks for completions of its user, by the XDG folders."""
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    places = {
        "bash": data / "bash-completion" / "completions" / "groundplan",
        "zsh": data / "zsh" / "site-functions" / "_groundplan",
        "fish": config / "fish" / "completions" / "groundplan.fish",
    }
    return places[shell]


def _activation(shell: str, path: Path) -> list[str]:
    """What is left to do: bash (with bash-completion) and fish find the file by themselves."""
    if shell == "zsh":
        return [f"echo 'fpath=({path.parent} $fpath); autoload -Uz compinit; compinit' >> ~/.zshrc", "exec zsh"]
    return [f"exec {shell}"]
