"""An HTTP service of a stand-in cloud: decodes, answers, breaks to order; its operations take a few requests."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from ..store import Store

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What arrived: ``path`` without its query, as it was sent; ``body`` is decoded where it is JSON.

    ``parameters`` are those of the query in order, for names that come more than once.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    content: bytes = b""
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def host(self) -> str:
        """Whom the caller meant, without the port."""
        return self.headers.get("host", "").partition(":")[0]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is sent back: ``body`` as JSON, or ``content`` as it is."""

    body: Any = None
    content: bytes | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class RefusedError(Exception):
    """The service says no, with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.body))
        self.answer = answer


@dataclass(kw_only=True)
class Strike:
    """What goes wrong with ``times`` requests of ``method`` whose path holds ``path``, once ``after`` of them passed.

    ``answer`` is sent in the place of the service's own; ``reset`` drops the connection, ``cut`` ends it in the middle
    of the answer. With ``done`` the service does the work before that.
    """

    kind: Literal["answer", "reset", "cut"] = "answer"
    method: str = ""
    path: str = ""
    times: int = 1
    after: int = 0
    done: bool = False
    status: int = 500
    body: Any = None
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def ordered(self) -> Answer:
        """The answer that takes the place of the service's own."""
        return Answer(body=self.body, content=self.content, status=self.status, headers=self.headers)

    def meets(self, request: Request) -> bool:
        """Whether it strikes this request; counts it."""
        if self.times <= 0 or self.method not in ("", request.method) or self.path not in request.path:
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True


@dataclass(kw_only=True)
class Operation:
    """Work that goes on for some requests; ``act`` is what it does in the end, ``fail`` where it ends in ``error``."""

    left: float
    act: Callable[[], None]
    about: str = ""
    error: Json | None = None
    fail: Callable[[], None] | None = None

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.left <= 0


class Service:
    """A service on a free port. ``requests`` are those that arrived, ``strikes`` what is ordered to go wrong.

    ``patience`` is the number of requests that an operation takes; infinity never ends. ``meanwhile`` is told of each
    request before it is answered: what somebody else does at that moment.
    """

    def __init__(self, store: Store, *, tls: ssl.SSLContext | None = None) -> None:
        self.store = store
        self.requests: list[tuple[str, str]] = []
        self.strikes: list[Strike] = []
        self.operations: dict[str, Operation] = {}
        self.patience: float = 3
        self.late_error: Json | None = None
        self.meanwhile: Callable[[Request], None] | None = None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def environment(self) -> Mapping[str, str]:
        """What a caller needs in its environment to be signed in and to find the service."""
        raise NotImplementedError

    def strike(self, **order: Any) -> None:
        """Order a fault: see ``Strike``."""
        self.strikes.append(Strike(**order))

    def asked(self, method: str, ending: str = "") -> int:
        """How many requests of a method arrived whose path ends so."""
        return sum(1 for one, path in self.requests if one == method and path.endswith(ending))

    def begin(
        self, name: str, about: str, act: Callable[[], None], fail: Callable[[], None] | None = None
    ) -> Operation:
        """Begin an operation under this name."""
        made = Operation(left=self.patience, act=act, about=about, error=self.late_error, fail=fail)
        self.operations[name] = made
        return made

    def busy(self, about: str) -> bool:
        """Whether an operation on this resource goes on."""
        return any(one.about == about and not one.done for one in self.operations.values())

    def answer(self, request: Request) -> Answer:
        """The service's own answer. Raises RefusedError."""
        raise NotImplementedError

    def memory(self) -> Callable[[], None]:
        """What the service knows now, as what puts that back; a service adds what it alone keeps."""
        content = self.store.path.read_bytes()
        operations = {name: replace(one) for name, one in self.operations.items()}

        def put_back() -> None:
            self.store.path.write_bytes(content)
            self.operations = {name: replace(one) for name, one in operations.items()}

        return put_back

    def handle(self, request: Request) -> tuple[Answer, Strike | None]:
        """The answer, and what goes wrong on the way; requests are worked on one after the other."""
        with self._lock:
            self.requests.append((request.method, request.path))
            self._go_on()
            if self.meanwhile is not None:
                self.meanwhile(request)
            struck = next((one for one in self.strikes if one.meets(request)), None)
            if struck is not None and not struck.done:
                return struck.ordered, struck
            try:
                answer = self.answer(request)
            except RefusedError as refusal:
                answer = refusal.answer
            if struck is not None and struck.kind == "answer":
                answer = struck.ordered
            return answer, struck

    def _go_on(self) -> None:
        for one in self.operations.values():
            if not one.done:
                one.left -= 1
                end = one.act if one.error is None else one.fail
                if one.done and end is not None:
                    end()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do(self) -> None:
                address = urlsplit(self.path)
                content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parameters = tuple(parse_qsl(address.query, keep_blank_values=True))
                request = Request(
                    method=self.command, path=address.path, query=dict(parameters), parameters=parameters,
                    headers={name.lower(): value for name, value in self.headers.items()},
                    body=json.loads(content) if content and self._sends_json() else None, content=content,
                )  # fmt: skip
                answer, struck = service.handle(request)
                self.send(answer, struck.kind if struck else "answer")

            def _sends_json(self) -> bool:
                return "json" in (self.headers.get("Content-Type") or "json")

            do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do  # noqa: N815 http.server's names

            def send(self, answer: Answer, kind: str) -> None:
                if kind == "reset":
                    linger = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    self.close_connection = True
                    self.connection.close()
                    return
                content = answer.content
                if content is None:
                    content = b"" if answer.body is None else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                if answer.content is None:
                    self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                content = b"" if self.command == "HEAD" else content
                self.wfile.write(content[: len(content) // 2] if kind == "cut" else content)
                self.close_connection = self.close_connection or kind == "cut"

            def log_message(self, format: str, *args: Any) -> None:
                del format, args

        return Handler
