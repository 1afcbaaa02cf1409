"""The connection between a stack's program and the engine's monitor: a port that was another engine's, and one that
breaks.

The engine and its monitor are real; between both stands a relay. Why a connection on one machine would break is not
shown.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
import pytest
from groundplan.stacks.engine.errors import EngineConnectionError
from pulumi.runtime import Settings
from pulumi.runtime.proto import resource_pb2

import toy_cloud
from monitor_relay import MonitorRelay


@pytest.mark.usefixtures("cloud")
def test_an_engine_on_the_port_of_one_that_is_gone_is_reached_at_once(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MonitorRelay() as relay:
        gone: Any = Settings(project="toy", stack="shared", monitor=relay.address)
        with pytest.raises(grpc.RpcError):
            gone.monitor.SupportsFeature(resource_pb2.SupportsFeatureRequest(id="secrets"))
        relay.stand_between(monkeypatch)

        outcome = toy_cloud.driver(root).preview("shared", toy_cloud.program(root, "shared"))

        assert (outcome.error, relay.starts) == (None, 1)


@pytest.mark.usefixtures("cloud")
def test_a_preview_that_lost_its_engine_is_run_once_more_and_says_so(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = toy_cloud.program(root, "shared")
    with MonitorRelay() as relay:
        relay.stand_between(monkeypatch)

        def program() -> None:
            whole()
            if relay.starts == 1:
                relay.shut()

        engine = toy_cloud.driver(root)
        outcome = engine.preview("shared", program)

        assert (outcome.error, relay.starts) == (None, 2)
        assert outcome.counts == {"create": 1}
        assert [one for one in engine.notices if "connection" in one] == [
            "the connection to the engine broke in a preview, which was run once more"
        ]


@pytest.mark.usefixtures("cloud")
def test_a_preview_that_never_reaches_its_engine_is_run_twice_and_no_more(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MonitorRelay() as relay:
        relay.stand_between(monkeypatch)

        outcome = toy_cloud.driver(root).preview("shared", relay.shut)

        assert (type(outcome.error), relay.starts) == (EngineConnectionError, 2)
        assert outcome.error is not None
        assert (outcome.error.code, outcome.error.hint) == ("ENGINE_CONNECTION", "Run it again.")


@pytest.mark.usefixtures("cloud")
def test_an_up_that_lost_its_engine_says_what_is_done_and_the_next_one_converges(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = toy_cloud.driver(root)
    with MonitorRelay() as relay, monkeypatch.context() as patched:
        relay.stand_between(patched)
        broken = engine.up("shared", losing(relay))

        assert (type(broken.error), relay.starts) == (EngineConnectionError, 1)
    after = engine.up("shared", toy_cloud.program(root, "shared"))

    assert broken.error is not None
    assert broken.error.message.startswith("the connection to the engine broke: ")
    assert broken.error.message.endswith("; steps done: 1; steps whose end nobody saw: none")
    assert broken.error.hint == "groundplan up --environment shared goes on from what is done."
    assert (after.error, after.counts) == (None, {"same": 1})


def losing(relay: MonitorRelay) -> Callable[[], None]:
    """A program that loses its engine when its group is there and its outputs are not."""

    def run() -> None:
        import pulumi
        import pulumi_azure_native as azure

        options = pulumi.ResourceOptions(provider=azure.Provider("azure", subscription_id=toy_cloud.SUBSCRIPTION))
        group = azure.resources.ResourceGroup(
            "group", resource_group_name="rg-shared", location="westeurope", opts=options
        )
        pulumi.export("group", group.id.apply(lambda _: relay.shut()))

    return run
