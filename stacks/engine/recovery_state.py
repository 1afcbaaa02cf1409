"""A state file that is damaged or gone: what is wrong with it, the copies beside it, putting one of them back."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ...core import clock
from ...core.errors import NotFoundError, StoreCorruptedError
from ...core.files import explained, write_bytes
from .recovery_files import StateFiles

NEWEST_CHECKPOINT = 4
"""The newest version of the state's format that the supported engines write."""

_URN = re.compile(rb'"urn":\s*"(urn:pulumi:[^"]+)"')
_MODE = 0o600


@dataclass(frozen=True, kw_only=True)
class Damage:
    """What is wrong with a state; ``code`` is a stable name such as ``STATE_TRUNCATED``."""

    code: str
    reason: str


class StateDamagedError(StoreCorruptedError):
    """A stack's state cannot be used; ``code`` says in which way."""

    def __init__(self, message: str, *, damage: Damage, where: str, hint: str) -> None:
        super().__init__(message, where=where, hint=hint)
        self.code = damage.code


@dataclass(frozen=True, kw_only=True)
class Copy:
    """An earlier state that can be put back; ``urns`` are the resources that it holds."""

    path: Path
    saved: str
    urns: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Restoration:
    """What putting a copy back changes: resources that come back, that are lost, that both know."""

    copy: Copy
    back: tuple[str, ...]
    lost: tuple[str, ...]
    kept: tuple[str, ...]


def damage_of(content: bytes) -> Damage | None:
    """What keeps the engine from using this state; None when nothing does."""
    if not content.strip():
        return Damage(code="STATE_EMPTY", reason="the file is empty")
    try:
        value: object = json.loads(content)
    except (ValueError, RecursionError) as error:
        cut = content.lstrip().startswith(b"{") and not content.rstrip().endswith(b"}")
        code, what = ("STATE_TRUNCATED", "the file ends in the middle") if cut else ("STATE_NOT_JSON", "it is no JSON")
        return Damage(code=code, reason=f"{what}: {error}")
    if not isinstance(value, dict):
        return Damage(code="STATE_SHAPE", reason="it holds no checkpoint")
    return _damage_of_checkpoint(cast("Mapping[str, Any]", value))


def has_damaged_attributes(files: StateFiles) -> bool:
    """Whether the engine was killed while it wrote what it notes beside the state; the state itself may be whole."""
    if not files.attributes.is_file():
        return False
    try:
        return not isinstance(json.loads(files.attributes.read_bytes()), dict)
    except ValueError:
        return True


def _damage_of_checkpoint(value: Mapping[str, Any]) -> Damage | None:
    version = value.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        return Damage(code="STATE_VERSION", reason=f"its version is {version!r}")
    if version > NEWEST_CHECKPOINT:
        return Damage(code="STATE_NEWER", reason=f"a newer engine wrote it (format {version})")
    try:
        latest = cast("Mapping[str, Any]", value["checkpoint"].get("latest") or {})
        resources = cast("list[Mapping[str, Any]]", latest.get("resources") or [])
        return _damage_of_resources(resources)
    except (KeyError, TypeError, AttributeError):
        return Damage(code="STATE_SHAPE", reason="it does not have the form of a checkpoint")


def _damage_of_resources(resources: list[Mapping[str, Any]]) -> Damage | None:
    urns = Counter(str(one["urn"]) for one in resources if not one.get("delete"))
    twice = sorted(urn for urn, count in urns.items() if count > 1)
    if twice:
        return Damage(code="STATE_DUPLICATE", reason=f"{twice[0]} stands in it twice")
    known = {str(one["urn"]) for one in resources}
    providers = {f"{one['urn']}::{one.get('id', '')}" for one in resources}
    for one in resources:
        missing = [urn for urn in _references(one) if urn not in known]
        if one.get("provider") and one["provider"] not in providers:
            missing.append(str(one["provider"]))
        if missing:
            return Damage(code="STATE_DANGLING", reason=f"{one['urn']} refers to {missing[0]}, which is not there")
    return None


def _references(resource: Mapping[str, Any]) -> Iterator[str]:
    if resource.get("parent"):
        yield str(resource["parent"])
    yield from cast("list[str]", resource.get("dependencies") or [])


def copies(files: StateFiles) -> tuple[Copy, ...]:
    """The copies that are whole, the newest first."""
    found = (_copy(path) for path in files.copies)
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.saved, reverse=True))


def copy_at(path: Path) -> Copy:
    """The copy in a file that the user named. Raises NotFoundError and StateDamagedError."""
    if not path.is_file():
        raise NotFoundError(f"there is no file {path}", hint="groundplan state restore lists the copies it knows.")
    damage = damage_of(path.read_bytes())
    if damage is not None:
        raise StateDamagedError(
            f"{path} cannot be put back: {damage.reason}", damage=damage, where=str(path), hint="Take another copy."
        )
    found = _copy(path)
    assert found is not None  # noqa: S101 its damage was looked for
    return found


def _copy(path: Path) -> Copy | None:
    content = path.read_bytes()
    if damage_of(content) is not None:
        return None
    latest = cast("Mapping[str, Any]", json.loads(content)["checkpoint"].get("latest") or {})
    manifest = cast("Mapping[str, Any]", latest.get("manifest") or {})
    return Copy(path=path, saved=str(manifest.get("time", "")), urns=frozenset(_urns(content)))


def _urns(content: bytes) -> set[str]:
    """The resources that a state names, also one that is cut off."""
    return {urn.decode(errors="replace") for urn in _URN.findall(content)}


def restoration(files: StateFiles, copy: Copy) -> Restoration:
    """What would change if this copy became the state."""
    now = _urns(files.state.read_bytes()) if files.state.is_file() else set[str]()
    return Restoration(
        copy=copy,
        back=tuple(sorted(copy.urns - now)),
        lost=tuple(sorted(now - copy.urns)),
        kept=tuple(sorted(copy.urns & now)),
    )


def restore(files: StateFiles, copy: Copy) -> Path | None:
    """Put a copy back; the state that was there is kept beside it, and its path given."""
    content = copy.path.read_bytes()
    aside = None
    with explained(files.state):
        if files.state.is_file():
            stamp = clock.to_text(clock.now()).replace(":", "").replace(".", "")
            aside = files.state.with_name(f"{files.state.name}.damaged-{stamp}")
            files.state.replace(aside)
            aside.chmod(_MODE)
        write_bytes(files.state, content)
        files.state.chmod(_MODE)
        files.attributes.unlink(missing_ok=True)
    return aside
