"""Secrets in plans: marked ones, ones inside other text, ones that only look like one. Nothing tells what they were.

A secret that a program turns into something else (a hash, a part of it) without marking that is not found.
"""

from __future__ import annotations

import base64
import hashlib
import json
from urllib.parse import quote

import pytest
from groundplan.modules.contract.planned import Secret
from groundplan.stacks.planning.encoding import value_encoded
from groundplan.stacks.planning.reading import Hidden
from groundplan.stacks.planning.redaction import redacted

from planning_kit import resource

CANARY = 'c@nary"7f3a/91'


def shown(*, hidden: object, **properties: object) -> dict[str, object]:
    (one,), _ = redacted([resource("toy", properties={"hidden": Hidden(value=hidden), **properties})], {})
    return dict(one.properties)


@pytest.mark.parametrize(
    "form",
    [
        CANARY,
        f"postgres://user:{CANARY}@db",
        json.dumps({"password": CANARY}),
        quote(CANARY, safe=""),
        base64.b64encode(CANARY.encode()).decode(),
    ],
)
def test_a_secret_inside_other_text_is_hidden_too(form: str) -> None:
    found = shown(hidden=CANARY, other=form, deep=[{"er": [form]}], open="nothing to see")

    assert isinstance(found["other"], Secret)
    assert "Secret(" in repr(found["deep"])
    assert found["open"] == "nothing to see"
    assert form not in json.dumps(value_encoded(found))


def test_the_digest_tells_a_change_and_not_the_value() -> None:
    first, same, other = (shown(hidden=value)["hidden"] for value in ("hunter2!", "hunter2!", "hunter3!"))

    assert (first == same, first == other) == (True, False)
    assert isinstance(first, Secret)
    assert first.digest not in {hash_(b"hunter2!").hexdigest() for hash_ in (hashlib.md5, hashlib.sha1, hashlib.sha256)}


def test_one_password_in_two_places_has_two_digests() -> None:
    resources = [resource(name, properties={"password": Hidden(value="hunter2!")}) for name in ("a", "b")]

    (a, b), _ = redacted(resources, {})

    assert a.properties["password"] != b.properties["password"]


@pytest.mark.parametrize(
    ("name", "value", "hides"),
    [
        ("connection", "DefaultEndpointsProtocol=https;AccountKey=abcdefghijklmnop", True),
        ("accountKey", "0123456789abcdefABCDEF==", True),
        ("account_key", "anything", True),
        ("clientSecret", "anything", False),
        ("location", "westeurope", False),
        ("role", "roles/storage.objectViewer", False),
    ],
)
def test_what_looks_like_a_credential_is_hidden_without_a_mark(name: str, value: str, hides: bool) -> None:
    assert isinstance(shown(hidden="", **{name: value})[name], Secret) == hides


def test_a_short_secret_is_not_looked_for_in_other_text() -> None:
    assert shown(hidden="eu", location="westeurope")["location"] == "westeurope"


def test_exports_are_cleaned_as_well() -> None:
    _, outputs = redacted([], {"url": f"https://{CANARY}", "password": Hidden(value=CANARY)})

    assert [type(value) for value in outputs.values()] == [Secret, Secret]
