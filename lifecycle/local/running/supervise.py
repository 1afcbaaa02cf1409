"""Starts one step and ends with it: run as ``python -I -S supervise.py STATUS_FD WORD...``, standard library only.

Its standard input is a pipe that groundplan holds open. When groundplan dies, however it dies, the pipe closes and the
step's whole process group is killed. When the step ends, what it left running in its group is killed too. How the step
ended goes to STATUS_FD as one line: ``exit N``, ``signal N`` or ``error TEXT``.
"""

import os
import select
import signal
import sys

_OURS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> None:
    """Supervise; this process leads the step's process group, so killing the group ends it too."""
    status = int(sys.argv[1])
    for number in _OURS:
        signal.signal(number, signal.SIG_IGN)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(wake_write)
    outcome = _start(sys.argv[2:], closed=(status, wake_read, wake_write))
    if isinstance(outcome, int):
        outcome = _watch(outcome, wake_read)
    os.write(status, f"{outcome}\n".encode())
    os.close(status)
    os.killpg(0, signal.SIGKILL)


def _start(words: list[str], *, closed: tuple[int, ...]) -> "int | str":
    try:
        return os.posix_spawnp(
            words[0],
            words,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                *((os.POSIX_SPAWN_CLOSE, descriptor) for descriptor in closed),
            ],
            # Ignored signals stay ignored in children: the step must start with none ignored.
            setsigdef=[*_OURS, signal.SIGPIPE],
        )
    except OSError as error:
        return f"error {error.strerror}"


def _watch(child: int, wake: int) -> str:
    while True:
        readable, _, _ = select.select([0, wake], [], [])
        if 0 in readable and not os.read(0, 1):
            os.killpg(0, signal.SIGKILL)
        if wake in readable:
            os.read(wake, 512)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return f"exit {code}" if code >= 0 else f"signal {-code}"


if __name__ == "__main__":
    main()
