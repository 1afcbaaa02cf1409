"""Encryption with keys of one's own: one for each stack, made in the shared stack, or one brought along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pulumi

    from .foundation import FoundationOutputs
    from .network import NetworkOutputs


@dataclass(frozen=True, kw_only=True)
class EncryptionArguments:
    """``stacks`` are those that get a key each, reached from ``network``. How a key is made: ``rotation_days``,
    ``protection`` by software or by a hardware module."""

    foundation: FoundationOutputs
    network: NetworkOutputs
    stacks: tuple[str, ...]
    rotation_days: int = 90
    protection: Literal["software", "hsm"] = "software"


@dataclass(frozen=True, kw_only=True)
class EncryptionKey:
    """``key_id``: Azure: the key's URL ``https://VAULT.vault.azure.net/keys/NAME[/VERSION]``; Google Cloud:
    ``projects/…/cryptoKeys/NAME``. ``version_id`` is the same for what follows no rotation: at Azure with the version,
    which only the vault knows ("" where nobody asked it). ``vault_id``: Azure: the vault's resource id, else empty.
    """

    key_id: pulumi.Input[str]
    version_id: pulumi.Input[str] = ""
    vault_id: pulumi.Input[str] = ""


@dataclass(frozen=True, kw_only=True)
class EncryptionOutputs:
    """The keys that were made, by the stack that each is for."""

    keys: Mapping[str, EncryptionKey]
