"""Whether a server is reached: real servers on the loopback; what a name stands for is said to the test's order.

What it cannot prove: a private network of a cloud.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Generator

import pytest
from groundplan.cli.diagnosis.cloud import reaching
from groundplan.cli.diagnosis.cloud.checks.endpoints import judged
from groundplan.cli.diagnosis.cloud.reaching import Reached, reach

from stand_in import Store
from stand_in.services import AzureMLService

PUBLIC, PRIVATE, NOWHERE = ["20.50.2.3"], ["10.1.0.4"], list[str]()
Resolves = Callable[[list[str]], None]


@pytest.fixture
def resolves(monkeypatch: pytest.MonkeyPatch) -> Resolves:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)

    def order(addresses: list[str]) -> None:
        def known(_: str) -> list[str]:
            return addresses

        monkeypatch.setattr(reaching, "addresses", known)

    return order


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Generator[AzureMLService]:
    folder = tmp_path_factory.mktemp("cloud")
    with AzureMLService(Store(folder), folder) as running:
        yield running


def url(service: AzureMLService) -> str:
    return f"{service.address}/score"


def test_any_answer_is_an_answer_and_no_token_is_sent(
    service: AzureMLService, resolves: Resolves, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", service.environment["REQUESTS_CA_BUNDLE"])
    resolves(PUBLIC)
    service.requests.clear()

    found = reach(url(service), seconds=60)

    text = "answers (HTTP 401) at localhost, a public address (20.50.2.3)"
    assert found == Reached(answered=True, is_public=True, text=text)
    assert service.requests == [("GET", "/")]


def test_a_certificate_that_is_not_trusted_is_no_answer(service: AzureMLService, resolves: Resolves) -> None:
    resolves(PRIVATE)

    found = reach(url(service), seconds=60)

    assert (found.answered, found.text.startswith("shows a certificate that is not trusted")) == (False, True)


def test_nobody_who_listens_is_no_answer(resolves: Resolves) -> None:
    resolves(PRIVATE)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        found = reach(f"http://127.0.0.1:{nobody.getsockname()[1]}/", seconds=60)

    assert (found.answered, found.text.startswith("is not reached at 127.0.0.1, a private address (10.1.0.4)")) == (
        False, True,
    )  # fmt: skip


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_that(resolves: Resolves) -> None:
    resolves(PRIVATE)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        found = reach(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.5)

    assert found.text == "does not answer in 0.4 s at 127.0.0.1, a private address (10.1.0.4)"


def test_a_name_that_nobody_knows_is_said(resolves: Resolves) -> None:
    resolves(NOWHERE)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        found = reach(f"http://127.0.0.1:{nobody.getsockname()[1]}/", seconds=60)

    assert "127.0.0.1, a name that this machine does not know" in found.text
    assert found.is_public is False


@pytest.mark.parametrize(
    ("answered", "public", "private", "state"),
    [
        (True, True, False, "ok"),
        (True, False, False, "ok"),
        (True, False, True, "ok"),
        (True, True, True, "warn"),
        (False, True, True, "warn"),
        (False, False, True, "warn"),
        (False, True, False, "bad"),
    ],
)
def test_what_is_expected_of_an_endpoint_depends_on_the_network(
    answered: bool, public: bool, private: bool, state: str
) -> None:
    found = judged(Reached(answered=answered, is_public=public, text="found"), private=private)

    assert (found.state, bool(found.fix)) == (state, state != "ok")


def test_names_are_looked_up_by_this_machine() -> None:
    assert reaching.addresses("127.0.0.1") == ["127.0.0.1"]
    assert reaching.addresses("no-such-host.invalid") == []
