"""The stand-in providers as a process of their own: ``python -m stand_in FOLDER FILE``; writes its ports to FILE."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from .kit import Servers


def main() -> None:
    """Serve until killed; a crash that is ordered ends the process at once."""
    folder, told = Path(sys.argv[1]), Path(sys.argv[2])
    Servers.crash = lambda _: os._exit(1)  # type: ignore[method-assign]
    ports = Servers(folder).ports
    temporary = told.with_suffix(".tmp")
    temporary.write_text("".join(f"{name} {port}\n" for name, port in ports.items()))
    temporary.replace(told)
    threading.Event().wait()


main()
