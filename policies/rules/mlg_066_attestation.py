"""What serves in production has a signed attestation that names it.

What: in production ``models.<name>.attestations`` names a file of the project; one of its lines is an in-toto envelope
or a sigstore bundle that is signed and whose subject is the digest of the version that is there, or on its way there.

Why: a digest says that a model did not change; a signature says who vouches for where it came from.

Fix: let CI sign the version after its gate, such as by ``cosign attest-blob --bundle``, and add the bundle as a line
of the file.

Decided: whether the signature is right is for CI to verify, with its own keys and the transparency log; here it is
judged that there is one, and that it is about this very model.
"""

import base64
import binascii
import json
from collections.abc import Iterator

from ..config import ProjectConfig
from ..outcome import Outcome, failed, not_applicable, passed
from ..project import entries, mapping, text
from ..rule import ConfigRule, Example, Facts, Said, Severity
from ..versions import Version, not_at_hand, versions


def _check(config: ProjectConfig, _facts: Facts) -> Said:
    if config.tier != "production":
        return not_applicable("it is asked of production")
    found = versions(config)
    if found is None:
        return [*_of_config(config), not_at_hand("a signed attestation")]
    return [*_of_config(config), *(_of_version(config, one) for one in found)]


def _of_config(config: ProjectConfig) -> Iterator[Outcome]:
    for model in config.section("models"):
        path = f"models.{model}.attestations"
        file = text(config, path)
        if not file:
            yield failed(path, "none", "a file of attestations")
        elif config.files.get(file) is None:
            yield failed(path, f"{file}, which is not there", "a file of attestations")
        else:
            yield passed(path, file)


def _of_version(config: ProjectConfig, version: Version) -> Outcome:
    path = f"models.{version.model}.attestations"
    content = config.files.get(text(config, path)) or ""
    digest = version.text("digest").removeprefix("sha256:").lower()
    if digest and digest in {one for line in content.splitlines() for one in _subjects(line)}:
        return passed(path, version.name)
    return failed(path, f"none of {version.name}", "a signed attestation of its digest")


def _subjects(line: str) -> Iterator[str]:
    """The SHA-256 digests that a signed envelope or bundle is about, in hexadecimal."""
    try:
        bundle = mapping(json.loads(line))
        envelope = mapping(bundle.get("dsseEnvelope", bundle))
        if entries(envelope.get("signatures")):
            statement = mapping(json.loads(base64.b64decode(str(envelope.get("payload")), validate=True)))
            for subject in entries(statement.get("subject")):
                yield str(mapping(subject.get("digest")).get("sha256", "")).lower()
        signed = mapping(bundle.get("messageSignature"))
        if signed.get("signature"):
            digest = str(mapping(signed.get("messageDigest")).get("digest"))
            yield base64.b64decode(digest, validate=True).hex()
    except (ValueError, binascii.Error):
        return


_DIGEST = "0a" * 32


def _envelope(digest: str, signatures: object) -> str:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "churn", "digest": {"sha256": digest}}],
    }
    payload = base64.b64encode(json.dumps(statement).encode()).decode()
    return json.dumps({"payloadType": "application/vnd.in-toto+json", "payload": payload, "signatures": signatures})


_SIGNED = [{"keyid": "", "sig": "MEUC"}]
_BLOB = {"messageDigest": {"algorithm": "SHA2_256", "digest": base64.b64encode(bytes.fromhex(_DIGEST)).decode()}}
_CONFIG = {"models": {"churn": {"attestations": "churn.jsonl"}}}
_VERSION = {"churn": {"version": "3", "digest": f"sha256:{_DIGEST}"}}


def _example(name: str, content: str | None) -> Example:
    return Example(name=name, config=_CONFIG, evidence=_VERSION, files={"churn.jsonl": content})


RULE = ConfigRule(
    id="MLG-066",
    title="Signed attestation of what serves in production",
    severity=Severity.MEDIUM,
    scope="evidence",
    check=_check,
    relates_to=("EU-AI-Act 15(5)", "SLSA L2", "NIST-AI-RMF MANAGE 3.2"),
    packs=("governance",),
    remedy="models: {churn: {attestations: attestations/churn.jsonl}}",
    failing=(
        Example(name="no file", config={"models": {"churn": {"attestations": None}}}, evidence=_VERSION),
        _example("a file that is not there", None),
        _example("of another model", _envelope("0b" * 32, _SIGNED)),
        _example("not signed", _envelope(_DIGEST, [])),
        _example("no attestation", "not JSON\n[1]\n"),
    ),
    passing=(
        _example("an envelope", f"{_envelope('0b' * 32, _SIGNED)}\n{_envelope(_DIGEST, _SIGNED)}\n"),
        _example("a bundle", json.dumps({"dsseEnvelope": json.loads(_envelope(_DIGEST, _SIGNED))})),
        _example("a signed digest", json.dumps({"messageSignature": {**_BLOB, "signature": "MEUC"}})),
    ),
)
