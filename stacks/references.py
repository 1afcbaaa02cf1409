"""What an environment takes from the shared stack: by name where a name is enough, by StackReference where not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..modules.contract.context import SHARED
from ..modules.contract.encryption import EncryptionOutputs
from .config.platforms import Encryption
from .config.resolved import Resolved

if TYPE_CHECKING:
    import pulumi


class SharedStack:
    """The exports of the shared stack; the reference is made when the first of them is asked for."""

    def __init__(self, resolved: Resolved) -> None:
        self._resolved = resolved
        self._reference: pulumi.StackReference | None = None

    @property
    def ci_principal(self) -> pulumi.Output[str] | None:
        """The principal of CI's identity for this environment, where a repository is federated."""
        federated = self._resolved.config.identity.federation is not None
        return self._output(f"ci_principal_{self._resolved.environment}") if federated else None

    @property
    def hub_network_id(self) -> pulumi.Output[str] | None:
        """The hub's network, where there is one."""
        return self._output("hub_network_id") if self._resolved.config.network.hub is not None else None

    @property
    def encryption(self) -> EncryptionOutputs | None:
        """The key, made in the shared stack or brought along."""
        section = self._resolved.config.encryption
        if section is None or section.key is not None:
            return brought_along(section)
        return EncryptionOutputs(key_id=self._output("encryption_key_id"), vault_id=self._output("encryption_vault_id"))

    def _output(self, name: str) -> pulumi.Output[str]:
        import pulumi

        if self._reference is None:
            organization = self._resolved.config.state.organization or "organization"
            self._reference = pulumi.StackReference(
                SHARED, stack_name=f"{organization}/{pulumi.get_project()}/{SHARED}"
            )
        return self._reference.require_output(name)


def brought_along(section: Encryption | None) -> EncryptionOutputs | None:
    """The key that the config names, or None."""
    if section is None or section.key is None:
        return None
    return EncryptionOutputs(key_id=section.key, vault_id=section.vault or "")
