"""Which machine types have accelerators, and how many; as of November 2026.

Source: Microsoft's pages on GPU-accelerated virtual machine sizes and Google's page on GPU machine types.
"""

from __future__ import annotations

import re

_AZURE = re.compile(r"standard_n[cdgvpm]\w*", re.IGNORECASE)
_GOOGLE = re.compile(r"(a2|a3|a4|a4x|g2|g4)-\w+-(\d+)g?(?:-\w+)?", re.IGNORECASE)

_COUNTS = {
    "standard_nc4as_t4_v3": 1,
    "standard_nc8as_t4_v3": 1,
    "standard_nc16as_t4_v3": 1,
    "standard_nc64as_t4_v3": 4,
    "standard_nc6s_v3": 1,
    "standard_nc12s_v3": 2,
    "standard_nc24s_v3": 4,
    "standard_nc24rs_v3": 4,
    "standard_nc24ads_a100_v4": 1,
    "standard_nc48ads_a100_v4": 2,
    "standard_nc96ads_a100_v4": 4,
    "standard_nc40ads_h100_v5": 1,
    "standard_nc80adis_h100_v5": 2,
    "standard_nd40rs_v2": 8,
    "standard_nd96asr_v4": 8,
    "standard_nd96amsr_a100_v4": 8,
    "standard_nd96isr_h100_v5": 8,
    "standard_nd96isr_h200_v5": 8,
    "standard_nv6ads_a10_v5": 1,
    "standard_nv12ads_a10_v5": 1,
    "standard_nv18ads_a10_v5": 1,
    "standard_nv36ads_a10_v5": 1,
    "standard_nv36adms_a10_v5": 1,
    "standard_nv72ads_a10_v5": 2,
    "g2-standard-4": 1,
    "g2-standard-8": 1,
    "g2-standard-12": 1,
    "g2-standard-16": 1,
    "g2-standard-24": 2,
    "g2-standard-32": 1,
    "g2-standard-48": 4,
    "g2-standard-96": 8,
}
"""A part of an accelerator, as the small sizes of the A10 have, counts as one."""


def has_accelerator(size: str) -> bool:
    """Whether machines of this type have accelerators by themselves."""
    return bool(_AZURE.fullmatch(size) or _GOOGLE.fullmatch(size))


def count(size: str) -> int | None:
    """How many accelerators one machine of this type has; None where that is not known."""
    if not has_accelerator(size):
        return 0
    if size.lower() in _COUNTS:
        return _COUNTS[size.lower()]
    google = _GOOGLE.fullmatch(size)
    return int(google[2]) if google and not size.lower().startswith("g") else None
