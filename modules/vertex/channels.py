"""Who is told: notification channels for e-mail addresses."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
from pulumi_gcp import monitoring

from ..contract.component import Component
from . import names
from .labels import labels


def emails(
    component: Component, contacts: Sequence[str], ready: Sequence[pulumi.Resource]
) -> tuple[monitoring.NotificationChannel, ...]:
    """A channel for each address, in the order given; an address given twice has one."""
    return tuple(_email(component, address, ready) for address in dict.fromkeys(contacts))


def _email(component: Component, address: str, ready: Sequence[pulumi.Resource]) -> monitoring.NotificationChannel:
    return monitoring.NotificationChannel(
        f"{component.name}-email-{names.token(address)}",
        project=component.context.account.project,
        type="email",
        display_name=f"{component.context.project} {component.context.environment}: {address}",
        labels={"email_address": address},
        user_labels=labels(component.context),
        enabled=True,
        opts=component.child(depends_on=list(ready)),
    )
