"""What environments ask for and only the shared stack can make, which is made of what stands at the top of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .config import Config
from .problems import Place, problem_at
from .tree import Node, Path, dotted


def sharing_places(file: Node, base: Config, configs: Mapping[str, Config]) -> Iterator[Place]:
    """Where an environment says something else than ``base``, the config of the shared stack, which would not hear."""
    if base.platform == "local":
        return
    for environment, config in configs.items():
        for path in _unheard(base, config):
            yield problem_at(
                file, ("environments", environment, *path),
                f"{dotted(path)} of environment {environment} is another than at the top, and the shared stack, which "
                "makes it, is made of what stands at the top",
                hint=f"Move it to the top: {dotted(path)}.", at_key=True,
            )  # fmt: skip
        if makes_key(config) and config.encryption == base.encryption and config.region != base.region:
            yield problem_at(
                file, ("environments", environment, "region"),
                f"the key that groundplan makes is in {base.region}, and what it is to encrypt for {environment} is in "
                f"{config.region}",
                hint=f"Name a key there, in environments.{environment}.encryption, or leave the region out.",
            )  # fmt: skip


def _unheard(base: Config, config: Config) -> Iterator[Path]:
    if makes_key(config) and config.encryption != base.encryption:
        yield ("encryption",)
    if config.network.hub not in (None, base.network.hub):
        yield ("network", "hub")
    if config.identity.federation not in (None, base.identity.federation):
        yield ("identity", "federation")
    if config.registry.shared and not base.registry.shared:
        yield ("registry", "shared")
    if config.state != base.state:
        yield ("state",)


def makes_key(config: Config) -> bool:
    """Whether the key is one that groundplan makes."""
    return config.encryption is not None and config.encryption.key is None
