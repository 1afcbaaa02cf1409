"""The project's code that a pipeline's steps run, as a code asset of Azure ML: which files, which version, from where.

The asset is a folder in the storage account; its files get there by an upload, which no resource can do without the
account's keys. A step at Azure ML runs in that folder, as it runs in the project's folder on a laptop.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from ...core import digests, files
from ...core.layout import GENERATED
from ...lifecycle.contract.pipeline import Pipeline, Step


def paths(root: Path, pipeline: Pipeline) -> Mapping[str, tuple[str, ...]]:
    """By step the files and folders of the project that it runs: its ``code``, and what its command names."""
    return {name: _paths(root, step) for name, step in pipeline.steps.items()}


def version(root: Path, of_steps: Mapping[str, tuple[str, ...]]) -> str:
    """The version of the code that the steps run: its digest."""
    found = {path: _digest(root / path) for path in _all(of_steps)}
    return digests.of_value(found).removeprefix("sha256:")[:16]


def names(root: Path, of_steps: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The files of the project that the steps run, sorted; without what tools make beside them."""
    found: list[str] = []
    for path in _all(of_steps):
        below = digests.names_below(root / path, leave_out=GENERATED) if (root / path).is_dir() else None
        found += [path] if below is None else [f"{path}/{name}" for name in below]
    return sorted(set(found))


def upload(root: Path, of_steps: Mapping[str, tuple[str, ...]], *, account: str, container: str, folder: str) -> str:
    """The command that uploads the code, typed in the project's folder by someone who may write the container."""
    login = _login(account)
    commands: list[str] = []
    for path in _all(of_steps):
        if (root / path).is_dir():
            commands.append(
                f"az storage blob upload-batch {login} --source {shlex.quote(path)} --destination {container}"
                f" --destination-path {shlex.quote(f'{folder}/{path}')}"
            )
        else:
            commands.append(upload_file(path, account=account, container=container, name=f"{folder}/{path}"))
    return " && ".join(commands)


def upload_file(path: str, *, account: str, container: str, name: str) -> str:
    """The command that uploads one file of the project."""
    return (
        f"az storage blob upload {_login(account)} --file {shlex.quote(path)} --container-name {container}"
        f" --name {shlex.quote(name)}"
    )


def _login(account: str) -> str:
    return f"--auth-mode login --account-name {account} --overwrite"


def _paths(root: Path, step: Step) -> tuple[str, ...]:
    named = {word for word in step.command if "{" not in word and not word.startswith("-") and _is_file(root, word)}
    whole = sorted(Path(path).as_posix() for path in step.code if files.inside(root, path).exists())
    return tuple(sorted({*whole, *(one for one in named if not any(_below(one, folder) for folder in whole))}))


def _is_file(root: Path, word: str) -> bool:
    try:
        path = root / word
        return bool(word) and path.is_file() and path.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError):
        return False


def _below(path: str, folder: str) -> bool:
    return Path(path).is_relative_to(folder)


def _all(of_steps: Mapping[str, tuple[str, ...]]) -> list[str]:
    return sorted({path for found in of_steps.values() for path in found})


def _digest(path: Path) -> str:
    if not path.is_dir():
        return digests.of_file(path)
    names = digests.names_below(path, leave_out=GENERATED)
    return digests.of_value([[name, digests.of_file(path / name)] for name in names])
