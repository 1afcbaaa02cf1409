"""Secrets: references to them, values that look like one, and how text is shown without them."""

from __future__ import annotations

import math
import os
import re
from collections import Counter

from ...core.errors import ConfigError

REFERENCE = re.compile(r"\$\{(?P<store>env|vault):(?P<name>[A-Za-z_][A-Za-z0-9_-]*)\}")
MASK = "***"

_KNOWN: tuple[tuple[str, str], ...] = (
    ("an AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})"),
    ("a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|https://hooks\.slack\.com/services/\S+"),
    ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}|\bya29\.[A-Za-z0-9_-]{20,}|\bGOCSPX-[A-Za-z0-9_-]{20,}"),
    ("an OpenAI key", r"\bsk-(?:proj-|svcacct-|ant-)?[A-Za-z0-9_-]{20,}"),
    ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}"),
    ("an Azure account key", r"(?i)\b(?:AccountKey|SharedAccessKey|SharedAccessSignature)=[^;\s]{10,}"),
    ("an Azure signature", r"(?i)[?&]sig=[A-Za-z0-9%+/]{20,}"),
    ("an Azure client secret", r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}"),
    ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*"),
    ("a JSON web token", r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    ("a connection string with a password", r"\b[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s:/@]{0,100}:(?!\$\{)[^\s@/]+@"),
    ("a password", r"(?i)(?<![\w-])(?:pwd|password)=(?!\$\{|\{)[^;\s]{4,}"),
    (
        "a secret on a command line",
        r"(?i)(?<!\S)--?(?:[a-z0-9]+-)*(?:password|token|secret|api-?key)[= ](?!\$\{|\{|-)\S{4,}",
    ),
)
_PATTERNS = tuple((what, re.compile(pattern)) for what, pattern in _KNOWN)
_SECRET_KEY = re.compile(
    r"(?i)(.*[_-])?(password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key"
    r"|credentials?|connection[_-]?string|(api|access|auth|bearer|refresh|github|gitlab|slack|hf)[_-]?token)|token"
)
_KEY = re.compile(r"(?i)(.*[_-])?(key|secrets?|tokens?|passwords?|auth|sas)")
_ASSIGNMENT = re.compile(
    r"(?i)(?P<key>[\w-]*(?:password|passwd|passphrase|secret|token|api_?key|access_?key|private_?key|credential)[\w-]*"
    r"['\"]?\s*[:=]\s*)(?P<value>(?!\$\{env:|\$\{vault:)[^\s#].*)"
)


def what_it_looks_like(key: str, value: str) -> str | None:
    """What kind of secret the text under this key seems to be, or None."""
    if REFERENCE.fullmatch(value):
        return None
    for what, pattern in _PATTERNS:
        if pattern.search(value):
            return what
    if _SECRET_KEY.fullmatch(key) and value.strip():
        return "a secret"
    if _KEY.fullmatch(key) and _looks_random(value):
        return "a secret"
    return None


def hint_for_steps(variable: str) -> str:
    """How a secret reaches a step: not through the config at all."""
    return f"Remove it, set {variable}, and let the step read {variable} from its environment variables."


def problem_with_reference(value: str) -> str | None:
    """What is wrong with a text that wants to be a reference, or None."""
    if REFERENCE.fullmatch(value) or not ("${env" in value or "${vault" in value or value.startswith("${")):
        return None
    return "a reference is the whole value, such as ${env:NAME} or ${vault:NAME}"


def masked(text: str) -> str:
    """The text with every known kind of secret hidden."""
    for _, pattern in _PATTERNS:
        text = pattern.sub(MASK, text)
    return text


def masked_line(line: str) -> str:
    """A line of a config with everything hidden that is or may be a secret; for excerpts."""
    return _ASSIGNMENT.sub(lambda found: f"{found['key']}{MASK}", masked(line))


def value_of(reference: str, *, where: str) -> str:
    """The secret that a reference names, looked up now. Raises ConfigError that names the reference, never a value."""
    found = REFERENCE.fullmatch(reference)
    if found is None:
        raise ConfigError(
            "a secret must be a reference, not a value", where=where, hint="Write ${env:NAME} and set NAME."
        )
    if found["store"] == "vault":
        raise ConfigError(
            f"{reference} cannot be read: a vault is not available on the laptop yet",
            where=where,
            hint=f"Use ${{env:{found['name']}}} in the environments that run on the laptop.",
        )
    value = os.environ.get(found["name"])
    if not value:
        state = "not set" if value is None else "empty"
        raise ConfigError(
            f"{reference}: the environment variable {found['name']} is {state}",
            where=where,
            hint=f"Set {found['name']} and run the command again.",
        )
    return value


def _looks_random(value: str) -> bool:
    if len(value) < 16 or re.search(r"[\s/{}]", value):
        return False
    counts = Counter(value)
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())
    return entropy > 3.3 and any(c.isdigit() for c in value)
