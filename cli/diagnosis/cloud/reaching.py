"""Whether a server is reached from here: what its name stands for, and whether it answers to HTTP."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from ....core.extras import load

_SHARE = 0.4
"""The part of the time that connecting and reading may take each."""


@dataclass(frozen=True, kw_only=True)
class Reached:
    """What became of it; ``text`` says it. ``is_public``: the name stands for an address of the internet."""

    answered: bool
    is_public: bool
    text: str


def reach(url: str, *, seconds: float) -> Reached:
    """Ask a server for its root, as the SDKs would (proxies, certificates), without a token; any answer will do."""
    host = urlsplit(url).hostname or ""
    known = addresses(host)
    public = any(not ipaddress.ip_address(one.partition("%")[0]).is_private for one in known)
    kind = "a public address" if public else "a private address"
    where = f"{host}, {kind} ({known[0]})" if known else f"{host}, a name that this machine does not know"
    requests = load("requests")
    limits = (seconds * _SHARE, seconds * _SHARE)
    try:
        root = f"{url.partition('://')[0]}://{urlsplit(url).netloc}/"
        with requests.get(root, timeout=limits, allow_redirects=False, stream=True) as answer:
            text = f"answers (HTTP {answer.status_code}) at {where}"
        return Reached(answered=True, is_public=public, text=text)
    except requests.exceptions.SSLError as error:
        return Reached(answered=False, is_public=public, text=f"shows a certificate that is not trusted: {_why(error)}")
    except requests.exceptions.Timeout:
        return Reached(answered=False, is_public=public, text=f"does not answer in {sum(limits):g} s at {where}")
    except requests.exceptions.RequestException as error:
        return Reached(answered=False, is_public=public, text=f"is not reached at {where}: {_why(error)}")


def addresses(host: str) -> list[str]:
    """What a name stands for, as this machine knows it; nothing for a name that it does not know."""
    try:
        return list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)))
    except OSError:
        return []


def _why(error: Exception) -> str:
    """The innermost reason, on one line."""
    reason: object = error.args[0] if error.args else error
    while (inner := getattr(reason, "reason", None)) is not None:
        reason = inner
    return " ".join(str(reason).split())[:200]
