"""Servers that take messages in tests: HTTP from the standard library, and SMTP as RFC 5321 has it, for one client."""

from __future__ import annotations

import base64
import email
import socketserver
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class WebServer:
    """Notes each POST and answers with the next of ``answers``, else 200; or hangs, or drips its answer."""

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.answers: list[int] = []
        self.behaviour = "answers"
        self._over = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.requests.append(Received(self.path, dict(self.headers), body))
                if owner.behaviour != "answers":
                    owner._linger(self.wfile)
                    return
                self.send_response(owner.answers.pop(0) if owner.answers else 200)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                del format, args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def _linger(self, stream: Any) -> None:
        deadline = time.monotonic() + 300
        while not self._over.wait(0.05) and time.monotonic() < deadline:
            if self.behaviour == "drips":
                with suppress(OSError):
                    stream.write(b"H")


@dataclass(frozen=True)
class Mailed:
    """A message as it came."""

    recipients: list[str]
    mail: Message


class MailServer:
    """Takes mail in the clear; asks for ``password`` when there is one; refuses for now so often as ``greylists``."""

    def __init__(self) -> None:
        self.messages: list[Mailed] = []
        self.password = ""
        self.greylists = 0
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for answer in owner._talk(iter(self.rfile.readline, b"")):
                    self.wfile.write(f"{answer}\r\n".encode())

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _talk(self, lines: Iterator[bytes]) -> Iterator[str]:
        recipients: list[str] = []
        signed_in = not self.password
        yield "220 mail.test ESMTP"
        for line in lines:
            word, _, rest = line.decode().strip().partition(" ")
            match word.upper():
                case "EHLO":
                    yield "250-mail.test\r\n250 AUTH PLAIN" if self.password else "250 mail.test"
                case "AUTH":
                    given = base64.b64decode(rest.split()[1]).split(b"\0")[2].decode()
                    signed_in = given == self.password
                    yield "235 welcome" if signed_in else "535 no"
                case "MAIL" if not signed_in:
                    yield "530 sign in first"
                case "MAIL" if self.greylists:
                    self.greylists -= 1
                    yield "451 later"
                case "RCPT":
                    recipients.append(rest.partition("<")[2].partition(">")[0])
                    yield "250 ok"
                case "DATA":
                    yield "354 go on"
                    self.messages.append(Mailed(recipients, email.message_from_bytes(_content(lines))))
                    yield "250 taken"
                case "QUIT":
                    yield "221 bye"
                    return
                case "MAIL" | "RSET" | "NOOP":
                    yield "250 ok"
                case _:
                    yield "502 unknown"


def _content(lines: Iterator[bytes]) -> bytes:
    found: list[bytes] = []
    for line in lines:
        if line == b".\r\n":
            break
        found.append(line.removeprefix(b"."))
    return b"".join(found)
