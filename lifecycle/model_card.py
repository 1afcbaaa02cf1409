"""The model card: markdown, made from evidence, lineage, audit log and config, and from nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.markdown import escaped
from .contract.evidence import Check
from .contract.model import AuditEntry, ModelPlan, ModelVersion
from .contract.platform import Platform

if TYPE_CHECKING:
    from jinja2 import Environment


def keep(platform: Platform, plan: ModelPlan, version: ModelVersion) -> Path:
    """Write a version's card where the platform keeps cards; gives its file."""
    return platform.models.describe(version, render(plan, version, platform.models.audit_log()))


def render(plan: ModelPlan, version: ModelVersion, entries: Sequence[AuditEntry]) -> str:
    """A version's card. The same input gives the same text; people's text cannot become markup."""
    own = [entry for entry in entries if (entry.model, entry.version) == (version.name, version.version)]
    rejections = [f"{entry.who}: {entry.reason}" for entry in own if entry.action == "reject"]
    text = (
        _environment()
        .get_template("model_card.md.j2")
        .render(
            plan=plan,
            version=version,
            evidence=version.evidence,
            entries=own,
            rejection=rejections[-1] if rejections else "no reason is known",
        )
    )
    return re.sub(r"\n{3,}", "\n\n", text)


class _Markup(str):
    """Text that is markdown already."""

    __slots__ = ()


@cache
def _environment() -> Environment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_escaped,
    )
    environment.filters.update(
        code=_code, counts=_counts, number=_number, outcome=_outcome, plain=_Markup, prose=_prose
    )
    return environment


def _escaped(value: object) -> str:
    """What is markdown already as it is, any other value escaped."""
    return value if isinstance(value, _Markup) else escaped(str(value))


def _prose(text: str) -> str:
    """Paragraphs, each escaped."""
    return _Markup("\n\n".join(_escaped(paragraph) for paragraph in re.split(r"\n\s*\n", text.strip())))


def _code(text: str) -> str:
    """Text as a code span, which needs no other escapes than these."""
    inner = " ".join(text.split()).replace("`", "'").replace("|", "\\|")
    return _Markup(f"`{inner}`" if inner else "none")


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4g}"


def _counts(groups: Mapping[str, int]) -> str:
    return ", ".join(f"{name}: {rows}" for name, rows in sorted(groups.items()))


def _outcome(check: Check) -> str:
    word = {True: "passed", False: "FAILED", None: "not judged"}[check.passed]
    return f"{word}: {check.reason}" if check.reason else word
