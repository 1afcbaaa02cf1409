"""How Vertex AI's own machines enter the stack's network: by an attachment, or by peering."""

from __future__ import annotations

from typing import Any

import pulumi

from ..contract.context import Context
from ..contract.foundation import FoundationOutputs
from ..contract.network import NetworkOutputs
from . import agents


def interface(network: NetworkOutputs) -> Any:
    """The interface into the network, for jobs and computes; None without an attachment."""
    return None if network.attachment_id is None else {"network_attachment": network.attachment_id}


def peered(context: Context, foundation: FoundationOutputs, network: NetworkOutputs) -> pulumi.Output[str] | None:
    """The network that is peered, in the form that Vertex AI takes: with the project's number; None without peering."""
    if network.connection != "peering" or network.network_id is None:
        return None
    name = pulumi.Output.from_input(network.network_id).apply(lambda path: path.rpartition("/")[2])
    return pulumi.Output.concat("projects/", agents.project_number(context, foundation), "/global/networks/", name)
