"""Take away the lock that an update left behind when it was killed."""

from __future__ import annotations

import click

from ..command import command as make_command
from ..options import environments_option
from ..output import Output
from ..result import Result
from ..session import Session

SECTION = "infrastructure"


@make_command(
    "unlock",
    examples="""
    groundplan unlock
    groundplan unlock --environment prod --confirm
    """,
)
@environments_option("Unlock this stack; may be repeated.  [default: shared and the first environment]")
@click.option("--confirm", is_flag=True, envvar="GROUNDPLAN_CONFIRM",
              help="Also locks whose process cannot be seen from here.  [default: off]")  # fmt: skip
def command(session: Session, environments: tuple[str, ...], confirm: bool) -> Result:
    """Take away locks whose process is dead: by itself those of this machine, others with --confirm.

    The lock of a process that runs stays in any case. What the killed update left half-done is for groundplan repair.
    """
    from ...stacks.engine.recovery_repair import unlock
    from ..provisioning import cloud

    opened = cloud.open_cloud(session)
    released = {stack: unlock(opened.driver, stack, confirmed=confirm) for stack in opened.choose(environments)}
    count = sum(map(len, released.values()))

    def text(output: Output) -> None:
        for stack, locks in released.items():
            for lock in locks:
                output.line(f"{stack}: took away the lock of {lock}")
        if not count:
            output.line("no lock was there" if not confirm else "no lock is there")

    return Result(
        data={
            "project": opened.project,
            "stacks": [
                {"stack": stack, "locks": [
                    {"user": one.user, "host": one.host, "pid": one.pid, "since": one.since, "owner": one.owner}
                    for one in locks
                ]}
                for stack, locks in released.items()
            ],
        },
        text=text,
        warnings=opened.warnings,
        next=["groundplan repair"] if count else [],
    )  # fmt: skip
