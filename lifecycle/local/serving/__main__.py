"""Runs one process of an endpoint: ``python -m groundplan.lifecycle.local.serving FOLDER [VERSION]``.

The router of the endpoint in FOLDER, started by groundplan; with VERSION a worker, started by the router. Both are told
the rest through a pipe: the version is there for whoever looks at the list of processes.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """The exit code. Raises SystemExit with the usage."""
    if len(arguments) not in (1, 2):
        raise SystemExit("usage: python -m groundplan.lifecycle.local.serving FOLDER (started by: groundplan deploy)")
    configure_logging()
    folder = Path(arguments[0]).resolve()
    os.chdir(folder)  # the handover sockets are names in it
    if len(arguments) == 2:
        from .worker import run as run_worker

        return run_worker(folder)
    from .server import run as run_router

    return run_router(folder)


def configure_logging() -> None:
    """To standard error, which is the endpoint's server.log."""
    logging.raiseExceptions = False  # a full disk under server.log must not stop the server
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z"
    )


if __name__ == "__main__":
    code = main(sys.argv[1:])
    logging.shutdown()
    # Threads may still work for requests that were given up; they must not keep the process.
    os._exit(code)
