"""A decision on retraining for people and as data."""

from __future__ import annotations

from dataclasses import asdict

from ...core import clock
from ...lifecycle.contract.retraining import RetrainingDecision
from ..output import Output, Style

_STYLES: dict[str, Style] = {"won": "good", "lost": "warn", "failed": "bad", "": "plain"}


def data(decision: RetrainingDecision) -> dict[str, object]:
    """A decision as JSON values."""
    return {**asdict(decision), "fired": list(decision.fired)}


def show(output: Output, decision: RetrainingDecision) -> None:
    """The decision, a line per trigger, and what became of it."""
    output.line(line(decision), _STYLES[decision.outcome] if decision.outcome else "bold")
    output.table(
        ("trigger", "", "why"),
        [(name, "fired" if name in decision.fired else "-", why) for name, why in decision.reasons.items()],
    )
    fields = [(name, str(decision.details[name])) for name in ("comparison", "why") if decision.details.get(name)]
    if decision.outcome == "won":
        fields.append(("stage", str(decision.details.get("stage") or "none yet")))
    rollouts = decision.details.get("rollouts")
    if isinstance(rollouts, dict):
        fields += [("rollout", str(said)) for said in rollouts.values()]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if fields:
        output.line()
        output.fields(fields)


def line(decision: RetrainingDecision) -> str:
    """A decision in one line: ``2026-11-28 12:00:00 +00:00  churn: retrained by drift, won: version 4``."""
    when = clock.for_people(decision.when)
    match decision.decision:
        case "no":
            return f"{when}  {decision.model}: no retraining"
        case "not now":
            asks = f"though {decision.trigger} asks for it"
            return f"{when}  {decision.model}: no retraining now, {asks}: {decision.obstacle}"
        case "retrain":
            return f"{when}  {decision.model}: {_outcome(decision)}"


def _outcome(decision: RetrainingDecision) -> str:
    if not decision.outcome:
        return f"to be trained again, by {decision.trigger}"
    what = f": version {decision.version}" if decision.outcome == "won" else ""
    return f"trained again by {decision.trigger}: the challenger {_VERBS[decision.outcome]}{what}"


_VERBS = {"won": "won", "lost": "lost", "failed": "failed"}
