"""Vault's transit engine, as its HTTP API is published: it encrypts and decrypts with a key that never leaves it."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from ..store import Store
from .http import Answer, RefusedError, Request, Service

TOKEN = "stand-in-token"
_PREFIX = "vault:v1:"
_PASSES = bytes.maketrans(bytes(range(256)), bytes(range(255, -1, -1)))


class Vault(Service):
    """One key, ``state``. ``allowed`` is what the caller's token may do with it."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.allowed = {"encrypt", "decrypt"}

    @property
    def environment(self) -> Mapping[str, str]:
        """What the engine's client of Vault reads."""
        return {"VAULT_ADDR": f"http://127.0.0.1:{self.port}", "VAULT_TOKEN": TOKEN}

    def answer(self, request: Request) -> Answer:
        """The service's own answer. Raises RefusedError."""
        _, version, engine, doing, key = request.path.split("/")
        known = (version, engine, key) == ("v1", "transit", "state")
        signed_in = request.headers.get("x-vault-token") == TOKEN
        if not known or not signed_in or doing not in self.allowed or request.method not in ("PUT", "POST"):
            raise RefusedError(Answer(status=403, body={"errors": ["1 error occurred:\n\t* permission denied\n\n"]}))
        if doing == "encrypt":
            hidden = base64.b64decode(request.body["plaintext"], validate=True).translate(_PASSES)
            return Answer(body={"data": {"ciphertext": _PREFIX + base64.b64encode(hidden).decode()}})
        hidden = base64.b64decode(request.body["ciphertext"].removeprefix(_PREFIX), validate=True)
        return Answer(body={"data": {"plaintext": base64.b64encode(hidden.translate(_PASSES)).decode()}})
