"""docs/exit-codes.md: what the process says to the shell."""

from groundplan.core.exit_codes import ExitCode


def pages() -> dict[str, str]:
    """The page."""
    rows = "\n".join(f"| {code.value} | `{code.name}` | {code.meaning} |" for code in ExitCode)
    return {
        "exit-codes.md": "# Exit codes\n\n"
        "In line with Pulumi's own; 0 is never a partial success. Made by `make docs` from core/exit_codes.py.\n\n"
        f"| code | name | meaning |\n|---|---|---|\n{rows}\n"
    }
