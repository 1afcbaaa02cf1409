"""Bytes as people read them."""

_UNITS = ("B", "kB", "MB", "GB", "TB")


def for_people(size_bytes: int) -> str:
    """Bytes with a decimal unit: ``0 B``, ``1.5 kB``, ``12 MB``."""
    value, position = float(size_bytes), 0
    while round(value) >= 1000 and position < len(_UNITS) - 1:
        value, position = value / 1000, position + 1
    digits = 1 if position and value < 9.95 else 0
    return f"{value:.{digits}f} {_UNITS[position]}"
