"""Templates of HTML pages, each in the folder of the report that it is of; their common look is page.css."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .shown import shown


def template(path: Path, filters: Mapping[str, Callable[..., Any]]) -> Any:
    """The template in this file: what it shows is escaped, and a name that it is not given is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([path.parent, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({"shown": shown, **filters})
    return environment.get_template(path.name)
