"""The entry point: the group, its global options, and the one place where an error becomes text and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import click

from ..core import hanging
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
    if hanging.hangs():  # Python itself would wait for it
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    output = _output(arguments)
    try:
        # Outside of its standalone mode click returns the exit code of a command that asked for one.
        code: object = groundplan.main(arguments, prog_name="groundplan", standalone_mode=False)
        return code if isinstance(code, int) else ExitCode.DONE
    except click.Abort as error:
        return _aborted(output, arguments, answered=error.__context__ is None)
    except click.UsageError as error:
        typed = error.ctx.command_path if error.ctx else "groundplan"
        return _fail(output, arguments, UsageError(error.format_message(), hint=f"{typed} --help shows what it takes."))
    except click.ClickException as error:
        return _fail(output, arguments, GroundplanError(error.format_message()))
    except KeyboardInterrupt:
        return _fail(
            output, arguments, CancelledError("cancelled", hint="Run the command again; it goes on from what is done.")
        )
    except GroundplanError as error:
        return _fail(output, arguments, error)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 the border: whatever was not foreseen is a bug
        return _fail(output, [], _bug(error))  # whose name may not be found without meeting it again


def _fail(output: Output, arguments: list[str], error: GroundplanError) -> int:
    output.error(error, command=_command_name(arguments) if output.format == "json" else "")
    return int(error.exit_code)


class _InterruptedError(GroundplanError):
    exit_code = ExitCode.INTERRUPTED_PROMPT
    code = "INTERRUPTED"


def _aborted(output: Output, arguments: list[str], *, answered: bool) -> int:
    """A question was answered with no, or not at all: then its line has no end yet."""
    if output.format == "json":
        return _fail(output, arguments, _InterruptedError("nothing was changed"))
    print("nothing was changed" if answered else "\ninterrupted; nothing was changed", file=sys.stderr)
    return int(ExitCode.INTERRUPTED_PROMPT)


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


def _output(arguments: list[str]) -> Output:
    """The output for errors, which may come before click has read the options."""
    asked = _value_of("--format", arguments) or os.environ.get("GROUNDPLAN_FORMAT")
    color = _value_of("--color", arguments)
    return Output(
        format="json" if asked == "json" else "text",
        color="always" if color == "always" else "never" if color == "never" else "auto",
    )


def _value_of(option: str, arguments: list[str]) -> str:
    """The value that the words give to an option, in either way of writing it."""
    after = [value for word, value in pairwise(arguments) if word == option]
    joined = [word.removeprefix(f"{option}=") for word in arguments if word.startswith(f"{option}=")]
    return [*after, *joined, ""][0]


def _command_name(arguments: list[str]) -> str:
    """The words that name a command, such as ``runs list``; found as click finds it."""
    names: list[str] = []
    here: click.Command | None = groundplan
    for before, word in pairwise(["", *arguments]):
        if word.startswith("-") or before in ("--format", "--color", "-C"):
            continue
        here = here.get_command(click.Context(here), word) if isinstance(here, click.Group) else None
        if here is None:
            break
        names.append(word)
    return " ".join(names) or "groundplan"


def _replace_closed_streams() -> None:
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            stream = Path(os.devnull).open("r" if name == "stdin" else "w", encoding="utf-8")  # noqa: SIM115 stays open
            setattr(sys, name, stream)


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
