"""The passphrase of the secrets in a cloud's state."""

from ....stacks.engine import passphrase
from ..diagnosis import OUTSIDE, Diagnosis, Situation


def look(situation: Situation) -> Diagnosis:
    """Where it comes from; a file that is named and cannot be read raises. It is neither shown nor tried."""
    if situation.config is None:
        return OUTSIDE if situation.root is None else Diagnosis(state="unknown", found="the config is broken")
    provider = situation.config.config.state.secrets_provider
    if situation.platform == "local":
        return Diagnosis(state="ok", found="not needed for platform: local")
    if provider not in (None, "passphrase"):
        return Diagnosis(state="ok", found="not needed: state.secrets_provider is a key of the cloud")
    found = passphrase.find(create=False)
    return Diagnosis(state="ok", found=found.source or f"none yet; the first up makes {passphrase.kept_at()}")
