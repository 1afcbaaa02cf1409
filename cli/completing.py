"""Completions that depend on the project: quick, silent, and never in the way."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from click import Context, Parameter

_DEFAULT_ENVIRONMENTS = ("dev", "staging", "prod")
_SHARED = "shared"
_MAX_CONFIG = 1_000_000


def environments(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """The environments of the project around the current folder; nothing at all when they cannot be read."""
    del parameter
    return _matching(context, incomplete)


def stacks(context: Context, parameter: Parameter, incomplete: str) -> list[CompletionItem]:
    """The stacks of a cloud: the shared one and the environments; nothing at all when they cannot be read."""
    del parameter
    return _matching(context, incomplete, _SHARED)


def _matching(context: Context, incomplete: str, *more: str) -> list[CompletionItem]:
    try:
        found = _environments(_folder(context))
    except Exception:  # noqa: BLE001 a completion must not disturb what is being typed
        return []
    names = (*more, *found) if found else ()
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


def _folder(context: Context) -> Path:
    asked = context.params.get("directory") or context.find_root().params.get("directory")
    return Path(asked).absolute() if asked else Path.cwd()


def _environments(folder: Path) -> tuple[str, ...]:
    """Only the keys are wanted, so the file is read without the checks that take time."""
    from ruamel.yaml import YAML

    path = next(
        (parent / "groundplan.yaml" for parent in (folder, *folder.parents) if (parent / "groundplan.yaml").is_file()),
        None,
    )
    if path is None or path.stat().st_size > _MAX_CONFIG:
        return ()
    value: object = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))  # pyright: ignore[reportUnknownMemberType]
    named = cast("dict[str, object]", value).get("environments") or _DEFAULT_ENVIRONMENTS
    return tuple(str(name) for name in cast("dict[str, object]", named))
