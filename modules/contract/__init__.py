"""The capabilities of a platform: for each its arguments, its outputs, its Protocol. Standard library only."""

CAPABILITIES = (
    "workspace",
    "storage",
    "network",
    "identity",
    "compute",
    "registry",
    "features",
    "pipeline",
    "endpoint",
    "monitoring",
    "budget",
)
"""The same word everywhere: key of the config, file of a platform, heading of the docs.

A capability gets its file beside this one with the first platform that provisions it.
"""
