"""The entry point: the group, its global options, and the one place where an error becomes text and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import click

from ..core.errors import CancelledError, GroundplanError, UsageError
from ..core.exit_codes import ExitCode
from .lazy import LazyGroup
from .output import Output

_FIRST_COMMANDS = """\
\b
First commands:
  groundplan new churn        a project that works as it stands
  groundplan up               the platform: tracking, registry, endpoints
  groundplan run              train, evaluate, register
  groundplan models promote   one environment further
  groundplan deploy           answer over HTTP"""


@click.group(
    cls=LazyGroup,
    help=f"One config becomes a working machine-learning product.\n\n{_FIRST_COMMANDS}",
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--format", type=click.Choice(["text", "json"]), help="Text for people (the default) or one JSON document."
)
@click.option("-C", "directory", metavar="DIR", help="Work as if started in DIR.")
@click.option("-q", "--quiet", is_flag=True, help="Only the result and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Say more.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colour.")
@click.version_option(package_name="groundplan", message="%(version)s")
@click.pass_context
def groundplan(context: click.Context, directory: str | None, **_: Any) -> None:
    """The top of the command line."""
    if directory is not None:
        from .command import enter

        enter(directory)
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    _replace_closed_streams()
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _interrupt)
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 141
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    output, command = _guess(arguments)
    try:
        # Outside of its standalone mode click returns the exit code of a command that asked for one.
        code: object = groundplan.main(arguments, prog_name="groundplan", standalone_mode=False)
        return code if isinstance(code, int) else ExitCode.DONE
    except click.Abort:
        print("interrupted; nothing was changed", file=sys.stderr)
        return ExitCode.INTERRUPTED_PROMPT
    except click.UsageError as error:
        typed = error.ctx.command_path if error.ctx else "groundplan"
        return _fail(output, command, UsageError(error.format_message(), hint=f"{typed} --help shows what it takes."))
    except click.ClickException as error:
        return _fail(output, command, GroundplanError(error.format_message()))
    except KeyboardInterrupt:
        return _fail(
            output, command, CancelledError("cancelled", hint="Run the command again; it goes on from what is done.")
        )
    except GroundplanError as error:
        return _fail(output, command, error)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 the border: whatever was not foreseen is a bug
        return _fail(output, command, _bug(error))


def _fail(output: Output, command: str, error: GroundplanError) -> int:
    output.error(error, command=command)
    return int(error.exit_code)


class _BugError(GroundplanError):
    exit_code = ExitCode.BUG
    code = "BUG"


def _bug(error: Exception) -> GroundplanError:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="groundplan-", suffix=".trace", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exception(error, file=file)
    return _BugError(
        f"a bug in groundplan: {type(error).__name__}",
        where=file.name,
        hint="Report it with that file; it holds no variables, but look through it before you send it.",
    )


def _guess(arguments: list[str]) -> tuple[Output, str]:
    """The output format and the command's name for errors that come before click has parsed them."""
    words = [word for word in arguments if not word.startswith("-")]
    json_asked = "--format=json" in arguments or ("--format", "json") in pairwise(arguments)
    asked = (
        "json"
        if json_asked or (os.environ.get("GROUNDPLAN_FORMAT") == "json" and "--format" not in arguments)
        else "text"
    )
    return Output(format=asked), words[0] if words else "groundplan"


def _replace_closed_streams() -> None:
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8")  # noqa: SIM115 stays open
            setattr(sys, name, stream)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
