"""The error tree: every class has a code and an exit code, and its picture is true."""

from __future__ import annotations

import re

from groundplan.core import errors
from groundplan.core.errors import ConfigError, GroundplanError, Problem


def _tree() -> list[type[GroundplanError]]:
    return [cls for cls in (GroundplanError, *GroundplanError.__subclasses__()) if cls.__module__ == errors.__name__]


def test_the_drawn_tree_is_the_tree() -> None:
    drawn = re.findall(r"(\w+Error)\s+(\d+)", errors.__doc__ or "")
    actual = [(cls.__name__, str(int(cls.exit_code))) for cls in _tree()]

    assert sorted(drawn) == sorted(actual)


def test_codes_are_unique() -> None:
    codes = [cls.code for cls in _tree()]

    assert len(set(codes)) == len(codes)


def test_a_config_error_carries_all_problems() -> None:
    problems = [Problem(message="a", where="f:1:1"), Problem(message="b", where="f:2:1")]

    error = ConfigError.of(problems)

    assert (error.problems, error.where, str(error)) == (tuple(problems), "f:1:1", "2 problems in the config")
