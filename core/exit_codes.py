"""The exit codes of the command line, in line with Pulumi's own."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process says to the shell; each member's docstring line stands in docs/exit-codes.md."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    AUTHENTICATION = 3
    RESOURCE_FAILED = 4
    POLICY = 5
    NOT_FOUND = 6
    CHANGES_PRESENT = 7
    CANCELLED = 8
    TIMEOUT = 9
    LOCKED = 10
    GATE_FAILED = 11
    INTERRUPTED_PROMPT = 130
    BUG = 255

    @property
    def meaning(self) -> str:
        """One line for people."""
        return _MEANINGS[self]


_MEANINGS: dict[ExitCode, str] = {
    ExitCode.DONE: "done",
    ExitCode.ERROR: "an error that has no code of its own",
    ExitCode.USAGE: "the command line, the config or the data cannot work",
    ExitCode.AUTHENTICATION: "not signed in, or a passphrase or key is wrong",
    ExitCode.RESOURCE_FAILED: "a step, a resource or an endpoint failed",
    ExitCode.POLICY: "a policy or a missing approval forbids it",
    ExitCode.NOT_FOUND: "what was named is not there",
    ExitCode.CHANGES_PRESENT: "changes or drift are present",
    ExitCode.CANCELLED: "cancelled; what was finished is kept",
    ExitCode.TIMEOUT: "a time limit ran out",
    ExitCode.LOCKED: "another groundplan process works on this project",
    ExitCode.GATE_FAILED: "a gate failed: the model or the data does not meet its thresholds",
    ExitCode.INTERRUPTED_PROMPT: "interrupted at a prompt; nothing was changed",
    ExitCode.BUG: "a bug in groundplan",
}
