"""The deployments of this project."""

from ..diagnosis import OUTSIDE, Diagnosis, Situation


def look(situation: Situation) -> Diagnosis:
    """Whether each serves."""
    if situation.layout is None or situation.config is None:
        return OUTSIDE if situation.root is None else Diagnosis(state="unknown", found="the config is broken")
    if situation.platform != "local" or not situation.layout.endpoints.is_dir():
        return Diagnosis(state="ok", found="none")
    states = situation.session.platform(situation.config).endpoints.states()
    down = [state for state in states if state.health != "ready"]
    found = ", ".join(
        f"{one.deployment.settings.name}@{one.deployment.settings.environment} {one.health}" for one in states
    )
    if not down:
        return Diagnosis(state="ok", found=found or "none", needed="ready")
    return Diagnosis(
        state="bad" if any(state.health == "unhealthy" for state in down) else "warn",
        found=found,
        needed="ready",
        fix="groundplan up; groundplan logs shows why a server does not answer.",
    )
