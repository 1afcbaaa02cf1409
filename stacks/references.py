"""What an environment takes from the shared stack: computed where names determine it, by StackReference where not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..modules.contract.context import SHARED, Account, Context
from ..modules.contract.encryption import EncryptionKey
from . import settings
from .config.platforms import Encryption
from .config.resolved import Resolved
from .platforms import module

if TYPE_CHECKING:
    import pulumi


class SharedStack:
    """What the shared stack made for an environment; ``shared`` is that stack's own config.

    Whatever is asked for makes the reference to the stack, so that the engine ends before it makes anything where there
    is no shared stack yet.
    """

    def __init__(self, resolved: Resolved, shared: Resolved) -> None:
        self._resolved = resolved
        self._context: Context = settings.context(shared, SHARED)
        self._reference: pulumi.StackReference | None = None

    @property
    def account(self) -> Account:
        """The account that the shared stack is in."""
        return self._context.account

    @property
    def ci_principal(self) -> pulumi.Input[str] | None:
        """The principal of CI's identity for this environment, where a repository is federated."""
        return self._ci_principal(self._resolved.environment)

    def promoting(self) -> dict[str, pulumi.Input[str]]:
        """In the first environment, the principals of CI by the later ones; elsewhere none."""
        first, *later = self._resolved.environments
        if self._resolved.environment != first:
            return {}
        found = {stack: self._ci_principal(stack) for stack in later}
        return {stack: principal for stack, principal in found.items() if principal is not None}

    def retraining(self) -> pulumi.Input[str] | None:
        """In a later environment whose config says when to train again, the principal of CI of the first one."""
        first, *_ = self._resolved.environments
        asked = self._resolved.config.retraining
        if self._resolved.environment == first or not (
            asked.schedule or asked.on_drift or asked.on_performance or asked.new_rows
        ):
            return None
        return self._ci_principal(first)

    def _ci_principal(self, stack: str) -> pulumi.Input[str] | None:
        if self._resolved.config.identity.federation is None:
            return None
        reference = self._read()
        known: str | None = self._module("identity").ci_principal(self._context, stack)
        return reference.require_output(f"ci_principal_{stack}") if known is None else known

    @property
    def hub_network_id(self) -> str | None:
        """The hub's network, where there is one."""
        if self._resolved.config.network.hub is None:
            return None
        self._read()
        found: str = self._module("network").hub_network_id(self._context)
        return found

    @property
    def encryption(self) -> EncryptionKey | None:
        """The environment's key, made in the shared stack or brought along."""
        section = self._resolved.config.encryption
        if section is None or section.key is not None:
            return brought_along(section)
        reference, stack = self._read(), self._resolved.environment
        known: EncryptionKey = self._module("encryption").encryption_key(self._context, stack)
        if known.version_id:
            return known
        return replace(known, version_id=reference.require_output(f"encryption_key_id_{stack}"))

    def _read(self) -> pulumi.StackReference:
        import pulumi

        if self._reference is None:
            organization = self._resolved.config.state.organization or "organization"
            self._reference = pulumi.StackReference(
                SHARED, stack_name=f"{organization}/{pulumi.get_project()}/{SHARED}"
            )
        return self._reference

    def _module(self, noun: str) -> Any:
        return module(str(self._resolved.config.platform), noun)


def brought_along(section: Encryption | None) -> EncryptionKey | None:
    """The key that the config names, or None."""
    if section is None or section.key is None:
        return None
    return EncryptionKey(key_id=section.key, version_id=section.key, vault_id=section.vault or "")
