"""Delivers messages: webhooks and e-mail, tried again, within a time, and without a secret in what is said of it."""

from __future__ import annotations

import http.client
import json
import smtplib
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

from ....core.errors import GroundplanError, UsageError

_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which another try makes sense."""


class Undelivered(Exception):  # noqa: N818 a word, not an error of groundplan's
    """A try failed; ``again`` says whether another one makes sense."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.again = again


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is told: a line, the whole text, and the report as JSON values."""

    subject: str
    text: str
    data: Mapping[str, object] = field(default_factory=dict[str, object])


class Channel(Protocol):
    """A way to people. Its ``name`` holds no secret."""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        ...

    def send(self, message: Message, seconds: float) -> None:
        """Try once. Raises Undelivered."""
        ...


@dataclass(frozen=True, kw_only=True)
class WebhookChannel:
    """An address that gets JSON with POST. Redirections are not followed: they would carry the token elsewhere."""

    url: str = field(repr=False)
    kind: Literal["json", "slack"] = "json"
    token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raises UsageError for what is no address; the address itself is not shown, it may be a secret."""
        try:
            parts = urlsplit(self.url)
            known = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            known = False
        if not known:
            raise UsageError("a webhook's url is no address that begins with http:// or https://",
                             hint="Look at monitoring.notify.webhooks, and at what its reference holds.")  # fmt: skip

    @property
    def name(self) -> str:
        """The host alone: the rest of the address is a secret as a rule."""
        return f"the webhook at {urlsplit(self.url).hostname}"

    def send(self, message: Message, seconds: float) -> None:
        """Try once. Raises Undelivered."""
        content: Mapping[str, object] = message.data
        if self.kind == "slack":
            content = {"text": f"*{_slack(message.subject)}*\n{_slack(message.text)}"}
        headers = {"Content-Type": "application/json", "User-Agent": "groundplan"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(  # noqa: S310 the scheme was looked at
            self.url, data=json.dumps(content).encode(), headers=headers, method="POST"
        )
        opener = urllib.request.build_opener(_NoRedirects)
        try:
            with opener.open(request, timeout=seconds) as answer:
                answer.read(1)
        except urllib.error.HTTPError as error:
            error.close()
            raise Undelivered(f"it answered {error.code}", again=error.code in _LATER) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Undelivered(_why(error), again=True) from None


@dataclass(frozen=True, kw_only=True)
class MailChannel:
    """E-mail through an SMTP server."""

    host: str
    port: int
    sender: str
    recipients: Sequence[str]
    encryption: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The server."""
        return f"e-mail through {self.host}:{self.port}"

    def send(self, message: Message, seconds: float) -> None:
        """Try once. Raises Undelivered."""
        mail = EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = message.subject, self.sender, ", ".join(self.recipients)
        mail["Date"], mail["Message-ID"] = formatdate(), make_msgid("groundplan", domain=self.sender.rpartition("@")[2])
        mail.set_content(message.text)
        context = self.context or ssl.create_default_context()
        try:
            with self._connected(seconds, context) as server:
                if self.encryption == "starttls":
                    server.starttls(context=context)
                if self.user and self.password:
                    server.login(self.user, self.password)
                server.send_message(mail)
        except smtplib.SMTPAuthenticationError:
            raise Undelivered("the server refused the user or the password", again=False) from None
        except smtplib.SMTPRecipientsRefused as error:
            raise Undelivered(f"the server takes nothing for {', '.join(error.recipients)}", again=False) from None
        except smtplib.SMTPResponseException as error:
            raise Undelivered(f"the server answered {error.smtp_code}", again=error.smtp_code < 500) from None
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(_why(error), again=True) from None

    def _connected(self, seconds: float, context: ssl.SSLContext) -> smtplib.SMTP:
        if self.encryption == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=seconds, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=seconds)


def deliver(
    channels: Sequence[Channel], message: Message, *, seconds: float, attempts: int,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:  # fmt: skip
    """Tell everybody, each tried so often; says of whom it could not be told, and why."""
    return [problem for channel in channels if (problem := _deliver(channel, message, seconds, attempts, sleep))]


def _deliver(channel: Channel, message: Message, seconds: float, attempts: int, sleep: Callable[[float], None]) -> str:
    reason = ""
    for attempt in range(1, attempts + 1):
        failure = _within(seconds, lambda: channel.send(message, seconds))
        if failure is None:
            return ""
        reason = f"{channel.name} was not told: {failure}, after {attempt} tr{'y' if attempt == 1 else 'ies'}"
        if not failure.again:
            break
        if attempt < attempts:
            sleep(min(0.5 * 2**attempt, 30.0))
    return reason


def _within(seconds: float, send: Callable[[], None]) -> Undelivered | None:
    """What one try met. One that takes longer is left behind: a server that drips must not hold the command up."""
    met: list[Undelivered | None] = []

    def attempt() -> None:
        try:
            send()
        except Undelivered as error:
            met.append(error)
        except GroundplanError as error:
            met.append(Undelivered(error.message, again=False))
        else:
            met.append(None)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(seconds)
    return met[0] if met else Undelivered(f"no answer within {seconds:g} s", again=True)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None: the redirection is the answer."""
        return


def _slack(text: str) -> str:
    """Slack's three characters with a meaning, as its format wants them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _why(error: Exception) -> str:
    """An error's kind in words; its text may quote the address."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return "its certificate does not hold"
    if isinstance(reason, TimeoutError):
        return "no answer in time"
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return type(reason).__name__
