"""What is on disk of a deployment is only what somebody wrote there: the registry must vouch for it again."""

from __future__ import annotations

from ...core.errors import StoreCorruptedError
from ..contract.deployment import ServedModel
from ..contract.platform import Models
from .loading import verify


def demand_registered(served: ServedModel, models: Models) -> None:
    """Raises StoreCorruptedError when the model is not the registered one, by its digest, its types and its folder."""
    version = models.get(served.name, served.version)
    if (version.digest, tuple(version.trusted_types)) != (served.digest, served.trusted_types):
        raise StoreCorruptedError(
            f"the deployment of {served.name} version {served.version} is not what the registry knows",
            hint="groundplan deploy serves the registered one.",
        )
    if version.path.absolute() != served.path.absolute():
        raise StoreCorruptedError(
            f"the deployment of {served.name} version {served.version} names another folder than the registry",
            hint="groundplan deploy serves the registered one.",
        )
    verify(served.path, served.digest)
