"""The one error tree of groundplan: what is wrong, where, and what to do about it.

    GroundplanError                 1  anything foreseen that has no class of its own
    ├── UsageError                  2  a command line or an argument that cannot work
    ├── ConfigError                 2  groundplan.yaml: carries every problem found, each with its place
    ├── MissingExtraError           2  an optional dependency is not installed
    ├── DataError                   2  data that cannot be read or does not fit the config
    ├── AuthenticationError         3  not signed in, or a passphrase or key is wrong
    ├── StepFailedError             4  a step of a pipeline failed
    ├── ResourceFailedError         4  something could not be provisioned, started or removed
    ├── PolicyError                 5  an action that the config does not allow
    ├── NotFoundError               6  a model, run, endpoint, file or project that is not there
    ├── CancelledError              8  interrupted by the user
    ├── TimeoutReachedError         9  a time limit ran out
    ├── LockedError                10  another groundplan process works on this project
    ├── GateFailedError            11  the evidence does not meet the rubric, or the data is not ready
    └── StoreCorruptedError         1  something under .groundplan/ cannot be read or was changed

Errors are raised, never printed: cli/main.py alone turns them into text and an exit code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .exit_codes import ExitCode


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong: the message, its place (``file:line:column``) and the way out."""

    message: str
    where: str = ""
    hint: str = ""
    excerpt: str = ""


class GroundplanError(Exception):
    """Something foreseen went wrong; ``code`` is a stable name, ``exit_code`` the process's."""

    exit_code: ExitCode = ExitCode.ERROR
    code: str = "ERROR"

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        hint: str = "",
        problems: Sequence[Problem] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.problems: tuple[Problem, ...] = tuple(problems) or (Problem(message=message, where=where, hint=hint),)


class UsageError(GroundplanError):
    """The command line or an argument cannot work."""

    exit_code = ExitCode.USAGE
    code = "USAGE"


class ConfigError(GroundplanError):
    """The config has problems; all of them are in ``problems``, in the order of the file."""

    exit_code = ExitCode.USAGE
    code = "CONFIG"

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> ConfigError:
        """One error that carries all problems (at least one)."""
        first = problems[0]
        message = first.message if len(problems) == 1 else f"{len(problems)} problems in the config"
        return cls(message, where=first.where, hint=first.hint, problems=problems)


class MissingExtraError(GroundplanError):
    """An optional dependency is not installed."""

    exit_code = ExitCode.USAGE
    code = "MISSING_EXTRA"


class DataError(GroundplanError):
    """Data cannot be read or does not fit the config."""

    exit_code = ExitCode.USAGE
    code = "DATA"


class AuthenticationError(GroundplanError):
    """Not signed in, or a passphrase or a key is missing or wrong."""

    exit_code = ExitCode.AUTHENTICATION
    code = "AUTHENTICATION"


class StepFailedError(GroundplanError):
    """A step of a pipeline failed."""

    exit_code = ExitCode.RESOURCE_FAILED
    code = "STEP_FAILED"


class ResourceFailedError(GroundplanError):
    """Something could not be provisioned, started or removed."""

    exit_code = ExitCode.RESOURCE_FAILED
    code = "RESOURCE_FAILED"


class PolicyError(GroundplanError):
    """The config does not allow this action, such as a promotion without its approval."""

    exit_code = ExitCode.POLICY
    code = "POLICY"


class NotFoundError(GroundplanError):
    """What was named is not there."""

    exit_code = ExitCode.NOT_FOUND
    code = "NOT_FOUND"


class CancelledError(GroundplanError):
    """The user interrupted the work; what was finished is kept."""

    exit_code = ExitCode.CANCELLED
    code = "CANCELLED"


class TimeoutReachedError(GroundplanError):
    """A time limit ran out."""

    exit_code = ExitCode.TIMEOUT
    code = "TIMEOUT"


class LockedError(GroundplanError):
    """Another groundplan process works on this project."""

    exit_code = ExitCode.LOCKED
    code = "LOCKED"


class GateFailedError(GroundplanError):
    """The evidence does not meet the rubric, or the data is not ready."""

    exit_code = ExitCode.GATE_FAILED
    code = "GATE_FAILED"


class StoreCorruptedError(GroundplanError):
    """Something under .groundplan/ cannot be read, or was changed behind groundplan's back."""

    code = "STORE_CORRUPTED"
