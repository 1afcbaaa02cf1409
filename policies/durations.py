"""Stretches of time as clouds and configs write them."""

from __future__ import annotations

import re

_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_PLAIN = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")


def seconds(value: object) -> float:
    """The seconds of ``PT15M``, ``P1DT2H``, ``900s``, ``15m``, ``30d`` or a number; NaN where it is none of them."""
    text = str(value).strip()
    iso = _ISO.fullmatch(text.upper())
    if iso is not None and any(iso.groups()):
        days, hours, minutes, rest = (float(one or 0) for one in iso.groups())
        return days * 86400 + hours * 3600 + minutes * 60 + rest
    plain = _PLAIN.fullmatch(text.lower())
    return float(plain[1]) * _UNITS[plain[2] or "s"] if plain else float("nan")


def days(value: object) -> float:
    """The same in days."""
    return seconds(value) / 86400
