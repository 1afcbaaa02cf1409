"""What a model version is called at Vertex AI: as a model, on an endpoint, in a bucket."""

from __future__ import annotations

import hashlib
import re

_DEPLOYED = re.compile(r"(?P<name>.+)-v(?P<version>\d+)")
_RESOURCE = re.compile(r"projects/[^/]+/locations/(?P<region>[^/]+)/models/(?P<id>[^/@]+)@(?P<version>\d+)")
_LONGEST_ID = 63
_TOKEN = 8


def model_id(product: str, name: str) -> str:
    """The id of a model in its project's registry; what is too long ends in a hash of the whole."""
    whole = f"{product}--{name}"
    if len(whole) <= _LONGEST_ID:
        return whole
    return f"{whole[: _LONGEST_ID - _TOKEN - 1]}-{hashlib.sha256(whole.encode()).hexdigest()[:_TOKEN]}"


def monitor_id(model: str, version: str) -> str:
    """The id of a model version's monitor: small letters, digits and hyphens; what does not fit ends in a hash."""
    whole = f"{model.rpartition('/')[2]}-v{version}"
    fitting = re.sub(r"[^a-z0-9-]", "-", whole.lower())
    if fitting == whole and len(whole) <= _LONGEST_ID and whole[0].isalpha():
        return whole
    start = f"m-{fitting}"[: _LONGEST_ID - _TOKEN - 1].rstrip("-")
    return f"{start}-{hashlib.sha256(whole.encode()).hexdigest()[:_TOKEN]}"


def location_of(resource: str) -> str:
    """``projects/P/locations/R`` of any resource there."""
    return "/".join(resource.split("/")[:4])


def deployed_name(name: str, version: int) -> str:
    """What a version is called on an endpoint, by which everybody finds it again."""
    return f"{name}-v{version}"


def deployed_version(display_name: str) -> tuple[str, str] | None:
    """Name and version of what is called so on an endpoint; None where groundplan did not call it so."""
    found = _DEPLOYED.fullmatch(display_name)
    return None if found is None else (found["name"], found["version"])


def same_version(one: str, other: str) -> bool:
    """Whether two resource names mean one model version; a project has a name and a number."""
    first, second = _RESOURCE.fullmatch(one), _RESOURCE.fullmatch(other)
    return first is not None and second is not None and first.groups() == second.groups()


def job_id(product: str, environment: str, run_id: str) -> str:
    """What the job of a run is called: it begins with a letter and has small letters, digits and hyphens only."""
    return f"{product}-{environment}-{run_id}".replace("_", "-").lower()


def experiment_id(product: str, environment: str, pipeline: str) -> str:
    """What the experiment of a pipeline's runs is called, in the same letters."""
    return f"{product}-{environment}-{pipeline}".replace("_", "-").lower()
