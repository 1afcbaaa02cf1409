"""The registry: of models and images; on the laptop the tracking store too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pulumi

    from .encryption import EncryptionKey
    from .foundation import FoundationOutputs
    from .network import NetworkOutputs


@dataclass(frozen=True, kw_only=True)
class RegistryArguments:
    """What a cloud's registry stands on; images that nothing uses go after ``retention_days``, None for never."""

    foundation: FoundationOutputs
    network: NetworkOutputs
    encryption: EncryptionKey | None = None
    regions: tuple[str, ...] = ()
    retention_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class RegistryOutputs:
    """How the registry is reached: the tracking URI that MLflow takes (laptop), the ids of the model registry and of
    the image registry, and ``images_uri``, the prefix of an image's name.
    """

    tracking_uri: str = ""
    id: pulumi.Input[str] = ""
    images_id: pulumi.Input[str] = ""
    images_uri: str = ""
    templates_uri: str = ""


class Registry(Protocol):
    """A platform's registry."""

    @property
    def outputs(self) -> RegistryOutputs:
        """How it is reached."""
        ...
