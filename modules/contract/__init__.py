"""The capabilities of a platform: for each its arguments and outputs. Standard library and pulumi types only."""

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
"""The same word everywhere: key of the config, file of a platform, heading of the docs."""

NOUNS = ("foundation", "encryption", "access")
"""What stands below and around the capabilities on a cloud; the same file names as the capabilities have."""
