"""The command line of a step at Azure ML, where a shell reads it: quoted, so that no value is ever read as code.

Azure ML fills its own ``${{inputs.x}}`` in as text before the shell sees the line. They stand in single quotes, and
``parameter`` writes a value so that it stays one word there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection

from ...core.errors import UsageError
from ...lifecycle.contract.pipeline import ArtifactType, ParameterValue, Step
from ..contract import graph

FINISHED = "groundplan__finished"
"""The output of a step that another waits for without reading from it; no port of a config has two underscores."""

_PLACEHOLDER = re.compile(r"\{(inputs|outputs|parameters)\.([a-z0-9_]+)\}")
_PARAMETER, _INPUT = "parameter__", "input__"
_DATASET = "/data.csv"
_GRACE_SECONDS = 5


def line(step: Step, *, datasets: Collection[str], finished: bool) -> str:
    """The command line. ``datasets`` are the inputs that are datasets of other steps; ``finished`` asks for the output
    that says so.

    Raises UsageError for no command, a placeholder that the step does not have, and for ``${{``, which Azure ML would
    fill in itself.
    """
    if not step.command:
        raise UsageError(f"step {step.name!r} has no command")
    words = " ".join(_word(step, word, datasets) for word in step.command)
    whole = words if step.retries == 0 else _repeated(step, words)
    return f"{whole} && echo finished > {_filled('outputs', FINISHED)}" if finished else whole


def seconds(step: Step) -> int:
    """The time limit of all attempts of the step together."""
    return step.timeout_seconds * (step.retries + 1)


def parameter_input(name: str) -> str:
    """The component's input for a parameter; an input of the step may have the parameter's own name."""
    return _PARAMETER + name


def data_input(port: str) -> str:
    """The component's input for an input of the step, whose name may be a word of Python's, which the SDK refuses."""
    return _INPUT + port


def data_of(port: str) -> str | None:
    """The input of the step that an input of the component stands for, or None."""
    return port.removeprefix(_INPUT) if port.startswith(_INPUT) else None


def parameter_of(port: str) -> str | None:
    """The parameter that an input of the component stands for, or None."""
    return port.removeprefix(_PARAMETER) if port.startswith(_PARAMETER) else None


def output_of(port: str, kind: ArtifactType) -> str:
    """Where an output of the step is at the cloud: the component's output, and its file where that is a folder."""
    return port + _below(kind)


def encoded(value: ParameterValue) -> str:
    """A parameter's value as Azure ML holds it: the text that stays one word between single quotes."""
    return graph.text(value).replace("'", "'\\''")


def decoded(text: str) -> str:
    """The text of a parameter that Azure ML holds; the opposite of ``encoded``."""
    return text.replace("'\\''", "'")


def _word(step: Step, word: str, datasets: Collection[str]) -> str:
    if "${{" in word:
        raise UsageError(
            f"the command of step {step.name!r} holds '${{{{', which Azure ML would take for a placeholder of its own",
            hint="Read that text from a file of the step's code instead.",
        )
    parts: list[str] = []
    end = 0
    for found in _PLACEHOLDER.finditer(word):
        parts += [_quoted(word[end : found.start()]), _port(step, found[1], found[2], datasets)]
        end = found.end()
    parts.append(_quoted(word[end:]))
    return "".join(parts) or "''"


def _quoted(text: str) -> str:
    return shlex.quote(text) if text else ""


def _port(step: Step, kind: str, name: str, datasets: Collection[str]) -> str:
    known = {"inputs": step.inputs, "outputs": step.outputs, "parameters": step.parameters}[kind]
    if name not in known:
        raise UsageError(
            f"step {step.name!r}: the command uses {{{kind}.{name}}}, which the step does not have",
            hint=f"Known {kind}: {', '.join(known) or 'none'}.",
        )
    if kind == "parameters":
        return _filled("inputs", parameter_input(name))
    if kind == "inputs":
        return _filled("inputs", data_input(name), _DATASET if name in datasets else "")
    return _filled("outputs", name, _below(step.outputs[name]))


def _below(kind: ArtifactType) -> str:
    return _DATASET if kind == "dataset" else ""


def _filled(kind: str, port: str, below: str = "") -> str:
    return f"'${{{{{kind}.{port}}}}}{below}'"


def _repeated(step: Step, words: str) -> str:
    """The attempts, each with its own time limit and without what the one before it left."""
    left = " ".join(
        _filled("outputs", name) + ("/*" if kind in ("dataset", "model") else "") for name, kind in step.outputs.items()
    )
    tidy = f"rm -rf {left}; " if left else ""
    attempt = f"attempt() {{ {tidy}timeout -k {_GRACE_SECONDS} {step.timeout_seconds} {words}; }}"
    return f"{attempt}; {' || '.join(['attempt'] * (step.retries + 1))}"
