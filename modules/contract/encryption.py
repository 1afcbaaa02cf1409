"""Encryption with a key of one's own: made in the shared stack, or brought along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pulumi

    from .foundation import FoundationOutputs


@dataclass(frozen=True, kw_only=True)
class EncryptionArguments:
    """How a key is made: ``rotation_days``, ``protection`` by software or by a hardware module."""

    foundation: FoundationOutputs
    rotation_days: int = 90
    protection: Literal["software", "hsm"] = "software"


@dataclass(frozen=True, kw_only=True)
class EncryptionOutputs:
    """``key_id``: Azure: the key's URL ``https://VAULT.vault.azure.net/keys/NAME[/VERSION]``; Google Cloud:
    ``projects/…/cryptoKeys/NAME``. ``vault_id``: Azure: the vault's resource id, else empty.
    """

    key_id: pulumi.Input[str]
    vault_id: pulumi.Input[str] = ""
