"""Azure environments that several tests look at, each made once under Pulumi's mocks."""

from __future__ import annotations

import pytest
from groundplan.modules.contract.identity import FederationArguments

import azure_stack
import pulumi_kit


@pytest.fixture(scope="session")
def default() -> azure_stack.Made:
    """An environment of the development tier as groundplan makes it by itself: private, in a managed network."""
    return pulumi_kit.by_name(azure_stack.environment(azure_stack.Variant()))


@pytest.fixture(scope="session")
def public() -> azure_stack.Made:
    """An environment that can be reached from the internet."""
    return pulumi_kit.by_name(azure_stack.environment(azure_stack.Variant(public=True, log_requests=False)))


@pytest.fixture(scope="session")
def hardened() -> azure_stack.Made:
    """Production: a network of one's own, a key of one's own, two hosts that may be reached, a team and CI."""
    return pulumi_kit.by_name(azure_stack.environment(azure_stack.HARDENED))


@pytest.fixture(scope="session")
def joined() -> azure_stack.Made:
    """An environment whose network joins the hub."""
    return pulumi_kit.by_name(
        azure_stack.environment(azure_stack.Variant(address_space="10.1.0.0/24", hub=azure_stack.HUB))
    )


@pytest.fixture(scope="session")
def shared() -> azure_stack.Made:
    """The shared stack: key, hub, CI's identity for GitHub."""
    federation = FederationArguments(
        provider="github", repository="example/churn", branch="main", environments=("shared", "dev", "prod")
    )
    return pulumi_kit.by_name(azure_stack.shared(federation, hub="10.0.0.0/22"))
