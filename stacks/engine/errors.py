"""The border: what the engine says becomes one of groundplan's errors, with the known cause and the way out."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Sequence
from itertools import dropwhile
from typing import NamedTuple

from ...core.errors import (
    AuthenticationError,
    GroundplanError,
    LockedError,
    NotFoundError,
    PolicyError,
    Problem,
    ResourceFailedError,
    StoreCorruptedError,
    UsageError,
)
from ..knowledge import Entry, explain
from ..knowledge.machines import others
from .steps import Step, Violation


class StateBackendError(GroundplanError):
    """The place of the state cannot be reached, read or written."""

    code = "STATE_BACKEND"


class EngineConnectionError(GroundplanError):
    """The stack's program and the engine lost each other."""

    code = "ENGINE_CONNECTION"


class ProgramError(GroundplanError):
    """The stack's program stopped with an error that groundplan did not foresee."""

    code = "PROGRAM"


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    error: type[GroundplanError]
    message: str
    hint: str


def _rule(pattern: str, error: type[GroundplanError], message: str, hint: str) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE | re.DOTALL), error, message, hint)


_RULES = (
    _rule(
        r"incorrect passphrase|passphrase must be set|unable to find either .?PULUMI_CONFIG_PASSPHRASE",
        AuthenticationError,
        "the passphrase does not open the secrets of this state",
        "Set PULUMI_CONFIG_PASSPHRASE_FILE (or PULUMI_CONFIG_PASSPHRASE) to the one with which the stack was made.",
    ),
    _rule(
        r"failed to (?:decrypt|encrypt)|secrets \(code=|error (?:decrypting|encrypting)|AccessDenied.*(?:kms|keyvault)"
        r"|open keeper",
        AuthenticationError,
        "the key that encrypts this state's secrets cannot be used",
        "Sign in with a principal that may use the key of state.secrets_provider.",
    ),
    _rule(
        r"az login|AADSTS|could not find default credentials|application default credentials|invalid_grant"
        r"|DefaultAzureCredential|PULUMI_ACCESS_TOKEN must be set",
        AuthenticationError,
        "not signed in to the cloud, or the sign-in ran out",
        "az login, or gcloud auth application-default login; in CI a federated identity.",
    ),
    _rule(
        r"no resource plugin|could not automatically download and install|plugin.*not found.*install",
        UsageError,
        "a provider plugin of the engine is missing",
        "pulumi plugin install resource NAME VERSION; without a network, from a mirror with --file or --server.",
    ),
    _rule(
        r"failed to load checkpoint|could not deserialize|invalid character|unexpected end of JSON"
        r"|integrity|snapshot integrity",
        StoreCorruptedError,
        "the state of this stack is damaged",
        "groundplan state restore STACK, or what the backend keeps of older versions",
    ),
    _rule(
        r"unable to (?:open|check) (?:the )?(?:backend|bucket)|could not (?:open|list) bucket|failed to save snapshot"
        r"|read-only file system|no space left|permission denied|no such host|connection refused|problem logging in"
        r"|could not read (?:the )?bucket|open bucket|blob \((?:key|code)",
        StateBackendError,
        "the place where the state is kept cannot be reached or written",
        "Look at state.backend in groundplan.yaml (or PULUMI_BACKEND_URL), and at your rights there.",
    ),
)  # fmt: skip

_DISCONNECTED = "Resource monitor has terminated"
"""What pulumi makes of every failure to reach the engine, whatever gRPC said of it."""

_OWNER = re.compile(r"^\s*(?P<path>\S+): created by (?P<who>.+?)(?: at (?P<when>\S+))?$", re.MULTILINE)
_PLUGIN = re.compile(
    r"plugin '?(?:pulumi-resource-)?(?P<name>[a-z][a-z0-9-]*)'?(?: \[[a-z]+\])?[ -]v?(?P<version>[0-9][0-9.]+)"
)


def of_text(text: str, *, stack: str) -> GroundplanError:
    """The error behind what the engine said, with the known cause and way out."""
    said, entry = _shortened(text), explain(text)
    cause = "" if entry is None else f"\ncause: {entry.cause}"
    for rule in _RULES:
        if rule.pattern.search(text):
            hint = rule.hint if entry is None else entry.fix
            return rule.error(f"{rule.message}: {said}{cause}", where=f"stack {stack}", hint=_filled(hint, text))
    hint = "" if entry is None else entry.fix
    return GroundplanError(f"the engine failed: {said}{cause}", where=f"stack {stack}", hint=hint)


