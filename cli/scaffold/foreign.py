"""Templates that are not groundplan's own: only through copier, only when the user trusts them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ...core.digests import names_below
from ...core.errors import GroundplanError, PolicyError
from ...core.extras import load
from .writing import appearing

_RUNS_CODE = {"_tasks": "runs", "_migrations": "runs on updates", "_jinja_extensions": "loads"}
_MAX_DESCRIPTION = 200_000


class ForeignTemplateError(GroundplanError):
    """A foreign template that copier could not render."""

    code = "TEMPLATE"


def is_foreign(template: str) -> bool:
    """Whether this names a place, such as ``gh:org/x``, a URL or a folder, and not a packaged template."""
    return any(mark in template for mark in (":", "/", "\\")) or template in {".", ".."} or template.startswith("~")


def require_trust(template: str, *, trust: bool) -> None:
    """Refuse a foreign template that is not trusted, and say what it would run. Raises PolicyError."""
    if trust:
        return
    found = what_it_runs(template)
    raise PolicyError(
        f"{template} is not one of groundplan's templates; rendering it can run its author's code"
        + (f": it {'; '.join(found)}" if found else ""),
        hint="Read it first; if you trust its author, add --trust.",
    )


def what_it_runs(template: str) -> list[str]:
    """The tasks, migrations and extensions that a local template declares; for one elsewhere that it is not known."""
    folder = Path(template).expanduser()
    if not folder.is_dir():
        return ["lies elsewhere, so its tasks and extensions are not known before it is fetched; nothing was fetched"]
    found: list[str] = []
    for name in ("copier.yml", "copier.yaml"):
        described = _described(folder / name)
        if isinstance(described, str):
            found.append(described)
            continue
        found += [f"{verb} {_shown(item)}" for key, verb in _RUNS_CODE.items() for item in _listed(described.get(key))]
    return found


def render_foreign(template: str, target: Path, answers: Mapping[str, object]) -> list[str]:
    """Render a trusted template into a new folder; the names of the files it made. Raises ForeignTemplateError."""
    copier = load("copier")
    local = Path(template).expanduser()
    source = str(local.resolve()) if local.is_dir() else template
    with appearing(target) as folder:
        try:
            copier.run_copy(source, folder, data=dict(answers), defaults=True, unsafe=True, quiet=True)
        except Exception as error:
            # copier lets through whatever Jinja, YAML, git and the template raise
            raise _fault(template, error) from error
        return names_below(folder)


def _described(path: Path) -> dict[str, Any] | str:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    if not path.is_file():
        return {}
    try:
        if path.stat().st_size > _MAX_DESCRIPTION:
            return f"has a {path.name} too long to read"
        value: object = YAML(typ="safe").load(path.read_text(encoding="utf-8"))  # pyright: ignore[reportUnknownMemberType]
    except (YAMLError, ValueError, RecursionError):
        return f"has a {path.name} that cannot be read without running it"
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value] if value else []


def _shown(item: object) -> str:
    command: object = cast("dict[str, object]", item).get("command") if isinstance(item, dict) else item
    words = cast("list[object]", command) if isinstance(command, list) else [command]
    return repr(" ".join(str(word) for word in words)[:200])


def _fault(template: str, error: Exception) -> ForeignTemplateError:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return ForeignTemplateError(
        f"copier could not render {template}: {lines[-1][:300]}",
        hint="Nothing was written. Required questions are answered with --set question=answer.",
    )
