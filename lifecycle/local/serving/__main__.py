"""Runs one endpoint's server: ``python -m groundplan.lifecycle.local.serving FOLDER``, started by groundplan itself."""

from __future__ import annotations

import logging
import os
import sys

from .channel import folder_from
from .server import run

if __name__ == "__main__":
    code = run(folder_from(sys.argv[1:]))
    logging.shutdown()
    # Threads may still predict for requests that were given up; they must not keep the process.
    os._exit(code)
