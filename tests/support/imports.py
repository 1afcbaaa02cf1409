"""What a call of the command line imports."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from terminal import clean_environment

_PROGRAM = """\
import atexit, os, sys
def tell():
    real = [name for name, one in sys.modules.items() if getattr(one, '__file__', None)]
    with open(os.environ['TELL'], 'w') as file: file.write(' '.join(sorted(real)))
atexit.register(tell)
from groundplan.cli.main import main
sys.argv = ['groundplan', *sys.argv[1:]]
main()
"""


def loaded(folder: Path, *arguments: str, told: Path, **environment: str) -> set[str]:
    """The modules that a call of the command line has imported when it ends; ``told`` is a file for that.

    Namespaces do not count by themselves: an SDK of Google's makes its own at the start of every interpreter.
    """
    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        cwd=folder, env=clean_environment(TELL=str(told), **environment), capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return set(told.read_text().split())
