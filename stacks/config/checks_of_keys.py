"""What a cloud would refuse of an encryption key: its id, its vault, its region."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .config import Config
from .problems import Place, problem_at
from .tree import Node, Path

_AZURE_KEY = re.compile(
    r"https://(?P<vault>[A-Za-z0-9-]{3,24})\.(vault|managedhsm)\.azure\.net/keys/[A-Za-z0-9-]{1,127}(/[0-9a-f]{32})?"
)
_AZURE_VAULT = re.compile(
    r"(?i)/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\.KeyVault/(vaults|managedHSMs)"
    r"/(?P<name>[^/]+)"
)
_GOOGLE_KEY = re.compile(r"projects/[^/]+/locations/(?P<region>[^/]+)/keyRings/[^/]+/cryptoKeys/[^/]+")


def key_places(tree: Node, config: Config) -> Iterator[Place]:
    """Everything that is wrong with a key of one's own."""
    section = config.encryption
    if section is None:
        return
    if section.key is None:
        for key in ("vault", "region"):
            if config.platform == "azureml" and getattr(section, key) is not None:
                yield problem_at(
                    tree, ("encryption", key), f"encryption.{key} says where a key is, and encryption.key names none",
                    hint="Add the key, or remove this line: then groundplan makes one.", at_key=True,
                )  # fmt: skip
        return
    check = _azure_key if config.platform == "azureml" else _google_key
    yield from check(tree, config, section.key)


def _azure_key(tree: Node, config: Config, key: str) -> Iterator[Place]:
    section, found = config.encryption, _AZURE_KEY.fullmatch(key)
    assert section is not None  # noqa: S101 asked before
    if found is None:
        yield problem_at(
            tree, ("encryption", "key"), "encryption.key is not the id of a key at Azure",
            hint="Such as https://VAULT.vault.azure.net/keys/NAME.",
        )  # fmt: skip
    vault = _AZURE_VAULT.fullmatch(section.vault or "")
    if vault is None:
        yield problem_at(
            tree, ("encryption", "key" if section.vault is None else "vault"),
            "encryption.vault must be the resource id of the vault that holds the key",
            hint="az keyvault show --name VAULT --query id --output tsv",
        )  # fmt: skip
    elif found is not None and found["vault"].lower() != vault["name"].lower():
        yield problem_at(
            tree, ("encryption", "vault"), f"the key lies in {found['vault']!r}, and encryption.vault names another",
            hint=f"az keyvault show --name {found['vault']} --query id --output tsv",
        )  # fmt: skip
    if section.region is None:
        yield problem_at(
            tree, ("encryption", "key"), "encryption.region is missing: Azure's key id does not say where the key is",
            hint=f"Add 'region: {config.region or 'westeurope'}', if it is there.",
        )  # fmt: skip
    elif config.region is not None and section.region != config.region:
        yield _other_region(tree, ("encryption", "region"), section.region, config.region)


def _google_key(tree: Node, config: Config, key: str) -> Iterator[Place]:
    found = _GOOGLE_KEY.fullmatch(key)
    if found is None:
        yield problem_at(
            tree, ("encryption", "key"), "encryption.key is not the id of a key at Google Cloud",
            hint="Such as projects/P/locations/REGION/keyRings/RING/cryptoKeys/KEY.",
        )  # fmt: skip
    elif config.region is not None and found["region"] != config.region:
        yield _other_region(tree, ("encryption", "key"), found["region"], config.region)


def _other_region(tree: Node, path: Path, of_key: str, of_resources: str) -> Place:
    return problem_at(
        tree, path, f"the key is in {of_key}, and what it is to encrypt is in {of_resources}",
        hint="A cloud encrypts with keys of the same region only: name one there, or leave encryption.key out.",
    )  # fmt: skip