def is_disconnected(text: str) -> bool:
    """Whether what the engine said is that the program no longer reached it."""
    return _DISCONNECTED in text


def disconnected(said: str, *, stack: str, stderr: str, steps: Sequence[Step]) -> EngineConnectionError:
    """The connection to the engine broke: which steps are done, and whose end nobody saw."""
    steps = [step for step in steps if not step.is_bookkeeping]
    done = sum(step.status == "done" for step in steps)
    unknown = [step.name for step in steps if step.status == "running"]
    parts = [f"the connection to the engine broke: {_shortened(said)}"]
    if done or unknown:
        parts.append(f"steps done: {done}; steps whose end nobody saw: {', '.join(unknown) or 'none'}")
    if stderr:
        parts.append(f"the engine's own words: {_shortened(stderr)}")
    hint = f"groundplan up --environment {stack} goes on from what is done." if done or unknown else "Run it again."
    return EngineConnectionError("; ".join(parts), where=f"stack {stack}", hint=hint)


def _filled(hint: str, text: str) -> str:
    """The command with the plugin that is missing."""
    found = _PLUGIN.search(text)
    return hint.replace("NAME VERSION", f"{found['name']} {found['version']}") if found else hint


def locked(text: str, *, stack: str, waited: float) -> LockedError:
    """Somebody else works on the stack, or an engine died and left its lock."""
    owners = [
        f"{found['who']}" + (f", since {found['when']}" if found["when"] else "") for found in _OWNER.finditer(text)
    ]
    who = "; ".join(owners) or "another update"
    return LockedError(
        f"stack {stack} is locked by {who}; waited {waited:.0f} s",
        where=f"stack {stack}",
        hint=f"Wait, or --lock-timeout SECONDS; if that process is dead: groundplan unlock --environment {stack}",
    )


def no_stack(stack: str) -> NotFoundError:
    """The backend has no such stack."""
    return NotFoundError(
        f"stack {stack} does not exist: nothing was provisioned for it", hint=f"groundplan up --environment {stack}"
    )


def failed(steps: Iterable[Step]) -> ResourceFailedError:
    """One problem for each resource that failed, with its known cause."""
    problems = [_of_step(step) for step in steps]
    first = problems[0]
    message = first.message if len(problems) == 1 else f"{len(problems)} resources failed"
    return ResourceFailedError(message, where=first.where, hint=first.hint, problems=problems)


def violated(violations: Iterable[Violation]) -> PolicyError:
    """Policies of a pack refused what would be done."""
    problems = [
        Problem(message=f"{one.policy}: {' '.join(one.message.split())}", where=one.urn)
        for one in violations
    ]  # fmt: skip
    return PolicyError(problems[0].message, where=problems[0].where, problems=problems)


def of_program(error: BaseException, hide: Callable[[str], str] = str) -> GroundplanError:
    """What the stack's program raised, without the secrets that ``hide`` knows; groundplan's own errors stay."""
    if isinstance(error, GroundplanError):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}:1" if frames else ""
    said = f"{type(error).__name__}: {hide(str(error))}" if str(error) else type(error).__name__
    return ProgramError(
        f"the stack's program stopped: {said}", where=where, hint="groundplan plan runs it without the engine."
    )


def _of_step(step: Step) -> Problem:
    said = step.error or f"the engine could not {step.change} it"
    entry = explain(said)
    message = f"{step.change} of {step.name} ({step.type}) failed: {said}"
    if entry is not None:
        message = f"{message}\ncause: {entry.cause}"
    return Problem(message=message, where=step.urn, hint="" if entry is None else _fix(entry, step))


def _fix(entry: Entry, step: Step) -> str:
    """What helps, with the machines that may be had instead where these are too many."""
    instead = others(step.type, step.inputs) if entry.machines else ""
    return f"{entry.fix}. {instead}" if instead else entry.fix


def _shortened(text: str) -> str:
    """What says what is wrong, without the engine's own words around it: from the first error on, it may go on."""
    lines = [line.strip() for line in text.rpartition("stderr: ")[2].splitlines() if line.strip()]
    wrong = [line.partition("error: ")[2] or line for line in dropwhile(lambda line: "error: " not in line, lines)]
    return " ".join(dict.fromkeys(wrong or lines[-3:]))[:1000]
