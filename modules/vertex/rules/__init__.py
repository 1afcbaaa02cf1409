"""What Google Cloud asks of every resource type that groundplan makes there, found file by file."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping

from ...contract.rules import TypeRules


def rules() -> Mapping[str, TypeRules]:
    """The facts by type token, from every file of this folder; the same type in two files is a mistake."""
    found: dict[str, TypeRules] = {}
    for file in pkgutil.iter_modules(__path__):
        of_file: Mapping[str, TypeRules] = importlib.import_module(f"{__name__}.{file.name}").RULES
        if twice := found.keys() & of_file.keys():
            raise ValueError(f"{file.name}: {', '.join(sorted(twice))} has rules in another file already")
        found.update(of_file)
    return found
