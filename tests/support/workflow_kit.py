"""A generated GitHub workflow as data, which of its jobs an event starts, and its shell run as GitHub runs it."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_TOKEN = re.compile(r"\s*(==|!=|&&|\|\||'[^']*'|[A-Za-z_][\w.-]*)")

REPOSITORY = "acme/churn"
PUSH: Mapping[str, Any] = {"github": {"event_name": "push", "repository": REPOSITORY, "event": {}}, "vars": {}}


def pull_request(*, head: str = REPOSITORY, user: str = "jo", preview: str = "") -> Mapping[str, Any]:
    """The contexts of a pull request from a branch of ``head``."""
    opened = {"head": {"repo": {"full_name": head}}, "user": {"login": user}}
    return {
        "github": {"event_name": "pull_request", "repository": REPOSITORY, "event": {"pull_request": opened}},
        "vars": {"GROUNDPLAN_PREVIEW": preview},
    }


def read(path: Path) -> dict[str, Any]:
    """A workflow as GitHub reads it."""
    return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))  # pyright: ignore[reportUnknownMemberType]


def steps(workflow: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every step of every job."""
    for job in workflow["jobs"].values():
        yield from job["steps"]


def started(workflow: Mapping[str, Any], contexts: Mapping[str, Any]) -> set[str]:
    """The jobs that run when all before them end well; a job whose needs were skipped is skipped."""
    running: set[str] = set()
    for name, job in workflow["jobs"].items():
        needed = [job["needs"]] if "needs" in job else []
        if set(needed) <= running and true(job.get("if", ""), contexts):
            running.add(name)
    return running


def true(condition: str, contexts: Mapping[str, Any]) -> bool:
    """A condition of comparisons joined by ``&&`` and ``||``; no condition holds always."""
    tokens = _TOKEN.findall(condition)
    if "".join(tokens) != "".join(condition.split()):
        raise ValueError(f"a condition that this reader does not know: {condition}")
    if not tokens:
        return True
    return any(
        all(_holds(comparison, contexts) for comparison in _split(alternative, "&&"))
        for alternative in _split(tokens, "||")
    )


def _split(tokens: list[str], by: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token == by:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _holds(comparison: list[str], contexts: Mapping[str, Any]) -> bool:
    left, operator, right = comparison
    same = _value(left, contexts) == _value(right, contexts)
    return same if operator == "==" else not same


def _value(word: str, contexts: Mapping[str, Any]) -> object:
    if word.startswith("'"):
        return word[1:-1]
    value: Any = contexts
    for part in word.split("."):
        value = value.get(part, "") if isinstance(value, Mapping) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return value  # pyright: ignore[reportUnknownVariableType]


def program(folder: Path, name: str, text: str) -> None:
    """A program of this name in ``folder``: a shell script that stands in for the real one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def shell(script: str, *, cwd: Path, programs: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A step's script as GitHub runs it, with nothing in its environment but what the step says."""
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-c", script],
        cwd=cwd,
        env={"PATH": os.pathsep.join([str(programs), "/usr/local/bin", "/usr/bin", "/bin"]), **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
