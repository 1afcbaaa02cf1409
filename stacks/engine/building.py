"""Builds the engine from the Go module registry, where only package registries can be reached."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from ...core.errors import GroundplanError, UsageError
from ...core.files import explained
from .installation import NEWEST_TESTED, fits

RECIPE = Path(__file__).parent / "recipe"
"""The two Go modules, with the checksums of all that they need."""

_SDK = "github.com/pulumi/pulumi/sdk/v3"
_PULUMI = "github.com/pulumi/pulumi/pkg/v3"
_HOST = f"{_SDK}/python/cmd/pulumi-language-python"
_VERSION_FLAGS = (
    f"-s -w -X {_SDK}/go/common/version.Version=v{NEWEST_TESTED} -X {_PULUMI}/version.Version=v{NEWEST_TESTED}"
)
_HOST_FLAGS = f"-s -w -X {_SDK}/go/common/version.Version=v{NEWEST_TESTED}"

Tell = Callable[[str], None]


def bin_folder(root: Path) -> Path:
    """The engine with Python's language host: what ``pulumi up`` of a Python program needs."""
    return root / "bin"


def policy_bin_folder(root: Path) -> Path:
    """The engine with the runner of Python policy packs.

    Beside the language host of this build the engine would start a pack through it, which fails: so two folders.
    """
    return root / "policy-bin"


def is_built(root: Path) -> bool:
    """Whether both folders are complete and of this version."""
    files = (
        *(bin_folder(root) / name for name in ("pulumi", "pulumi-language-python", *_SCRIPTS["bin"])),
        *(policy_bin_folder(root) / name for name in ("pulumi", *_SCRIPTS["policy-bin"])),
    )
    return all(os.access(path, os.X_OK) for path in files) and fits(bin_folder(root) / "pulumi")


def build(root: Path, *, tell: Tell) -> Path:
    """Build into ``root`` unless it is there already; the path of ``pulumi``.

    Takes minutes the first time. Raises UsageError without Go, GroundplanError when Go fails.
    """
    program = bin_folder(root) / "pulumi"
    if is_built(root):
        tell(f"the engine is built already: {program}")
        return program
    go = shutil.which("go")
    if go is None:
        raise UsageError("the engine can be built with Go, and 'go' is not on the PATH", hint=_GO_HINT)
    with tempfile.TemporaryDirectory(prefix="groundplan-engine-") as name, explained(root):
        work = Path(name)
        shutil.copytree(RECIPE, work, dirs_exist_ok=True)
        tell(f"building pulumi {NEWEST_TESTED} with {go}; the first time this takes several minutes")
        _build(go, work / "pulumi", _VERSION_FLAGS, f"{_PULUMI}/cmd/pulumi", work / "out" / "pulumi")
        tell("building Python's language host")
        _build(go, work / "language_host", _HOST_FLAGS, _HOST, work / "out" / "pulumi-language-python")
        sources = {module: _source(go, work / module) for module in ("pulumi", "language_host")}
        _put_in_place(work / "out", sources, root)
    tell(f"built {program}")
    return program


_GO_HINT = "Install Go: https://go.dev/doc/install, or your system's package 'golang'."

_SCRIPTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "bin": {
        "pulumi-language-python-exec": ("pulumi", "python/cmd"),
        "pulumi-resource-pulumi-python": ("pulumi", "python/dist"),
    },
    "policy-bin": {"pulumi-analyzer-policy-python": ("language_host", "python/dist")},
}
"""By folder: each script, the module whose version of the SDK holds it, and where in that SDK."""


def _build(go: str, module: Path, flags: str, package: str, program: Path) -> None:
    _run(go, module, "build", "-ldflags", flags, "-o", str(program), package)


def _source(go: str, module: Path) -> Path:
    """The folder of the SDK's sources in Go's module cache."""
    return Path(_run(go, module, "list", "-m", "-f", "{{.Dir}}", _SDK).strip())


def _run(go: str, module: Path, *arguments: str) -> str:
    environment = {**os.environ, "GOFLAGS": "-mod=readonly", "GO111MODULE": "on", "GOWORK": "off"}
    done = subprocess.run(
        [go, *arguments],
        cwd=module,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        last = "\n".join(line for line in done.stderr.splitlines() if "downloading" not in line)[-2000:]
        raise GroundplanError(
            f"go {arguments[0]} failed: {last}",
            hint="Go needs its module registry (go env GOPROXY) and a writable cache (go env GOMODCACHE).",
        )
    return done.stdout


def _put_in_place(built: Path, sources: Mapping[str, Path], root: Path) -> None:
    """Programs come last and at once, so that a half-made folder never looks finished."""
    for folder, scripts in _SCRIPTS.items():
        (root / folder).mkdir(parents=True, exist_ok=True)
        for name, (module, place) in scripts.items():
            _put(sources[module] / place / name, root / folder / name)
    _put(built / "pulumi-language-python", bin_folder(root) / "pulumi-language-python")
    _put(built / "pulumi", policy_bin_folder(root) / "pulumi")
    _put(built / "pulumi", bin_folder(root) / "pulumi")


def _put(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.tmp")
    shutil.copyfile(source, temporary)
    temporary.chmod(0o755)
    temporary.replace(target)


def _main() -> int:
    """``make engine``: build into the folder named, unless a fitting engine is on the PATH."""
    from .installation import look

    found = look(root=None)
    if found is not None and found.source == "PATH" and found.problem == "":
        print(f"pulumi {found.version} is on the PATH: {found.path}")
        return 0
    try:
        build(Path(sys.argv[1]).absolute(), tell=print)
    except GroundplanError as error:
        print(f"{error.message}\nfix: {error.hint}", file=sys.stderr)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(_main())
