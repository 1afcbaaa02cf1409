"""The base of every cloud component: its type, its name, its children, its outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pulumi

from .context import AfterUp, Context


class Component(pulumi.ComponentResource):
    """A capability as one component; a subclass names its platform and makes its children in ``__init__``.

    The Pulumi type is ``groundplan:<platform>:<Class>``. Children are named ``<component's name>-<what>``,
    have the component as parent and merge its options (provider, protect).
    """

    platform: ClassVar[str]

    def __init__(self, name: str, context: Context, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"groundplan:{self.platform}:{type(self).__name__}", name, {}, opts)
        self.name = name
        self.context = context
        self.steps: tuple[AfterUp, ...] = ()

    def child(self, *, stateful: bool = False, **options: Any) -> pulumi.ResourceOptions:
        """The options of a child; a stateful one is protected in production."""
        if stateful and self.context.protects:
            options.setdefault("protect", True)
        return pulumi.ResourceOptions(parent=self, **options)

    def done(self, outputs: Mapping[str, Any]) -> None:
        """Register the outputs; the last thing a component does."""
        self.register_outputs(dict(outputs))
