"""Google environments that several tests look at, each made once under Pulumi's mocks."""

from __future__ import annotations

import pytest
from groundplan.modules.contract.identity import FederationArguments, Principal

import google_stack
from google_stack import Made, Variant


@pytest.fixture(scope="session")
def default() -> Made:
    """An environment of the development tier as groundplan makes it by itself."""
    return google_stack.environment(Variant())


@pytest.fixture(scope="session")
def public() -> Made:
    """An environment that can be reached from the internet, with nothing logged."""
    return google_stack.environment(Variant(public=True, log_requests=False))


@pytest.fixture(scope="session")
def hardened() -> Made:
    """Production: addresses and a key of one's own, a perimeter, two hosts that may be reached, a team and CI."""
    return google_stack.environment(
        Variant(
            context=google_stack.context("prod", "production", billing_account="0A0A0A-1B1B1B-2C2C2C"),
            address_space="10.20.0.0/16",
            perimeter=True,
            allowed_outbound=("pypi.org", "files.pythonhosted.org"),
            encrypted=True,
            team={
                "ml-engineer": (Principal(kind="group", id="ml@example.com"),),
                "devops-engineer": (Principal(kind="user", id="o'hara@example.com"),),
                "business-stakeholder": (Principal(kind="group", id="business@example.com"),),
            },
            ci=google_stack.CI,
        )
    )


@pytest.fixture(scope="session")
def joined() -> Made:
    """An environment with peered services whose network joins the hub; the config says no project number."""
    return google_stack.environment(
        Variant(
            context=google_stack.context(number=""),
            address_space="10.1.0.0/24",
            connection="peering",
            hub=google_stack.HUB,
            encrypted=True,
        )
    )


@pytest.fixture(scope="session")
def shared() -> Made:
    """The shared stack: key, hub, CI's identity for GitHub."""
    federation = FederationArguments(
        provider="github",
        repository="acme/churn",
        repository_id="4711",
        branch="main",
        environments=("shared", "dev", "prod"),
    )
    return google_stack.shared(federation, hub="10.0.0.0/22")
