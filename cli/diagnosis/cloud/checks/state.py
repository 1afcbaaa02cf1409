"""The place of the state that a team shares."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from .....lifecycle.contract.account import Asked
from .....stacks.engine.workspace import place_of
from ...diagnosis import Diagnosis
from ..reaching import reach
from ..view import View

_OBJECTS = ("storage.objects.create", "storage.objects.delete", "storage.objects.get", "storage.objects.list")
_WRONG = "Look at state.backend in groundplan.yaml, and at firewall, proxy (HTTPS_PROXY, NO_PROXY) and DNS."


def look(view: View) -> Diagnosis:
    """Whether it is reached from here, and whether you may write there, as far as that can be asked."""
    backend = place_of(view.config.config.state.backend or "")
    if not backend:
        return Diagnosis(state="ok", found="on this machine alone: see backend")
    if backend.startswith("file://"):
        return _folder(Path(unquote(urlsplit(backend).path)))
    if backend.startswith("gs://") and view.config.config.platform == "vertex":
        return _bucket(view, f"gs://{urlsplit(backend).netloc}")
    url = address(backend, os.environ)
    if not url:
        return Diagnosis(
            state="unknown", found=f"{backend} does not say which server that is", needed="a place that answers",
            fix="groundplan outputs asks the engine for it.",
        )  # fmt: skip
    reached = reach(url, seconds=view.seconds)
    return Diagnosis(
        state="ok" if reached.answered else "bad", found=f"{reached.text}{_RIGHTS if reached.answered else ''}",
        needed="a place that answers", fix="" if reached.answered else _WRONG,
    )  # fmt: skip


_RIGHTS = "; whether you may read and write there only the engine finds out"


def address(backend: str, environment: Mapping[str, str]) -> str:
    """The server behind the URL of a backend, as the engine works it out; "" where nothing says it."""
    parts = urlsplit(backend)
    options = {**dict(parse_qsl(parts.query))}
    match parts.scheme:
        case "http" | "https":
            return f"{parts.scheme}://{parts.netloc}"
        case "gs":
            return "https://storage.googleapis.com"
        case "azblob":
            account = options.get("storage_account") or environment.get("AZURE_STORAGE_ACCOUNT", "")
            domain = options.get("domain") or environment.get("AZURE_STORAGE_DOMAIN", "blob.core.windows.net")
            return f"https://{account}.{domain}" if account else ""
        case "s3":
            return _of_s3(options, environment)
        case _:
            return ""


def _of_s3(options: Mapping[str, str], environment: Mapping[str, str]) -> str:
    given = options.get("endpoint") or environment.get("AWS_ENDPOINT_URL_S3") or environment.get("AWS_ENDPOINT_URL", "")
    if given:
        plain = options.get("disableSSL") == "true" or options.get("disable_https") == "true"
        return given if "://" in given else f"{'http' if plain else 'https'}://{given}"
    region = options.get("region") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION", "")
    return f"https://s3.{region}.amazonaws.com" if region else "https://s3.amazonaws.com"


def _folder(path: Path) -> Diagnosis:
    needed = "a folder that can be written"
    if path.is_dir() and os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return Diagnosis(state="ok", found=f"{path} is there and can be written", needed=needed)
    wrong = "cannot be written" if path.is_dir() else "is not there"
    return Diagnosis(state="bad", found=f"{path} {wrong}", needed=needed, fix="Look at state.backend, or mount it.")


def _bucket(view: View, bucket: str) -> Diagnosis:
    held = view.account.held(bucket, [Asked(name=one) for one in _OBJECTS])
    needed = f"{', '.join(_OBJECTS)} on {bucket}"
    if held.scope != bucket:
        return Diagnosis(
            state="bad", found=f"there is no bucket {bucket}, or you may not see it", needed=needed,
            fix=f"gcloud storage buckets create {bucket}, or name another one in groundplan.yaml (state.backend).",
        )  # fmt: skip
    if held.lacking:
        return Diagnosis(
            state="bad", found=f"lacking: {', '.join(held.lacking)}", needed=needed,
            fix=view.remedies.grant("roles/storage.objectUser", bucket, view.account.caller()),
        )  # fmt: skip
    return Diagnosis(state="ok", found=f"{bucket} is there, and you may read and write its objects", needed=needed)
