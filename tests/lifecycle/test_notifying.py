"""Notifications against real HTTP and SMTP servers on loopback: tries, time limits, and no secret in what is said.

Not proved: what Slack's and real mail servers say beyond the published formats.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from groundplan.core.errors import UsageError
from groundplan.lifecycle.local.monitoring.notifying import Channel, MailChannel, Message, WebhookChannel, deliver

from endpoint_kit import free_port
from message_servers import MailServer, WebServer

MESSAGE = Message(subject="groundplan: churn v1: drift of <age>", text="age & plan moved", data={"version": 1})
SECRET = "xoxb-very-secret"


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


def told(channel: Channel, *, attempts: int = 3, seconds: float = 5.0) -> list[str]:
    return deliver([channel], MESSAGE, seconds=seconds, attempts=attempts, sleep=lambda seconds: None)


def hook(web: WebServer, **values: str) -> WebhookChannel:
    return WebhookChannel(url=f"{web.url}/services/{SECRET}", **values)  # type: ignore[arg-type]


def test_a_webhook_gets_the_report_as_json_and_its_token(web: WebServer) -> None:
    assert told(hook(web, token=SECRET)) == []

    (request,) = web.requests
    assert (request.path, request.headers["Authorization"]) == (f"/services/{SECRET}", f"Bearer {SECRET}")
    assert (request.headers["Content-Type"], json.loads(request.body)) == ("application/json", {"version": 1})


def test_a_slack_message_escapes_what_slack_would_read_as_markup(web: WebServer) -> None:
    assert told(hook(web, kind="slack")) == []

    assert json.loads(web.requests[0].body) == {
        "text": "*groundplan: churn v1: drift of &lt;age&gt;*\nage &amp; plan moved"
    }


def test_a_server_that_is_busy_is_tried_again(web: WebServer) -> None:
    web.answers = [503, 429, 200]

    assert (told(hook(web)), len(web.requests)) == ([], 3)


@pytest.mark.parametrize(("status", "tries"), [(500, 3), (404, 1), (302, 1)])
def test_what_was_not_told_says_why_and_no_secret(web: WebServer, status: int, tries: int) -> None:
    web.answers = [status] * 3

    (problem,) = told(hook(web, token=SECRET))

    said = f"after {tries} tr{'y' if tries == 1 else 'ies'}"
    assert problem == f"the webhook at 127.0.0.1 was not told: it answered {status}, {said}"
    assert (len(web.requests), SECRET in problem) == (tries, False)


def test_a_webhook_that_hangs_or_drips_is_left_behind(web: WebServer) -> None:
    for web.behaviour in ("hangs", "drips"):
        began = time.monotonic()
        (problem,) = told(hook(web), attempts=1, seconds=0.3)
        assert time.monotonic() - began < 60
        assert "no answer" in problem
        assert SECRET not in problem


def test_nobody_listening_is_said_without_the_address() -> None:
    (problem,) = told(WebhookChannel(url=f"http://127.0.0.1:{free_port()}/{SECRET}"))

    assert problem == "the webhook at 127.0.0.1 was not told: connection refused, after 3 tries"


@pytest.mark.parametrize("url", ["", f"file:///etc/{SECRET}", f"ftp://host/{SECRET}", f"http://[{SECRET}", f"https:///{SECRET}"])  # fmt: skip  # noqa: E501
def test_what_is_no_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        WebhookChannel(url=url)

    assert SECRET not in f"{caught.value}{caught.value.hint}"


def test_secrets_are_not_in_what_a_channel_shows_of_itself(web: WebServer) -> None:
    sending = MailChannel(host="mail.test", port=25, sender="a@b.test", recipients=["c@d.test"], password=SECRET)

    assert SECRET not in f"{hook(web, token=SECRET)!r}{sending!r}"


def sending(mail: MailServer, **values: str) -> MailChannel:
    return MailChannel(host="127.0.0.1", port=mail.port, sender="watch@acme.test",
                       recipients=["ada@acme.test", "jo@acme.test"], **{"encryption": "none", **values})  # type: ignore[arg-type]  # fmt: skip


def test_e_mail_reaches_everybody(mail: MailServer) -> None:
    assert told(sending(mail)) == []

    (message,) = mail.messages
    assert message.recipients == ["ada@acme.test", "jo@acme.test"]
    assert (message.mail["Subject"], message.mail["From"]) == (MESSAGE.subject, "watch@acme.test")
    assert message.mail.get_payload().strip() == MESSAGE.text  # type: ignore[union-attr]


def test_e_mail_signs_in_and_a_refusal_holds_no_password(mail: MailServer) -> None:
    mail.password = SECRET

    assert told(sending(mail, user="watch", password=SECRET)) == []
    (problem,) = told(sending(mail, user="watch", password=f"{SECRET}-old"))

    server = f"e-mail through 127.0.0.1:{mail.port}"
    assert problem == f"{server} was not told: the server refused the user or the password, after 1 try"


def test_e_mail_is_never_sent_in_the_clear_where_encryption_is_asked_for(mail: MailServer) -> None:
    (problem,) = told(sending(mail, encryption="starttls"), attempts=1)

    assert ("was not told" in problem, mail.messages) == (True, [])


def test_a_greylisting_server_is_tried_again(mail: MailServer) -> None:
    mail.greylists = 1

    assert (told(sending(mail)), len(mail.messages)) == ([], 1)
