"""What every section of the config has in common, and the names it may use."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Section(BaseModel):
    """A part of groundplan.yaml: unknown keys are errors, nothing is coerced, nothing changes after reading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        validate_default=True,
    )


PROJECT_PATTERN = r"^[a-z](-?[a-z0-9])*$"
NAME_PATTERN = r"^[a-z]([-_]?[a-z0-9])*$"
PORT_PATTERN = r"^[a-z](_?[a-z0-9])*$"
REFERENCE_PATTERN = r"^[a-z]([-_]?[a-z0-9])*\.[a-z](_?[a-z0-9])*$"
DURATION_PATTERN = r"^[1-9][0-9]{0,5}(s|m|h|d)$"

ProjectName = Annotated[str, StringConstraints(pattern=PROJECT_PATTERN, min_length=2, max_length=32)]
"""Lower-case letters, digits and single hyphens, starting with a letter; 2 to 32 characters."""

Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN, min_length=1, max_length=40)]
"""A name of something in the config: lower-case letters, digits, single hyphens or underscores."""

PortName = Annotated[str, StringConstraints(pattern=PORT_PATTERN, min_length=1, max_length=40)]
"""The name of a step's input, output or parameter: lower-case letters, digits, single underscores."""

Reference = Annotated[str, StringConstraints(pattern=REFERENCE_PATTERN, max_length=81)]
"""An output of a step, ``step.output``, or a data source, ``data.source``."""

Duration = Annotated[str, StringConstraints(pattern=DURATION_PATTERN)]
"""A whole number and a unit: ``90s``, ``10m``, ``2h``, ``30d``."""

Cron = Annotated[str, StringConstraints(pattern=r"^\S+( \S+){4}$")]
"""Five cron fields, in UTC."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
"""Any text that is not empty."""

Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
"""A day such as ``2027-01-31``, in quotes."""

Classification = Literal["public", "internal", "confidential", "restricted"]
"""How sensitive data is."""

Share = Annotated[float, Field(ge=0, le=1)]
"""A share between 0 and 1."""

_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def seconds(duration: str) -> int:
    """The seconds in a Duration."""
    return int(duration[:-1]) * _UNIT_SECONDS[duration[-1]]
