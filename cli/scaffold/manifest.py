"""The manifest: what ``new`` wrote, from which template and answers, so that a later update can merge three ways."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import cast

from ...core.files import read_json
from .template import Template
from .writing import ProjectFile

NAME = ".groundplan-manifest.json"
FORMAT = 1
_MODE = "0644"


def manifest(
    template: Template, answers: Mapping[str, object], facts: Mapping[str, object], files: Iterable[ProjectFile]
) -> ProjectFile:
    """The manifest as a file of the project; the same answers give the same bytes.

    ``answers`` is what a person chose, ``facts`` what was read from the data. Template files are kept whole,
    compressed: they are the base of the three-way merge, which a later version of the template cannot give back.
    """
    content = {
        "format": FORMAT,
        "groundplan": version("groundplan"),
        "template": {"name": template.name, "version": template.version},
        "answers": dict(answers),
        "facts": dict(facts),
        "files": {file.path: _entry(file) for file in files},
    }
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=True)
    return ProjectFile(path=NAME, kind="generated", content=f"{text}\n".encode())


def base_of(project: Path) -> dict[str, bytes]:
    """The template files of a project as ``new`` wrote them, by path. Raises FileNotFoundError, StoreCorruptedError."""
    files = cast("dict[str, dict[str, str]]", read_json(project / NAME)["files"])
    return {path: zlib.decompress(base64.b64decode(entry["base"])) for path, entry in files.items() if "base" in entry}


def _entry(file: ProjectFile) -> dict[str, str]:
    if file.copy_of is not None:
        with file.copy_of.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return {"kind": file.kind, "mode": _MODE, "sha256": digest}
    entry = {"kind": file.kind, "mode": _MODE, "sha256": hashlib.sha256(file.content).hexdigest()}
    if file.kind == "template":
        entry["base"] = base64.b64encode(zlib.compress(file.content, 9)).decode()
    return entry
