"""The laptop as a platform: folders and an SQLite file below ``.groundplan/``, and nothing anywhere else."""

PLATFORM = "local"

UNSUPPORTED = {
    "network": "endpoints listen on the loopback address; there is no network to make",
    "identity": "everything runs as the person who types",
    "compute": "steps run as processes of this machine",
    "features": "up makes none: groundplan features reads the sets from the project's data sources",
    "pipeline": "pipelines need nothing provisioned: the lifecycle starts their steps as processes",
    "monitoring": "groundplan monitor and watch look at what endpoints log; there is nothing to provision for them",
    "budget": "the laptop costs nothing that groundplan could count",
}
"""The capabilities that the laptop does not provision, each with the reason."""
